"""Certificates as a Markdown page: the yardstick first, what is certified, and under which conditions."""

from __future__ import annotations

from collections.abc import Iterator

from ..markdown import code, literal
from ..tasks.task import DEVELOPMENT, FINAL
from .feature_bank import FIXED, LEVELS, OURS, Row
from .findings import alone_bound, certified, findings, share
from .survey import Certified, Survey

_COLUMNS = (
    "task", "labels", "hold-out bound", "descriptor alone, fitted",
    *(f"descriptor alone, i = {value:g}" for value in FIXED.values()), "drawn head", "majority vote",
    "one class for all", "fresh images: nearest mean, drawn head", "descriptor",
)  # fmt: skip

_EXPLAINED = (
    "Upper bounds on the error on new images. The **descriptor** is the one that gradient descent returns for all "
    f"the labels, rounded to multiples of {1 / (LEVELS - 1):g} on every axis; which of these it is, is paid for in "
    "every column but that of the hold-out bound and those of i = 0.5 and i = 0, where nothing was fitted. *Hold-out "
    "bound*, the yardstick: descriptor and head fitted to one half of the labels, the other half a plain test set "
    "(Clopper and Pearson). *Descriptor alone*: the nearest class mean of one half, certified on the other; its only "
    "complexity is the descriptor (Occam's razor bound). *Drawn head*: a linear head drawn anew for each image "
    "(PAC-Bayes); its deterministic *majority vote* is only certified at twice that."
)


def report(found: Survey, axes: tuple[str, ...]) -> str:
    """The text.

    Args:
        axes: names of the descriptor's K coordinates.
    """
    lines = [
        "# Certificates",
        "",
        f"Made by {code(found.command)} on {found.date} in {found.seconds:.0f} s (checkpoint `{found.checkpoint}`, "
        f"seed {found.seed}). Each certificate, taken by itself, fails for at most {found.delta:.0%} of the samples "
        "that could have been drawn. *Vacuous*: naming one class for all would be promised as little.",
        "",
        _EXPLAINED,
        "",
    ]
    for title, tasks in _kinds(found):
        lines += [f"## {title}", "", *_table(tasks, axes), ""]
        if told := findings(tasks):
            lines += [*(f"- {literal(sentence)}" for sentence in told), ""]
    lines += [
        "## Fewer labels, other priors, other methods",
        "",
        "| task | labels | prior | method | hold-out bound | descriptor alone | drawn head | empirical | fresh images "
        "| KL, nats | numbers fitted |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        *(_line(task, row) for task in found.tasks for row in task.rows),
        "",
        "Prior *half*: fitted to one half of the labels, the other half is certified. Prior *initial*: nothing was "
        "fitted before, all labels are certified. In both the fitted descriptor is paid for.",
        "",
        "## Conditions",
        "",
    ]
    for task in found.tasks:
        lines += [f"**{literal(task.name)}**", "", *(f"- {literal(each)}" for each in task.best(OURS).conditions), ""]
    if found.others:
        lines += ["## Not certified", "", *(f"- {literal(sentence)}" for sentence in left_out(found)), ""]
    return "\n".join(lines)


def left_out(found: Survey) -> list[str]:
    """Tasks without a certificate, a sentence for each reason."""
    reasons = dict.fromkeys(why for _, why in found.others)
    return [f"{', '.join(name for name, own in found.others if own == why)}: {why}" for why in reasons]


def _kinds(found: Survey) -> Iterator[tuple[str, list[Certified]]]:
    """Real tasks first, then the made ones on which nothing was chosen, then those on which objectives were."""
    for title, real, stage in (
        ("Real tasks", True, None),
        ("Made tasks, on which no objective or default was chosen", False, FINAL),
        ("Made tasks, on which objectives and defaults were chosen", False, DEVELOPMENT),
    ):
        tasks = [task for task in found.tasks if task.real == real and stage in (None, task.stage)]
        if tasks:
            yield title, tasks


def _table(tasks: list[Certified], axes: tuple[str, ...]) -> list[str]:
    lines = [f"| {' | '.join(_COLUMNS)} |", "|" + "---|" * len(_COLUMNS)]
    for task in tasks:
        row = task.best(OURS)
        where = ", ".join(f"{name} {value:g}" for name, value in zip(axes, row.descriptor or (), strict=False))
        others = [task.best(method) if method in task.methods() else None for method in FIXED]
        alone = row.alone.fresh if row.alone else None
        cells = (
            literal(task.name), f"{row.labels:,}", certified(row, row.held_out_bound), certified(row, alone_bound(row)),
            *(certified(each, alone_bound(each)) if each else "" for each in others), certified(row, row.point.bound),
            certified(row, row.vote), share(row.point.chance), f"{share(alone)}, {share(row.point.held_out)}", where,
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _line(task: Certified, row: Row) -> str:
    point = row.point
    return (
        f"| {literal(task.name)} | {row.labels:,} | {point.prior} | {point.method} "
        f"| {certified(row, row.held_out_bound)} | {certified(row, alone_bound(row))} | {certified(row, point.bound)} "
        f"| {share(point.gibbs)} | {share(point.held_out)} "
        f"| {point.kl:,.1f} | {point.parameters:,} |"
    )
