"""What certificates of several tasks say together: sentences, each computed from the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .feature_bank import HEAD, OURS, Row
from .survey import Certified

MARGIN = 0.10
"""Below the error of one class for all: from here on a certificate is counted as one that promises something."""


def findings(tasks: Sequence[Certified]) -> list[str]:
    """Sentences about the most labels of every task; none without a task."""
    if not tasks:
        return []
    ours = [task.best(OURS) for task in tasks]
    return [
        _yardstick(ours),
        _held(tasks),
        _alone(tasks),
        _drawn(tasks),
        _margins(ours),
        _others(tasks, ours),
    ]


def certified(row: Row) -> str:
    """The certified error, or that it is vacuous."""
    return f"{row.point.bound:.1%}" + (" (vacuous)" if row.point.vacuous else "")


def share(value: float | None) -> str:
    """A rate to a tenth of a per cent, or nothing."""
    return "" if value is None else f"{value:.1%}"


def _yardstick(ours: Sequence[Row]) -> str:
    pairs = [(row.held_out_bound, row) for row in ours if row.held_out_bound is not None]
    drawn = sum(plain < row.point.bound for plain, row in pairs)
    alone = sum(row.alone is not None and plain < row.alone.bound for plain, row in pairs)
    return (
        f"The hold-out bound is lower than the certificate of the drawn head on {drawn} of {_tasks(len(pairs))}, and "
        f"lower than that of the descriptor alone on {alone}. What the others have over it: they are about the "
        "descriptor that all the labels have chosen, the one that is used. The hold-out bound is about another one, "
        "fitted to half of them, and holds for one attempt: whoever looks and tries again needs new labels."
    )


def _held(tasks: Sequence[Certified]) -> str:
    pairs = ((task.name, task.best(OURS).held_out_bound, task.best(HEAD).held_out_bound) for task in tasks)
    found = [(name, ours, head) for name, ours, head in pairs if ours is not None and head is not None]
    return _compared("By the hold-out bound, fitting the descriptor", found)


def _alone(tasks: Sequence[Certified]) -> str:
    found = [
        (task.name, ours.alone.bound, head.alone.bound)
        for task, ours, head in ((task, task.best(OURS), task.best(HEAD)) for task in tasks)
        if ours.alone and head.alone
    ]
    return _compared("With the descriptor as the only complexity, fitting it", found)


def _drawn(tasks: Sequence[Certified]) -> str:
    found = [(task.name, task.best(OURS).point.bound, task.best(HEAD).point.bound) for task in tasks]
    return _compared("With a drawn head on top, fitting it", found)


def _compared(begin: str, found: Sequence[tuple[str, float, float]]) -> str:
    """Which tasks are certified lower with the fitted descriptor than with i = 0.5, and which higher."""

    def named(which: Callable[[float, float], bool]) -> list[str]:
        return [f"{name} ({head:.1%} → {ours:.1%})" for name, ours, head in found if which(ours, head)]

    lower, higher = named(lambda ours, head: ours < head), named(lambda ours, head: ours > head)
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
        f"descriptor alone hold. With a prior that saw no label {initial} say something; the papers' kind of bound "
        f"(Rademacher, by margins) says nothing on {silent} of {_tasks(len(tasks))}."
    )


def _tasks(count: int) -> str:
    return f"{count} task{'s' if count != 1 else ''}"
