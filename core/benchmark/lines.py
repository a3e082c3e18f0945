"""A row of the bars' table, and how its figures are written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..evaluation.tables import Bar
from ..markdown import code, literal

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
    """Markdown: the command that made a document, its date, and how many runs it went on from; the file has theirs."""
    said = f"{code(str(document['command']))}, {document['date']}"
    dates, before = [], document.get("earlier")
    while before:
        dates.append(str(before["date"]))
        before = before.get("earlier")
    if dates:
        of = "an earlier run" if len(dates) == 1 else f"{len(dates)} earlier runs"
        span = f"{min(dates)} to {max(dates)}" if len(set(dates)) > 1 else dates[0]
        said += f"; went on from {of} ({span}; commands in the file)"
    for other in document.get("elsewhere") or ():
        said += f"; times {literal(on_machine(other))} from {code(str(other['command']))}, {other['date']}"
    return said


def machines_timed(real: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """What has ``times``, by machine in words ("on 2 cores"): the run itself, then those that were told beside it."""
    own = {**real, "cores": real.get("machine", {}).get("cores")}
    others = [{**each, "pretraining": real.get("pretraining")} for each in real.get("elsewhere") or ()]
    return [(on_machine(each), each) for each in (own, *others) if each.get("times")]


def on_machine(timed: Mapping[str, Any]) -> str:
    """The machine of times in words: "on 2 cores", "on NVIDIA H100"; "" where nobody has kept it."""
    name, cores = timed.get("times_on"), timed.get("cores")
    if name == "cpu" and cores:
        return f"on {cores} core{'s' if cores > 1 else ''}"
    return f"on {name}" if name else ""
