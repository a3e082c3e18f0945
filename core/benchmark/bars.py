"""What a shipped model has to reach, and what stored measurements say about it, as one Markdown table."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..assets import asset
from ..evaluation.tables import BARS, BARS_ALSO, Bar
from ..markdown import code, literal
from .real_tasks import FROZEN

Document = Mapping[str, Any]

BEGIN, END = "<!-- bars: written by a command -->", "<!-- end of bars -->"
"""What the table stands between in a file."""

FILES = {
    "evaluate": "evaluation.json",
    "real-tasks": "real_tasks.json",
    "bench": "costs.json",
    "bench-drag": "page.json",
}
"""The files of the measurements in ``assets/``, by the command that writes them with --json."""
HEAD = ("figure", "must", "aim", "measured [95 % interval]", "command", "reached")

TASKS, WORST = Bar(-1, 3), Bar(-5, 0)
MOVED = Bar(3, 10)
MIDDLE = Bar(2, 5)
PROBE = Bar(0.70, 0.85, percent=True)
CORNERS = Bar(5, 20)
COSTS: dict[str, tuple[str, Bar, str]] = {
    "size": ("checkpoint with its stem, MB", Bar(25, 12, least=False), "{:.1f}"),
    "task": ("200 images of 10 classes, from files to the fitted task, s", Bar(6, 2, least=False), "{:.2f}"),
    "weights": (
        "weights for one descriptor / stem and tail for 64 pictures",
        Bar(0.02, 0.01, least=False, percent=True),
        "{:.2%}",
    ),
}
"""Of the costs: title, bar, and form of what was measured."""
DRAG = Bar(100, 60, least=False)
NEW = Bar(2, 1, least=False)

_EVALUATED = (
    ("control", "control, own metric, others at 0.5; the worst axis", "{:.1f}"),
    ("control_at_0", "the same, others at 0", "{:.1f}"),
    ("control_at_1", "the same, others at 1", "{:.1f}"),
    ("control_whitened", "control, whitened; the worst axis", "{:.2f}"),
    ("decodability", "decodability kept minus ignored; the worst axis", "{:.2f}"),
    ("left", "left at i = 1; the worst axis", "{:.2f}"),
)
_AFTER = (("onset", "onset: distance from i at ¼, ½, ¾; the worst axis", "{:.2f}"),)
_SINGLE = (
    ("leakage", "leakage, whitened", "{:.1%}"),
    ("effective_rank", "effective rank at the worst corner", "{:.1f}"),
)


_ORDER = ("✗", "✓", "✓✓")
"""Marks of :class:`core.evaluation.tables.Bar`, from the worst."""


@dataclass(frozen=True)
class Line:
    """A row, as Markdown: ``mark`` is ✗, ✓ (what must be), ✓✓ (the aim too), or "–" where nothing was measured."""

    figure: str
    must: str
    aim: str
    measured: str
    source: str
    mark: str

    @property
    def cells(self) -> tuple[str, ...]:
        """In the order of :data:`HEAD`."""
        return (self.figure, self.must, self.aim, self.measured, code(self.source), self.mark)


def stored(folder: Path | None = None) -> dict[str, Document]:
    """The measurements that are there, by command.

    Args:
        folder: of :data:`FILES`; default: the shipped ones.

    Raises:
        ValueError: one cannot be read.
    """
    places = {name: folder / file if folder else asset(file) for name, file in FILES.items()}
    return {name: _read(place, name) for name, place in places.items() if place.is_file()}


def lines(documents: Mapping[str, Document]) -> list[Line]:
    """All rows.

    Args:
        documents: by the command that writes them (``evaluate``, ``real-tasks``, ``bench``, ``bench-drag``); what is
            missing is a row that says so.

    Raises:
        ValueError: they are of several checkpoints.
        KeyError, TypeError: one is something else.
    """
    digests = {name: document["checkpoint"] for name, document in documents.items()}
    if len(set(digests.values())) > 1:
        said = ", ".join(f"{name}: {digest}" for name, digest in digests.items())
        raise ValueError(f"The measurements are of several checkpoints ({said}). Make them all of one.")
    evaluation, real, costs, page = (
        documents.get(name, {}) for name in ("evaluate", "real-tasks", "bench", "bench-drag")
    )
    found = [*_of_tasks(real), _probe(real)]
    found += [_per_axis(evaluation, key, BARS[key], title, form) for key, title, form in _EVALUATED]
    found += _also(evaluation)
    found += [_per_axis(evaluation, key, BARS[key], title, form) for key, title, form in _AFTER]
    found += [_single(evaluation, key, title, form) for key, title, form in _SINGLE]
    found += [_cost(costs, "size"), _drag(page), _new(page), _cost(costs, "task"), _corners(real)]
    return [*found, _cost(costs, "weights")]


def table(documents: Mapping[str, Document]) -> str:
    """Markdown: the rows, and below them the commands that measured them; see :func:`lines`."""
    rows = [HEAD, *(line.cells for line in lines(documents))]
    written = ["| " + " | ".join(row) + " |" for row in rows]
    digests = dict.fromkeys(str(document["checkpoint"]) for document in documents.values())
    about = [
        f"- {code(name)}: {code(str(document['command']))}, {document['date']}" for name, document in documents.items()
    ]
    of = f"Of checkpoint {', '.join(map(code, digests))}, measured by:" if digests else "Nothing was measured."
    return "\n".join([written[0], "|" + "---|" * len(HEAD), *written[1:], "", of, "", *about]).rstrip()


def placed(text: str, made: str) -> str:
    """A text with what was made between its two markers.

    Raises:
        ValueError: it has them not, or not in this order.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The table has no place: the file needs a line {BEGIN} and, below it, a line {END}.")
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{after}"


