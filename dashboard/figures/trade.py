"""Content against control: what each way to measure the gates keeps, over what it controls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.figures.frame import axis, framed, legend_above
from dashboard.figures.text import literal
from dashboard.figures.theme import TICK_SIZE, Palette, points

_HEIGHT = 520
_TICKS = (1, 2, 5, 10, 20, 50, 100)
_SYMBOLS = ("square", "diamond", "triangle-up", "x", "star", "pentagon", "cross", "hexagon", "triangle-down")


@dataclass(frozen=True)
class Place:
    """A way to measure the gates.

    Attributes:
        name: what is different from the others.
        control: how many times less a change counts where it is ignored.
        open, half: points of accuracy above the frozen network, at i = 0 and at i = 0.5.
        on_line: whether it differs in the threshold alone.
        shipped: whether it is the one in use; it is on the line.
    """

    name: str
    control: float
    open: float
    half: float
    on_line: bool = False
    shipped: bool = False


def trade_figure(places: Sequence[Place], colours: Palette) -> go.Figure:
    """Draw a line through the thresholds at i = 0.5 and one at i = 0, and a mark for each of the others at i = 0.5.

    Args:
        places: those on the line from one end to the other.
        colours: of the current theme.
    """
    line = [place for place in places if place.on_line]
    others = [place for place in places if not place.on_line]
    controls = [place.control for place in places]
    traces = [
        _line("thresholds, at i = 0.5", line, [place.half for place in line], "solid", "circle", colours)
        | {"mode": "lines+markers+text"},
        _line("thresholds, at i = 0", line, [place.open for place in line], "dot", "circle-open", colours)
        | {"mode": "lines+markers"},
    ]
    for number, place in enumerate(others):
        marker = {"symbol": _SYMBOLS[number % len(_SYMBOLS)], "size": 12, "color": colours.quiet}
        traces.append(_trace(place.name, [place], [place.half], colours) | {"mode": "markers", "marker": marker})
    across = axis(colours, "control: how many times less an ignored change counts") | {
        "type": "log", "tickvals": _TICKS, "ticktext": [str(tick) for tick in _TICKS],
        "range": [math.log10(min(controls) / 2.5), math.log10(max(controls) * 1.2)],  # names stand left of their marks
    }  # fmt: skip
    up = axis(colours, "points of accuracy above the frozen network")
    up |= {"zeroline": True, "zerolinecolor": colours.quiet}
    layout = framed(colours, _HEIGHT, (80, 20, 110, 60)) | {"legend": legend_above(), "xaxis": across, "yaxis": up}
    return go.Figure(traces, layout | {"showlegend": True})


def _line(
    name: str, line: Sequence[Place], values: Sequence[float], dash: str, symbol: str, colours: Palette
) -> dict[str, Any]:
    ours = [place.shipped for place in line]
    return _trace(name, line, values, colours) | {
        "textposition": "bottom left", "text": [literal(place.name) for place in line],
        "textfont": {"size": TICK_SIZE, "color": [colours.a if own else colours.quiet for own in ours]},
        "line": {"color": colours.ink, "width": 2, "dash": dash}, "cliponaxis": False,
        "marker": {
            "symbol": symbol, "size": [17 if own else 10 for own in ours],
            "color": [colours.a if own else colours.ink for own in ours],
        },
    }  # fmt: skip


def _trace(name: str, places: Sequence[Place], values: Sequence[float], colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter", "name": literal(name), "x": [place.control for place in places], "y": list(values),
        "customdata": [f"{literal(place.name)}: {place.control:.1f} times, {points(value)} points"
                       for place, value in zip(places, values, strict=True)],
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip


def trade_said(places: Sequence[Place]) -> str:
    """What is to be seen, in two sentences and as plain text: the shipped place and the ends of the line."""
    line = [place for place in places if place.on_line]
    if not line:
        return "No thresholds were compared."
    said = "".join(
        f"As shipped an ignored change counts {place.control:.1f} times less, and 20 labels a class are worth "
        f"{points(place.half)} points beside the frozen network at i = 0.5 and {points(place.open)} at i = 0. "
        for place in line
        if place.shipped
    )
    first, last = line[0], line[-1]
    return (
        f"{said}From “{first.name}” to “{last.name}” control goes from {first.control:.1f} to {last.control:.1f} "
        f"times, and the points at i = 0.5 from {points(first.half)} to {points(last.half)}."
    )
