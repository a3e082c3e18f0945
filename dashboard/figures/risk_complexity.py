"""Fit against complexity: methods as marks, equal promises as lines; and the promise over the number of labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.frame import axis, framed, legend_above
from dashboard.figures.methods import look
from dashboard.figures.text import literal
from dashboard.figures.theme import TICK_SIZE, Palette

HEIGHT = 460
_TOP, _BOTTOM = 64, 58  # pixels: the legend has room for two lines, so that the plot stays where it is
_SHADE = 0.16
_NEAR = (0.2, 0.05)
"""Shares of the axes within which two labels would touch."""
_PLACES = (0.93, 0.7, 0.47)
"""Where on a line its risk may stand, as shares of the width, the best first."""


@dataclass(frozen=True)
class Dot:
    """One method.

    Attributes:
        name: of the method, for the legend. method: its key, which gives colour and shape.
        complexity: KL / n. fit: empirical risk. certified: its certified risk.
        held_out: its error on other images, or ``None``.
        vacuous: whether its promise is.
    """

    name: str
    method: str
    complexity: float
    fit: float
    certified: float
    held_out: float | None
    vacuous: bool


@dataclass(frozen=True)
class Lines:
    """Contour lines: ``risks`` (L,), at ``complexity`` (X,) the ``fits`` (L, X), NaN beyond a line's end."""

    risks: np.ndarray
    complexity: np.ndarray
    fits: np.ndarray


@dataclass(frozen=True)
class Extent:
    """Where the axes end. It is that of all numbers of labels, so that marks move and axes do not."""

    right: float
    top: float


def extent(dots: Sequence[Dot], chance: float) -> Extent:
    """Room for all of the dots, those of other numbers of labels too."""
    right = 1.15 * max([0.1, *(dot.complexity for dot in dots)])
    return Extent(right, min(1.0, 0.06 + max([chance, *(max(dot.fit, dot.held_out or 0) for dot in dots)])))


def tradeoff_figure(
    dots: Sequence[Dot], lines: Lines, edge: np.ndarray, chance: float, size: Extent, colours: Palette
) -> go.Figure:
    """Draw the chart.

    Args:
        dots: at least one; the legend names them, with what each promises.
        lines: of equal certified risk.
        edge: (X,) the line at which the promise becomes vacuous; NaN where nothing is good enough.
        chance: the certified risk on that line.
        size: of the axes.
        colours: of the current theme.
    """
    right, top = size.right, size.top
    traces = [_vacuous(lines.complexity, edge, top, colours)]
    for risk, fits in zip(lines.risks, lines.fits, strict=True):
        traces.append(
            {"type": "scatter", "mode": "lines", "x": lines.complexity, "y": fits, "hoverinfo": "skip",
             "line": {"color": colours.quiet, "width": 1.2}, "name": f"{risk:.0%}", "showlegend": False}
        )  # fmt: skip
    traces.append(
        {"type": "scatter", "mode": "lines", "x": lines.complexity, "y": edge, "hoverinfo": "skip",
         "line": {"color": colours.ink, "width": 2, "dash": "dot"}, "name": "vacuous above", "showlegend": False}
    )  # fmt: skip
    notes = _marked_lines(lines, size, colours)
    notes.append(
        {"x": 0.99 * right, "y": 0.985 * top, "text": f"nothing promised: above {chance:.0%}", "showarrow": False,
         "xanchor": "right", "yanchor": "top", "font": {"size": TICK_SIZE, "color": colours.ink}}
    )  # fmt: skip
    for dot in dots:
        traces.append(_mark(dot, dot.fit, colours, solid=True))
        if dot.held_out is not None:
            traces.append(_mark(dot, dot.held_out, colours, solid=False))
            notes.append(_arrow(dot, colours))
    layout = _layout(colours, HEIGHT, _TOP, _BOTTOM) | {
        "xaxis": axis(colours, "learned from the certified labels") | {"range": [-0.03 * right, right]},
        "yaxis": axis(colours, "error on the certified images") | {"range": [-0.02 * top, top], "tickformat": ".0%"},
        "annotations": notes,
        "showlegend": True,
        "legend": legend_above(),
    }
    layout["xaxis"] |= {"showticklabels": False}
    return go.Figure(traces, layout)


@dataclass(frozen=True)
class Rate:
    """Error rates (S,) over the number of labels, ``None`` where there is none.

    Attributes:
        name: for the legend. values: the rates.
        method: its key; ``None``: no method of its own.
        dash, symbol: tell apart what is promised of the same method.
    """

    name: str
    values: Sequence[float | None]
    method: str | None
    dash: str
    symbol: str