def _of_tasks(real: Document) -> Iterator[Line]:
    """Differences in points between the fit and what is held against it."""
    shots = f"{real['settings']['shots']} labels a class" if real else "few labels a class"
    rows = (
        (f"real tasks, {shots}, fitted descriptor − frozen backbone, points", FROZEN, False, TASKS, WORST),
        ("the same, each task's images moved along one axis", FROZEN, True, MOVED, None),
        ("the same tasks, fitted − i = 0.5", "i=0.5", False, MIDDLE, None),
    )
    for title, rival, moved, bar, worst in rows:
        found = [each for each in real.get("differences", ()) if (each["rival"], each["moved"]) == (rival, moved)]
        must, aim = (f"mean {bar.said(bound)}" for bound in (bar.must, bar.aim))
        if worst:
            must, aim = f"{must}, every task {worst.said(worst.must)}", f"{aim}, every task {worst.said(worst.aim)}"
        if not found:
            yield Line(title, must, aim, *_nothing("real-tasks"))
            continue
        lowest = min(found[0]["tasks"], key=lambda task: task["value"])
        marks = [bar.mark(found[0]["value"])] + ([worst.mark(lowest["value"])] if worst else [])
        least = _minus(f"{lowest['value']:+.1f}")
        measured = f"{_with(found[0], '{:+.1f}')}; lowest {literal(lowest['task'])}, {least}"
        yield Line(title, must, aim, measured, "real-tasks", min(marks, key=_ORDER.index))


def _probe(real: Document) -> Line:
    title, found = "linear probe from a folder of images", real.get("probe")
    if not found:
        return _line(title, PROBE, None, "", "real-tasks")
    title = f"linear probe of {' and '.join(map(literal, found['images']))}, {found['labels']:,} labels"
    own = found[FROZEN]
    rival = f"; frozen backbone {own['value']:.1%}" if own else ""
    return _line(title, PROBE, found["value"], _with(found, "{:.1%}") + rival, "real-tasks")


def _per_axis(evaluation: Document, key: str, bar: Bar, title: str, form: str) -> Line:
    """Every axis has to reach it, so the worst one is shown."""
    found = evaluation.get(key)
    return _worst(found, evaluation.get("axes", ()), bar, title, form)


def _worst(found: Document | None, axes: Sequence[str], bar: Bar, title: str, form: str) -> Line:
    if not found:
        return _line(title, bar, None, "", "evaluate")
    values = [_number(value, bar) for value in found["value"]]
    worst = (min if bar.least else max)(range(len(values)), key=values.__getitem__)
    low, high = found["interval"][worst]
    reached = sum(bar.reached(value, bar.must) for value in values)
    spread = _with({"value": values[worst], "interval": (low, high)}, form)
    measured = f"{spread}, {literal(axes[worst])}; {reached} of {len(values)} axes reach it"
    return _line(title, bar, values[worst], measured, "evaluate")


