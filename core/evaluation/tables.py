"""Evaluation results as rows of text, for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..markdown import literal

_PER_AXIS = (
    ("control", "control, own metric: V(0) / V(1)", "{:.1f}"),
    ("control_at_0", "control, own metric, others at 0", "{:.1f}"),
    ("control_at_1", "control, own metric, others at 1", "{:.1f}"),
    ("control_whitened", "control, whitened (M1): V(0) / V(1)", "{:.2f}"),
    ("control_whitened_at_0", "control, whitened, others at 0", "{:.2f}"),
    ("control_whitened_at_1", "control, whitened, others at 1", "{:.2f}"),
    ("decodability", "decodability (M3): R²(0) − R²(1)", "{:.2f}"),
    ("left", "left at i = 1: R²(1)", "{:.2f}"),
    ("onset", "onset, largest distance from i at ¼, ½, ¾", "{:.2f}"),
    ("monotone", "Spearman, the worse of both metrics", "{:.2f}"),
)
_ALSO = (
    ("decodability", "decodability (M3) on {}: R²(0) − R²(1)", "{:.2f}"),
    ("left", "left at i = 1 on {}: R²(1)", "{:.2f}"),
)
_SINGLE = (
    ("leakage", "leakage, whitened", "{:.1%}"),
    ("leakage_own", "leakage, own metric", "{:.1%}"),
    ("effective_rank", "effective rank, worst corner", "{:.1f}"),
    ("identity_retrieval", "identity retrieval at i = 1", "{:.1%}"),
    ("linear_probe", "linear probe, best corner", "{:.1%}"),
)
REFERENCES = {
    "untrained": "untrained network",
    "frozen": "frozen backbone",
    "plain": "plain SimCLR",
    "pixels": "raw pixels",
}
"""What a model is compared with, by its name in a document, in the order of the columns."""


@dataclass(frozen=True)
class Bar:
    """What a figure must reach, and what it should.

    Attributes:
        must, aim: numbers; without an aim, what must be is enough.
        least: whether more is better.
        percent: whether the numbers are said in per cent.
    """

    must: float
    aim: float | None = None
    least: bool = True
    percent: bool = False

    def reached(self, value: float, bound: float) -> bool:
        """Whether a value is as good as ``bound``."""
        return value >= bound if self.least else value <= bound

    def mark(self, value: float) -> str:
        """✗ below what must be, ✓ from there, ✓✓ where the aim is reached too."""
        if not self.reached(value, self.must):
            return "✗"
        return "✓✓" if self.aim is not None and self.reached(value, self.aim) else "✓"

    def said(self, bound: float | None) -> str:
        """Such as "≥ 5"."""
        if bound is None:
            return "–"
        number = f"{100 * bound:g} %" if self.percent else f"{bound:g}"
        return f"{'≥' if self.least else '≤'} {number.replace('-', '−')}"


BARS: dict[str, Bar] = {
    "control": Bar(5, 20),
    "control_at_0": Bar(3, 20),
    "control_at_1": Bar(3, 20),
    "control_whitened": Bar(1.5, 4),
    "control_whitened_at_0": Bar(1.5, 4),
    "control_whitened_at_1": Bar(1.5, 4),
    "decodability": Bar(0.3, 0.6),
    "left": Bar(0.1, 0.03, least=False),
    "onset": Bar(0.2, 0.05, least=False),
    "monotone": Bar(-0.95, least=False),
    "leakage": Bar(0.35, 0.15, least=False, percent=True),
    "effective_rank": Bar(40, 100),
    "identity_retrieval": Bar(0.7, percent=True),
    "linear_probe": Bar(0.7, 0.85, percent=True),
}
"""What a shipped model must reach, by figure; set before it was trained."""

BARS_ALSO: dict[str, Bar] = {"left": Bar(0.3, 0.1, least=False)}
"""The same on further sets, whose kinds of images it may never have seen."""


def columns(document: dict[str, Any]) -> tuple[str, ...]:
    """Headings of :func:`rows`: figure, axis, model, and a reference each."""
    return ("figure", "axis", "model", *(title for _, title in _references(document)))


def rows(document: dict[str, Any], written: Callable[[str], str] = str) -> list[tuple[str, ...]]:
    """A cell per heading of :func:`columns` for each line of an evaluation document.

    Args:
        document: written by ``evaluate --json``.
        written: how a name from outside is written where the lines go; default: as it is.
    """
    found = [each for each, _ in _references(document)]
    axes = list(enumerate(document["axes"]))
    lines: list[tuple[str, ...]] = []
    for key, title, form in _PER_AXIS:
        if key in document:
            lines += [(title, axis, *_cells(document, found, key, form, number)) for number, axis in axes]
    for place, descriptor in enumerate(document.get("cosine", {}).get("descriptors", ())):
        for number, axis in axes:
            cells = (_cosine(each.get("cosine"), place, number) for each in (document, *found))
            lines.append((f"cosine invariance (M2), {descriptor}", axis, *cells))
    for each in document.get("also", ()):
        for key, title, form in _ALSO:
            said, empty = title.format(written(each["images"])), ("–",) * len(found)
            lines += [(said, axis, _cell(each[key], form, n), *empty) for n, axis in axes]
    return lines + [(title, "", *_cells(document, found, key, form, None)) for key, title, form in _SINGLE]


def markdown(document: dict[str, Any]) -> str:
    """The same as a Markdown table."""
    return "\n".join(_table(columns(document), rows(document, literal)))


def verdicts(document: dict[str, Any]) -> str:
    """Markdown: each figure against its bar (:data:`BARS`), one table per axis and one for the rest."""
    lines = _table(("figure", "must", "aim", *document["axes"]), _judged(document))
    head = ("figure", "must", "aim", "measured [95 % interval]")
    references = _references(document)
    cells = []
    for key, title, form in _SINGLE:
        if key in BARS and document.get(key):
            bar = BARS[key]
            others = [form.format(each[key]["value"]) if each.get(key) else "–" for each, _ in references]
            measured = f"{_cell(document[key], form, None)} {bar.mark(document[key]['value'])}"
            cells.append((title, bar.said(bar.must), bar.said(bar.aim), measured, *others))
    return "\n".join([*lines, "", *_table((*head, *(title for _, title in references)), cells)])


def _judged(document: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Figures that exist for each axis, with their marks."""
    judged = [(document[key], BARS[key], title, form) for key, title, form in _PER_AXIS if key in document]
    for each in document.get("also", ()):
        forms = ((key, title.format(literal(each["images"])), form) for key, title, form in _ALSO)
        judged += [(each[key], BARS_ALSO[key], title, form) for key, title, form in forms if key in BARS_ALSO]
    for figure, bar, title, form in judged:
        cells = (f"{form.format(value)} {bar.mark(value)}" for value in figure["value"])
        yield (title, bar.said(bar.must), bar.said(bar.aim), *cells)


def _references(document: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    found = document.get("references", {})
    return [(found[name], title) for name, title in REFERENCES.items() if name in found]


def _table(head: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> list[str]:
    written = ["| " + " | ".join(line) + " |" for line in (head, *lines)]
    return [written[0], "|" + "---|" * len(head), *written[1:]]


def _cells(
    document: dict[str, Any], references: list[dict[str, Any]], key: str, form: str, number: int | None
) -> list[str]:
    return [_cell(each.get(key), form, number) for each in (document, *references)]


def _cosine(figure: dict[str, Any] | None, place: int, number: int) -> str:
    """A cell of M2; what is deaf has one row for all descriptors."""
    if not figure:
        return "–"
    place = min(place, len(figure["value"]) - 1)
    flat = {key: figure[key][place] for key in ("value", "interval")}
    return _cell(flat, "{:.2f}", number) + (" collapsed" if figure["collapsed"][place] else "")


def _cell(figure: dict[str, Any] | None, form: str, number: int | None) -> str:
    if not figure:
        return "–"
    value, (low, high) = (
        (figure["value"], figure["interval"])
        if number is None
        else (figure["value"][number], figure["interval"][number])
    )
    return f"{form.format(value)} [{form.format(low)}, {form.format(high)}]"