def growth_figure(
    labels: Sequence[int], rates: Sequence[Rate], chance: float, now: int | None, colours: Palette
) -> go.Figure:
    """Rates over the number of labels; the axes are the same for all tasks and stops.

    Args:
        labels: (S,).
        rates: what is promised and measured.
        chance: of naming one class for all.
        now: the number of labels that is chosen.
        colours: of the current theme.
    """
    hues = [colours.quiet if rate.method is None else look(rate.method, colours).colour for rate in rates]
    traces = [
        {"type": "scatter", "mode": "lines+markers", "x": list(labels), "y": list(rate.values),
         "name": literal(rate.name), "line": {"color": hue, "width": 3, "dash": rate.dash},
         "marker": {"symbol": rate.symbol, "size": 11, "color": hue},
         "hovertemplate": f"{literal(rate.name)}: %{{y:.1%}}<extra></extra>"}
        for rate, hue in zip(rates, hues, strict=True)
    ]  # fmt: skip
    ends = [np.log10(labels[0] / 1.15), np.log10(labels[-1] * 1.15)]
    shapes: list[dict[str, Any]] = [
        {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": chance, "y1": 1.02, "layer": "below",
         "fillcolor": _faint(colours.quiet), "line": {"width": 0}},
    ]  # fmt: skip
    if now is not None:
        shapes.append(
            {"type": "line", "yref": "paper", "x0": now, "x1": now, "y0": 0, "y1": 1, "layer": "below",
             "line": {"color": colours.ink, "width": 2}}
        )  # fmt: skip
    layout = _layout(colours, HEIGHT, _TOP, _BOTTOM) | {
        "showlegend": True,
        "legend": legend_above(),
        "hovermode": "x unified",
        "xaxis": axis(colours, "labelled images")
        | {"type": "log", "range": ends, "tickvals": list(labels), "ticktext": [f"{n:,}" for n in labels]},
        "yaxis": axis(colours, "named wrongly") | {"range": [0, 1.02], "tickformat": ".0%"},
        "shapes": shapes,
        "annotations": [
            {"xref": "paper", "x": 0.99, "y": 0.99, "text": f"nothing promised: above {chance:.0%}", "yanchor": "top",
             "xanchor": "right", "showarrow": False, "font": {"size": TICK_SIZE, "color": colours.ink},
             "bgcolor": _under(colours)}
        ],
    }  # fmt: skip
    return go.Figure(traces, layout)


def _vacuous(x: np.ndarray, edge: np.ndarray, top: float, colours: Palette) -> dict[str, Any]:
    """The part above the edge; where the edge has ended, from 0 on."""
    low = np.nan_to_num(edge, nan=0.0)
    return {
        "type": "scatter", "mode": "lines", "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([low, np.full(len(x), top)]), "fill": "toself", "line": {"width": 0},
        "fillcolor": _faint(colours.quiet), "hoverinfo": "skip", "name": "vacuous", "showlegend": False,
    }  # fmt: skip


def _mark(dot: Dot, height: float, colours: Palette, *, solid: bool) -> dict[str, Any]:
    drawn = look(dot.method, colours)
    colour, symbol = drawn.colour, drawn.symbol
    what = "certified images" if solid else "other images"
    return {
        "type": "scatter", "mode": "markers", "x": [dot.complexity], "y": [height],
        "name": literal(dot.name if solid else f"{dot.name}, other images"), "showlegend": solid,
        "marker": {"symbol": symbol if solid else f"{symbol}-open", "size": 15 if solid else 12, "color": colour,
                   "line": {"width": 2, "color": colours.surface if solid else colour}},
        "hovertemplate": f"{literal(dot.name)}: %{{y:.1%}} on {what}, certified {dot.certified:.1%}<extra></extra>",
    }  # fmt: skip


def _arrow(dot: Dot, colours: Palette) -> dict[str, Any]:
    """From the fit to the error on other images."""
    return {
        "x": dot.complexity, "y": dot.held_out, "ax": dot.complexity, "ay": dot.fit, "axref": "x", "ayref": "y",
        "xref": "x", "yref": "y", "showarrow": True, "arrowhead": 2, "arrowwidth": 2, "text": "",
        "arrowcolor": look(dot.method, colours).colour,
    }  # fmt: skip


def _marked_lines(lines: Lines, size: Extent, colours: Palette) -> list[dict[str, Any]]:
    """The risk of each line, written on it near its end; further to the left where that of a higher one is in its way
    on a phone, and nowhere if there is no room."""
    notes: list[dict[str, Any]] = []
    for risk, fits in sorted(zip(lines.risks, lines.fits, strict=True), key=lambda each: -each[0]):
        there = np.flatnonzero(np.isfinite(fits))
        if not len(there):
            continue
        ends = [there[min(len(there) - 1, int(share * len(lines.complexity)))] for share in _PLACES]
        spots = [(float(lines.complexity[place]), float(fits[place])) for place in ends]
        near_x, near_y = _NEAR[0] * size.right, _NEAR[1] * size.top
        free = [
            spot
            for spot in spots
            if not any(abs(spot[0] - note["x"]) < near_x and abs(spot[1] - note["y"]) < near_y for note in notes)
        ]
        if not free:
            continue
        x, y = free[0]
        notes.append(
            {"x": x, "y": y, "text": f"≤ {risk:.0%}", "showarrow": False,
             "font": {"size": 13, "color": colours.ink}, "bgcolor": colours.surface, "opacity": 0.85}
        )  # fmt: skip
    return notes


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {_SHADE})"


def _under(colours: Palette) -> str:
    """What :func:`_faint` looks like on the page, opaque: behind words that a line would cross."""
    pairs = ((int(colour[at : at + 2], 16) for colour in (colours.quiet, colours.surface)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(_SHADE * ink + (1 - _SHADE) * ground):02X}" for ink, ground in pairs)


def _layout(colours: Palette, height: int, top: int, bottom: int) -> dict[str, Any]:
    return framed(colours, height, (70, 10, top, bottom)) | {"uirevision": "fixed"}
