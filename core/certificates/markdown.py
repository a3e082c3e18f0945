"""Certificates as a Markdown page: what is certified, what the yardstick says, and under which conditions."""

from __future__ import annotations

from ..markdown import code, literal
from .feature_bank import HEAD, OURS, Row
from .survey import Certified, Survey

_COLUMNS = (
    "task", "labels", "certified error", "one class for all", "empirical", "fresh images", "hold-out bound",
    "KL, nats", "descriptor",
)  # fmt: skip


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
        "## The fitted descriptor",
        "",
        "Half of the labels choose descriptor and prior, the other half is certified. *Hold-out bound*: what the same "
        "certified images promise for an ordinary head if they are kept as a plain test set.",
        "",
        *_table([(task, task.best(OURS)) for task in found.tasks], axes),
        "",
        *summary(found),
        "",
        "## Fewer labels, other priors, other methods",
        "",
        "| task | labels | prior | method | certified error | empirical | fresh images | KL, nats | numbers fitted |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_line(task, row) for task in found.tasks for row in task.rows),
        "",
        "Prior *half*: fitted to one half of the labels, the other half is certified. Prior *initial*: nothing was "
        "fitted before, all labels are certified, and the descriptor's choice is paid for.",
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


def summary(found: Survey) -> list[str]:
    """What all tasks together say, computed."""
    ours = [task.best(OURS) for task in found.tasks]
    if not ours:
        return []
    told = [row for row in ours if not row.point.vacuous]
    lower = [row for row in ours if row.held_out_bound is not None and row.held_out_bound < row.point.bound]
    held = [row for row in ours if row.point.held_out is not None and row.point.held_out <= row.point.bound]
    better = [task for task in found.tasks if task.best(OURS).point.bound < task.best(HEAD).point.bound]
    initial = {
        method: sum(not task.best(method, "initial").point.vacuous for task in found.tasks) for method in (OURS, HEAD)
    }
    count = len(ours)
    silent = sum((task.best(OURS, "initial").uniform or 0) >= 1 for task in found.tasks)
    return [
        f"- {len(told)} of {count} certificates say something; {len(held)} of {count} hold on the fresh images.",
        f"- The hold-out bound is lower than the certificate in {len(lower)} of {count} tasks.",
        f"- The fitted descriptor is certified lower than i = 0.5 in {len(better)} of {count} tasks.",
        f"- With a prior that saw no label, {initial[OURS]} of {count} certificates of the fitted descriptor say "
        f"something, and {initial[HEAD]} of those at i = 0.5.",
        f"- The papers' kind of bound (Rademacher, by margins) says nothing in {silent} of {count} tasks.",
    ]


def _table(rows: list[tuple[Certified, Row]], axes: tuple[str, ...]) -> list[str]:
    lines = [f"| {' | '.join(_COLUMNS)} |", "|" + "---|" * len(_COLUMNS)]
    for task, row in rows:
        point = row.point
        where = ", ".join(f"{name} {value:g}" for name, value in zip(axes, row.descriptor or (), strict=False))
        cells = (
            literal(task.name), f"{row.labels:,}", certified(row), _share(point.chance), _share(point.gibbs),
            _share(point.held_out), _share(row.held_out_bound), f"{point.kl:.1f}", where,
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _line(task: Certified, row: Row) -> str:
    point = row.point
    return (
        f"| {literal(task.name)} | {row.labels:,} | {point.prior} | {point.method} | {certified(row)} "
        f"| {_share(point.gibbs)} | {_share(point.held_out)} | {point.kl:,.1f} | {point.parameters:,} |"
    )


def certified(row: Row) -> str:
    """The certified error, or that it is vacuous."""
    return f"{row.point.bound:.1%}" + (" (vacuous)" if row.point.vacuous else "")


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
