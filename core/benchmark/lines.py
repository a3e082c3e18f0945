"""A row of the bars' table, and how its figures are written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..evaluation.tables import Bar
from ..markdown import code

ORDER = ("✗", "✓", "✓✓")
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
        """In the order of :data:`core.benchmark.bars.HEAD`."""
        return (self.figure, self.must, self.aim, self.measured, code(self.source), self.mark)


def line(title: str, bar: Bar, value: float | None, measured: str, source: str) -> Line:
    """A row of one bar; ``None``: not measured."""
    must, aim = bar.said(bar.must), bar.said(bar.aim)
    if value is None:
        return Line(title, must, aim, *lacking(source))
    return Line(title, must, aim, measured, source, bar.mark(value))


def lacking(source: str) -> tuple[str, str, str]:
    """The cells of a figure that nobody has measured."""
    return "not measured", source, "–"


def number(value: float | None, bar: Bar) -> float:
    """A figure as it was before it was written: what is no number in a file was none, and reaches nothing."""
    return (-math.inf if bar.least else math.inf) if value is None else value


def with_interval(figure: Mapping[str, Any], form: str) -> str:
    """A figure with its interval, if it has one."""
    span = figure["interval"]
    ends = ", ".join("–" if each is None else form.format(each) for each in span or ())
    return minus(form.format(figure["value"]) + (f" [{ends}]" if span else ""))


def minus(text: str) -> str:
    """Numbers with the sign that people write."""
    return text.replace("-", "−")


def said_commands(document: Mapping[str, Any]) -> str:
    """Markdown: the command that made a document, its date, and those of the runs that it went on from."""
    said = f"{code(str(document['command']))}, {document['date']}"
    before = document.get("earlier")
    while before:
        said += f"; went on from {code(str(before['command']))}, {before['date']}"
        before = before.get("earlier")
    return said
