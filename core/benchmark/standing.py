"""Where the fit stands among its rivals, in sentences: who is better comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..baselines import OURS, title_of
from .lines import minus

Document = Mapping[str, Any]
KINDS = {
    "": "Real tasks",
    "axis": "Each task's images moved along one axis",
    "foreign": "Disturbed by what is no axis",
}
"""What was done to the images."""


@dataclass(frozen=True)
class Standing:
    """The fit beside each rival, on one kind of images with one number of labels.

    Attributes:
        kind, shots: see :func:`core.benchmark.differences.differences`.
        better, undecided, worse: entries of it: rivals that are better than the fit (the interval over tasks is below
            0), worse than it, and those whose interval holds 0; from the best one on.
        ranks: of the fit: ``value`` and ``interval``, among how many methods, on how many tasks; most methods first.
        lower: entries of the first of these groups whose mean rank is lower than that of the fit, the lowest first.
        draws: of the fit on each task.
        fewer: rivals with fewer draws on some task, and the fewest; they are held against the fit draw by draw.
        absent: rivals that were measured on other images or with other labels, and not here.
    """

    kind: str
    shots: int
    better: tuple[Document, ...]
    undecided: tuple[Document, ...]
    worse: tuple[Document, ...]
    ranks: tuple[tuple[Document, int, int], ...]
    draws: int = 0
    fewer: tuple[tuple[str, int], ...] = ()
    absent: tuple[str, ...] = ()
    lower: tuple[Document, ...] = ()

    @property
    def entries(self) -> tuple[Document, ...]:
        """All rivals, from the best one on."""
        return tuple(sorted((*self.better, *self.undecided, *self.worse), key=lambda each: float(each["value"])))


def standing(real: Document, kind: str, shots: int) -> Standing | None:
    """Read it from what ``real-tasks --json`` has written; ``None`` where nothing was measured."""
    found = [each for each in real.get("differences", ()) if (each["kind"], each["shots"]) == (kind, shots)]
    if not found:
        return None
    found.sort(key=lambda each: float(each["value"]))
    below = tuple(each for each in found if each["interval"] and each["interval"][1] < 0)
    above = tuple(each for each in found if each["interval"] and each["interval"][0] > 0)
    rest = tuple(each for each in found if each not in below and each not in above)
    groups = [each for each in real.get("ranks", ()) if (each["kind"], each["shots"]) == (kind, shots)]
    ranks = tuple(
        (each, len(group["methods"]), group["tasks"])
        for group in groups
        for each in group["methods"]
        if each["method"] == OURS
    )
    first = sorted(groups[0]["methods"], key=lambda each: float(each["value"])) if ranks else []
    lower = tuple(each for each in first if each["value"] < ranks[0][0]["value"])
    draws: dict[str, int] = {}
    for row in real.get("tasks", ()):
        if (row["kind"], row["shots"]) == (kind, shots):
            draws[row["method"]] = min(len(row["seeds"]), draws.get(row["method"], len(row["seeds"])))
    most = draws.get(OURS, 0)
    fewer = tuple((each["rival"], count) for each in found if (count := draws.get(each["rival"], most)) < most)
    here = {each["rival"] for each in found}
    absent = tuple(dict.fromkeys(each["rival"] for each in real["differences"] if each["rival"] not in here))
    return Standing(kind, shots, below, rest, above, ranks, most, fewer, absent, lower)


def sentences(found: Standing, *, brief: bool = False) -> str:
    """What is to be said, as plain text.

    Args:
        found: what is to be described.
        brief: whether rivals that are not better are only counted, where a chart has their figures.
    """
    said = []
    above = [each for each in found.undecided if each["value"] < 0]
    below = [each for each in found.undecided if each["value"] >= 0]
    if found.better:
        said.append(f"Ahead of the fit: {_listed(found.better, ahead=True)}.")
    elif not above:
        ran = " that ran" if found.absent else ""
        said.append(f"No rival{ran} is ahead of the fit on the mean.")
    if above:
        said.append(
            f"Ahead of the fit on the mean, though the interval over tasks holds 0: {_listed(above, ahead=True)}."
        )
        said += [
            f"{title_of(each['rival']).capitalize()} is ahead on each of {len(each['tasks'])} tasks."
            for each in above
            if all(task["value"] < 0 for task in each["tasks"])
        ]
    if brief:
        count, worse = len(found.entries), len(found.worse)
        said.append(f"The fit is ahead of {worse} of {count} rivals; {len(below)} more are not ahead, but undecided.")
    else:
        said += [f"Behind it on the mean, though the interval holds 0: {_listed(below)}."] if below else []
        said += [f"Behind the fit: {_listed(found.worse)}."] if found.worse else []
    places = [
        f"{with_span(rank, '{:.1f}')} among {methods} methods on {tasks} tasks" for rank, methods, tasks in found.ranks
    ]
    if places:
        named = ", ".join(f"{title_of(each['method'])} ({each['value']:.1f})" for each in found.lower)
        than = f"; lower is that of {named}" if named else "; none is lower"
        said.append(f"Its mean rank is {', and '.join(places)}{than}.")
    most = max(len(each["tasks"]) for each in found.entries)
    fewer = [each for each in found.entries if len(each["tasks"]) < most]
    if fewer:
        named = ", ".join(f"{title_of(each['rival'])} ({len(each['tasks'])})" for each in fewer)
        said.append(f"Measured on fewer than the {most} tasks, because they take long: {named}.")
    for count in sorted({count for _, count in found.fewer}):
        named = ", ".join(title_of(rival) for rival, own in found.fewer if own == count)
        said.append(f"With {count} of the {found.draws} draws, and held against the fit on these: {named}.")
    if found.absent:
        said.append(f"Not run here: {', '.join(map(title_of, found.absent))}.")
    return " ".join(said)


def with_span(figure: Document, form: str) -> str:
    """A figure with its interval, with the minus that people write."""
    span = figure["interval"]
    return minus(form.format(figure["value"]) + (f" [{', '.join(form.format(end) for end in span)}]" if span else ""))


def _listed(entries: Sequence[Document], *, ahead: bool = False) -> str:
    """Rivals, and by how many points they are behind the fit, or ahead of it."""
    said = []
    for each in entries:
        value, span = each["value"], each["interval"]
        by = {"value": -value, "interval": span and [-end for end in reversed(span)]} if ahead else each
        said.append(f"{title_of(each['rival'])} (by {with_span(by, '{:.1f}')})")
    return ", ".join(said)
