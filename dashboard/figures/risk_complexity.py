"""Fit against complexity: methods as marks, equal promises as lines; and the promise over the number of labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.frame import axis, framed, legend_above
from dashboard.figures.text import literal
from dashboard.figures.theme import TICK_SIZE, Palette

HEIGHT = 460
_TOP, _BOTTOM, _GAP = 14, 58, 22  # pixels: margins, and the least distance of two labels
_SYMBOLS = ("circle", "star", "square", "triangle-up", "x", "diamond")


@dataclass(frozen=True)
class Dot:
    """One method.

    Attributes:
        name: of the method. place: picks colour and shape, so that a method keeps both.
        complexity: KL / n. fit: empirical risk. certified: its certified risk.
        held_out: its error on other images, or ``None``.
        vacuous: whether its promise is.
    """

    name: str
    place: int
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


def reach(dots: Sequence[Dot]) -> float:
    """The right end of the chart: room for the labels beside the marks."""
    return 1.45 * max([0.1, *(dot.complexity for dot in dots)])


def tradeoff_figure(dots: Sequence[Dot], lines: Lines, edge: np.ndarray, chance: float, colours: Palette) -> go.Figure:
    """Draw the chart.

    Args:
        dots: at least one.
        lines: of equal certified risk.
        edge: (X,) the line at which the promise becomes vacuous; NaN where nothing is good enough.
        chance: the certified risk on that line.
        colours: of the current theme.
    """
    highest = max(float(np.nanmax(edge, initial=0.0)), *(max(dot.fit, dot.held_out or 0) for dot in dots))
    right, top = reach(dots), min(1.0, highest + 0.12)
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
    notes = _marked_lines(lines, colours) + _labels(dots, right, top, colours)
    notes.append(
        {"x": 0.99 * right, "y": 0.985 * top, "text": f"vacuous: certified above {chance:.0%}", "showarrow": False,
         "xanchor": "right", "yanchor": "top", "font": {"size": TICK_SIZE, "color": colours.ink}}
    )  # fmt: skip
    for dot in dots:
        traces.append(_mark(dot, dot.fit, colours, solid=True))
        if dot.held_out is not None:
            traces.append(_mark(dot, dot.held_out, colours, solid=False))
            notes.append(_arrow(dot, colours))
    layout = _layout(colours, HEIGHT, _TOP, _BOTTOM) | {
        "xaxis": axis(colours, "complexity: nats per certified image, KL / n") | {"range": [-0.03 * right, right]},
        "yaxis": axis(colours, "fit: error on the certified images")
        | {"range": [-0.02 * top, top], "tickformat": ".0%"},
        "annotations": notes,
    }
    return go.Figure(traces, layout)


def growth_figure(
    labels: Sequence[int], series: Sequence[tuple[str, Sequence[float | None]]], chance: float, colours: Palette
) -> go.Figure:
    """Rates over the number of labels.

    Args:
        labels: (S,).
        series: (name, S rates or ``None``) each.
        chance: of naming one class for all.
        colours: of the current theme.
    """
    dashes, symbols = ("solid", "dash", "dot", "dashdot"), ("star", "circle", "square", "diamond")
    hues = (colours.ink, *colours.series)
    traces = [
        {"type": "scatter", "mode": "lines+markers", "x": list(labels), "y": list(values), "name": literal(name),
         "line": {"color": hues[place], "width": 3, "dash": dashes[place % 4]},
         "marker": {"symbol": symbols[place % 4], "size": 11},
         "hovertemplate": f"{literal(name)}: %{{y:.1%}}<extra></extra>"}
        for place, (name, values) in enumerate(series)
    ]  # fmt: skip
    layout = _layout(colours, 380, 40, 56) | {
        "showlegend": True,
        "legend": legend_above(),
        "hovermode": "x unified",
        "xaxis": axis(colours, "labelled images")
        | {"type": "log", "tickvals": list(labels), "ticktext": [f"{n:,}" for n in labels]},
        "yaxis": axis(colours, "error rate") | {"range": [0, min(1.02, chance + 0.12)], "tickformat": ".0%"},
        "shapes": [
            {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": chance, "y1": chance,
             "line": {"color": colours.ink, "dash": "dot", "width": 2}}
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
    colour, symbol = _colour(dot, colours), _SYMBOLS[dot.place % len(_SYMBOLS)]
    what = "certified images" if solid else "other images"
    return {
        "type": "scatter", "mode": "markers", "x": [dot.complexity], "y": [height],
        "name": literal(dot.name if solid else f"{dot.name}, other images"), "showlegend": False,
        "marker": {"symbol": symbol if solid else f"{symbol}-open", "size": 15 if solid else 12, "color": colour,
                   "line": {"width": 2, "color": colours.surface if solid else colour}},
        "hovertemplate": f"{literal(dot.name)}: %{{y:.1%}} on {what}, certified {dot.certified:.1%}<extra></extra>",
    }  # fmt: skip


def _arrow(dot: Dot, colours: Palette) -> dict[str, Any]:
    """From the fit to the error on other images."""
    return {
        "x": dot.complexity, "y": dot.held_out, "ax": dot.complexity, "ay": dot.fit, "axref": "x", "ayref": "y",
        "xref": "x", "yref": "y", "showarrow": True, "arrowhead": 2, "arrowwidth": 2, "text": "",
        "arrowcolor": _colour(dot, colours),
    }  # fmt: skip


def _labels(dots: Sequence[Dot], right: float, top: float, colours: Palette) -> list[dict[str, Any]]:
    """A label beside each mark; those of near marks are moved apart, because they would lie on each other."""
    scale = (HEIGHT - _TOP - _BOTTOM) / (1.02 * top)
    placed: list[tuple[bool, float]] = []
    notes = []
    for dot in sorted(dots, key=lambda dot: dot.fit):
        left = dot.complexity > 0.6 * right
        height = dot.fit * scale
        height = max([height, *(h + _GAP for side, h in placed if side == left and h + _GAP > height)])
        placed.append((left, height))
        says = f"{dot.name}: ≤ {dot.certified:.1%}" + (" vacuous" if dot.vacuous else "")
        notes.append(
            {"x": dot.complexity, "y": height / scale, "text": f"<b>{literal(says)}</b>", "showarrow": False,
             "xanchor": "right" if left else "left", "xshift": -14 if left else 14, "name": literal(dot.name),
             "font": {"size": TICK_SIZE, "color": _colour(dot, colours)}, "bgcolor": colours.surface, "opacity": 0.92}
        )  # fmt: skip
    return notes


def _marked_lines(lines: Lines, colours: Palette) -> list[dict[str, Any]]:
    """The risk of each line, written on it near its end."""
    notes = []
    for risk, fits in zip(lines.risks, lines.fits, strict=True):
        there = np.flatnonzero(np.isfinite(fits))
        if not len(there):
            continue
        place = there[min(len(there) - 1, int(0.93 * len(lines.complexity)))]
        notes.append(
            {"x": float(lines.complexity[place]), "y": float(fits[place]), "text": f"≤ {risk:.0%}", "showarrow": False,
             "font": {"size": 13, "color": colours.ink}, "bgcolor": colours.surface, "opacity": 0.85}
        )  # fmt: skip
    return notes


def _colour(dot: Dot, colours: Palette) -> str:
    return (colours.series[0], colours.ink, *colours.series[1:])[dot.place % 6]


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.16)"


def _layout(colours: Palette, height: int, top: int, bottom: int) -> dict[str, Any]:
    return framed(colours, height, (70, 10, top, bottom)) | {"uirevision": "fixed"}