def _also(evaluation: Document) -> Iterator[Line]:
    """What is left on other kinds of images."""
    bar, sets = BARS_ALSO["left"], evaluation.get("also", ())
    for each in sets:
        yield _worst(each["left"], evaluation["axes"], bar, f"left at i = 1 on {literal(each['images'])}", "{:.2f}")
    if not sets:
        yield _line("left at i = 1 on other kinds of images", bar, None, "", "evaluate")


def _single(evaluation: Document, key: str, title: str, form: str) -> Line:
    found = evaluation.get(key)
    value = _number(found["value"], BARS[key]) if found else None
    return _line(title, BARS[key], value, _with(found, form) if found else "", "evaluate")


def _cost(costs: Document, key: str) -> Line:
    title, bar, form = COSTS[key]
    found = [each["value"] for each in costs.get("costs", ()) if each["key"] == key]
    return _line(title, bar, found[0] if found else None, form.format(found[0]) if found else "", "bench")


def _drag(page: Document) -> Line:
    """With one tab; the others beside it."""
    title, drags = "slider to screen while dragging, p95, ms", page.get("drag", ())
    if not drags:
        return _line(title, DRAG, None, "", "bench-drag")
    values = [(each["name"], _number(each["p95_ms"], DRAG)) for each in drags]
    (first, value), *others = values
    measured = f"{value:.0f} with {literal(first)}" + "".join(
        f"; {other:.0f} {literal(name)}" for name, other in others
    )
    return _line(title, DRAG, value, measured, "bench-drag")


def _new(page: Document) -> Line:
    title, found = "a new picture, to the complete Explore page, s", page.get("new_picture_s", ())
    if not found:
        return _line(title, NEW, None, "", "bench-drag")
    value = statistics.median(found)
    measured = f"{value:.2f} (median of {len(found)}; {min(found):.2f} to {max(found):.2f})"
    return _line(title, NEW, value, measured, "bench-drag")


def _corners(real: Document) -> Line:
    """Time where the fit scores no lower; that has to be so in half of the runs at least."""
    title, found = "time of all 64 corners / of the fit, at no lower score", real.get("corners")
    if not found:
        return _line(title, CORNERS, None, "", "real-tasks")
    often = f"{found['as_good']} of {found['runs']} runs"
    gains = _with(found["gain"], "{:+.1f}")
    ratio = "" if found["value"] is None else f"{_with(found, '{:.1f}')} "
    value = found["value"] if 2 * found["as_good"] >= found["runs"] else -math.inf
    return _line(title, CORNERS, value, f"{ratio}in {often}; {gains} points over all runs", "real-tasks")


def _line(title: str, bar: Bar, value: float | None, measured: str, source: str) -> Line:
    """A row of one bar; ``None``: not measured."""
    must, aim = bar.said(bar.must), bar.said(bar.aim)
    if value is None:
        return Line(title, must, aim, *_nothing(source))
    return Line(title, must, aim, measured, source, bar.mark(value))


def _nothing(source: str) -> tuple[str, str, str]:
    return "not measured", source, "–"


def _number(value: float | None, bar: Bar) -> float:
    """A figure as it was before it was written: what is no number in a file was none, and reaches nothing."""
    return (-math.inf if bar.least else math.inf) if value is None else value


def _with(figure: Mapping[str, Any], form: str) -> str:
    """A figure with its interval, if it has one."""
    span = figure["interval"]
    ends = ", ".join("–" if each is None else form.format(each) for each in span or ())
    return _minus(form.format(figure["value"]) + (f" [{ends}]" if span else ""))


def _minus(text: str) -> str:
    """Numbers with the sign that people write."""
    return text.replace("-", "−")


def _read(path: Path, name: str) -> Document:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as JSON ({error}). Make it with '{name} --json'.") from None
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds no measurements. Make it with '{name} --json'.")
    return found
