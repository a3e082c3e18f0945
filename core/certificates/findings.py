"""What certificates of several tasks say together: sentences, each computed from the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .feature_bank import FIXED, OURS, Row
from .survey import Certified

MARGIN = 0.10
"""Below the error of one class for all: from here on a certificate is counted as one that promises something."""

WHY_THE_OTHERS = (
    "What the others have over it: they are about the descriptor that all the labels have chosen, the one that is "
    "used. The hold-out bound is about another one, fitted to half of them, and holds for one attempt: whoever looks "
    "and tries again needs new labels."
)
"""Beside a hold-out bound that is lower than the certificates."""


def findings(tasks: Sequence[Certified]) -> list[str]:
    """Sentences about the most labels of every task; none without a task."""
    if not tasks:
        return []
    ours = [task.best(OURS) for task in tasks]
    return [
        _yardstick(ours),
        *_against(tasks, "By the hold-out bound, fitting the descriptor", lambda row: row.held_out_bound),
        *_against(tasks, "With the descriptor as the only complexity, fitting it", alone_bound),
        *_against(tasks, "With a drawn head on top, fitting it", lambda row: row.point.bound),
        _margins(ours),
        _others(tasks, ours),
        *_exceeded(tasks),
    ]


def alone_bound(row: Row) -> float | None:
    """What is certified of the descriptor alone, if that was."""
    return row.alone.bound if row.alone else None


def certified(row: Row, bound: float | None) -> str:
    """A bound on a row's images, whether it is vacuous there, or nothing where there is none."""
    return share(bound) + (" (vacuous)" if bound is not None and bound >= row.point.chance else "")


def share(value: float | None) -> str:
    """A rate to a tenth of a per cent, or nothing."""
    return "" if value is None else f"{value:.1%}"


def _yardstick(ours: Sequence[Row]) -> str:
    pairs = [(row.held_out_bound, row) for row in ours if row.held_out_bound is not None]
    drawn = sum(plain < row.point.bound for plain, row in pairs)
    alone = sum(row.alone is not None and plain < row.alone.bound for plain, row in pairs)
    return (
        f"The hold-out bound is lower than the certificate of the drawn head on {drawn} of {_tasks(len(pairs))}, and "
        f"lower than that of the descriptor alone on {alone}. {WHY_THE_OTHERS}"
    )


def _against(tasks: Sequence[Certified], begin: str, bound: Callable[[Row], float | None]) -> Iterator[str]:
    """A sentence for each descriptor that was fixed beforehand, if it was certified."""
    for method, value in FIXED.items():
        known = [task for task in tasks if method in task.methods()]
        pairs = [(task.name, bound(task.best(OURS)), bound(task.best(method))) for task in known]
        if found := [(name, ours, other) for name, ours, other in pairs if ours is not None and other is not None]:
            yield _compared(f"{begin} instead of taking i = {value:g}", found)


def _compared(begin: str, found: Sequence[tuple[str, float, float]]) -> str:
    """Which tasks are certified lower with the fitted descriptor than with the other one, and which higher."""

    def named(which: Callable[[float, float], bool]) -> list[str]:
        return [f"{name} ({other:.1%} → {ours:.1%})" for name, ours, other in found if which(ours, other)]

    lower, higher = named(lambda ours, other: ours < other), named(lambda ours, other: ours > other)
    parts = [
        f"{verb} the certified error of {len(names)} of {_tasks(len(found))}: {', '.join(names)}"
        for verb, names in (("lowers", lower), ("raises", higher))
        if names
    ]
    return f"{begin} {'; it '.join(parts)}." if parts else f"{begin} changes no certified error."


def _margins(ours: Sequence[Row]) -> str:
    lines = []
    kinds: tuple[tuple[str, Callable[[Row], float]], ...] = (
        ("of the descriptor alone", lambda row: row.alone.bound if row.alone else 1.0),
        ("of the drawn head", lambda row: row.point.bound),
        ("of the majority vote", lambda row: row.vote),
    )
    for title, bound in kinds:
        count = sum(bound(row) <= row.point.chance - MARGIN for row in ours)
        lines.append(f"{title} on {count} of {len(ours)}")
    least = f"At least {100 * MARGIN:.0f} points below the error of one class for all"
    return f"{least} lies the certificate {', '.join(lines)}."


def _others(tasks: Sequence[Certified], ours: Sequence[Row]) -> str:
    held = [row for row in ours if row.point.held_out is not None and row.point.held_out <= row.point.bound]
    alone = [row.alone for row in ours if row.alone and row.alone.fresh is not None]
    kept = sum(each.fresh <= each.bound for each in alone if each.fresh is not None)
    initial = sum(not task.best(OURS, "initial").point.vacuous for task in tasks)
    silent = sum((task.best(OURS, "initial").uniform or 0) >= 1 for task in tasks)
    return (
        f"On fresh images {len(held)} of {len(ours)} certificates of the drawn head and {kept} of {len(alone)} of the "
        f"fitted descriptor alone hold. With a prior that saw no label {initial} say something; the papers' kind of "
        f"bound (Rademacher, by margins) says nothing on {silent} of {_tasks(len(tasks))}."
    )


def _exceeded(tasks: Sequence[Certified]) -> Iterator[str]:
    """Nearest class means of whatever descriptor and number of labels that fared worse than certified, if any did."""
    known = [
        (f"{task.name}, {row.point.method} and {row.labels} labels", row.alone.fresh, row.alone.bound, task.tests)
        for task in tasks
        for row in task.rows
        if row.alone and row.alone.fresh is not None
    ]
    worse = [
        f"{name} ({share(fresh)} for {share(bound)}, {tests} images)"
        for name, fresh, bound, tests in known
        if fresh > bound
    ]
    if worse:
        yield (
            f"With fewer labels and fixed descriptors, too, {len(known) - len(worse)} of {len(known)} certificates of "
            "a descriptor alone hold on fresh images, whose errors are no more than estimates and are shared by the "
            f"rows of a task; they do not for {'; '.join(worse)}."
        )


def _tasks(count: int) -> str:
    return f"{count} task{'s' if count != 1 else ''}"
