"""A fit while it goes: score with its rivals, the descriptor, the gradient; then slices and confusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.frame import axis, framed, legend_above
from dashboard.figures.text import literal
from dashboard.figures.theme import Palette

TARGET = 0.9
"""The score that people usually want to reach."""
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


@dataclass(frozen=True)
class Chosen:
    """The point (K,) of a run that was kept, and what it became by rounding, which may be the same."""

    kept: Sequence[float]
    rounded: Sequence[float]


@dataclass(frozen=True)
class Line:
    """One method on the score figure: ``seconds`` and ``scores`` (n,); a single point becomes a level.

    A line that is not ``drawn`` keeps its colour for when it is.
    """

    name: str
    seconds: np.ndarray
    scores: np.ndarray
    drawn: bool = True


def score_figure(lines: Sequence[Line], target: float, score_name: str, colours: Palette) -> go.Figure:
    """Held-out score over seconds of all methods, with the target and when each reaches it first.

    Args:
        lines: the present run first.
        target: in the score's unit.
        score_name: of the vertical axis.
        colours: of the current theme.
    """
    there = [line for line in lines if line.drawn and len(line.seconds)]
    end = max([1.0, *(float(line.seconds.max()) for line in there)])
    traces: list[dict[str, Any]] = []
    for place, line in enumerate(lines):
        if not line.drawn:
            continue
        colour = colours.a if place == 0 else colours.series[(place - 1) % len(colours.series)]
        style = {"color": colour, "width": 3 if place == 0 else 2, "dash": _dash(place)}
        x, y = line.seconds, line.scores
        if len(x) == 1:  # a level from the moment at which it was there
            x, y = np.array([x[0], max(end, float(x[0]))]), np.repeat(y, 2)
        traces.append(
            {"type": "scatter", "mode": "lines", "name": literal(line.name), "x": x, "y": y, "line": style,
             "hovertemplate": f"{literal(line.name)}: %{{y:.3f}} at %{{x:.1f}} s<extra></extra>"}
        )  # fmt: skip
    lowest = min([target, 0.0, *(float(line.scores.min()) for line in there)])
    layout = _layout(colours, 300) | {
        "showlegend": True,
        "legend": legend_above(),
        "xaxis": axis(colours, "seconds") | {"range": [0, 1.03 * end]},
        "yaxis": axis(colours, f"{score_name}, held out") | {"range": [max(lowest, -1.0), 1.03]},
        "shapes": [
            {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": target, "y1": target,
             "line": {"color": colours.quiet, "dash": "dot", "width": 2}}
        ],
    }  # fmt: skip
    return go.Figure(traces, layout)


def _dash(place: int) -> str:
    """Of a line; colours repeat after some lines, and then the dashes are others."""
    return _DASHES[(place + (place - 1) // len(_DASHES)) % len(_DASHES)] if place else _DASHES[0]


def time_to_target(line: Line, target: float) -> float | None:
    """Seconds until the score first reaches the target, or ``None``."""
    reached = np.flatnonzero(line.scores >= target)
    return float(line.seconds[reached[0]]) if len(reached) else None


def traces_figure(
    values: np.ndarray,
    names: Sequence[str],
    title: str,
    colours: Palette,
    *,
    unit: bool = True,
    steps: np.ndarray | None = None,
    chosen: Chosen | None = None,
) -> go.Figure:
    """K lines over steps: the descriptor on a fixed axis from 0 to 1, or its gradient on a free one.

    Args:
        values: (S, K).
        names: K.
        title: of the vertical axis.
        colours: of the current theme.
        unit: whether the axis is fixed to [0, 1].
        steps: (S,) of which step the values are; default: of all.
        chosen: the point among them that was kept: its step is marked, and behind the last one what it was rounded to.
    """
    # A line alone is no axis, so it has none of their colours.
    hues = colours.series if len(names) > 1 else (colours.ink,)
    steps = np.arange(len(values)) if steps is None else steps
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "mode": "lines+markers" if len(values) < 3 else "lines", "name": literal(name), "x": steps,
         "y": values[:, k], "line": {"color": hues[k % len(hues)], "width": 3, "dash": _DASHES[k % len(_DASHES)]},
         "hovertemplate": f"{literal(name)}: %{{y:{'.2f' if unit else '.3g'}}}<extra></extra>"}
        for k, name in enumerate(names)
    ]  # fmt: skip
    layout = _layout(colours, 300) | {
        "showlegend": True,
        "legend": legend_above(),
        "hovermode": "x unified",
        "xaxis": axis(colours, "step"),
        "yaxis": axis(colours, title) | ({"range": [-0.03, 1.03]} if unit else {"zeroline": True}),
    }
    if chosen is not None and len(values):
        layout |= _kept(values, steps, chosen, colours)
        traces += [
            {"type": "scatter", "mode": "markers", "x": [float(steps[-1]) + 1], "y": [value], "showlegend": False,
             "marker": {"symbol": "diamond", "size": 13, "color": hues[k % len(hues)]},
             "hovertemplate": f"{literal(names[k])}, kept: {value:.2f}<extra></extra>"}
            for k, value in enumerate(chosen.rounded)
        ]  # fmt: skip
    return go.Figure(traces, layout)


def _kept(values: np.ndarray, steps: np.ndarray, chosen: Chosen, colours: Palette) -> dict[str, Any]:
    """A line at the step whose values were kept, with its name."""
    place = int(np.abs(values - np.array(chosen.kept)).max(1).argmin())
    at = float(steps[place])
    line = {"color": colours.quiet, "width": 2, "dash": "dot"}
    return {
        "shapes": [{"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": line}],
        "annotations": [
            {"x": at, "yref": "paper", "y": 1, "xanchor": "right", "yanchor": "top", "showarrow": False,
             "text": f"kept: step {at:.0f} ", "font": {"color": colours.quiet, "size": 14}}
        ],
    }  # fmt: skip


def slices_figure(points: np.ndarray, nats: np.ndarray, names: Sequence[str], colours: Palette) -> go.Figure:
    """Evidence along each axis, below its best point: a flat line means that the task does not care.

    Args:
        points: (P,) coordinates.
        nats: (K, P) log evidence.
        names: K.
        colours: of the current theme.
    """
    figure = traces_figure((nats - nats.max(1, keepdims=True)).T, names, "nats below the best", colours, unit=False)
    for trace in figure.data:
        trace.x = points
    figure.update_xaxes(title_text="coordinate: 0 keeps, 1 ignores")
    return figure


def confusion_figure(counts: np.ndarray, names: Sequence[str], colours: Palette) -> go.Figure:
    """How often each class (row) was called which (column).

    Args:
        counts: (C, C).
        names: C.
        colours: of the current theme.
    """
    shown = [literal(name) for name in names]
    heat = {
        "type": "heatmap", "z": counts / counts.sum(1, keepdims=True).clip(1), "x": shown, "y": shown,
        "customdata": counts, "colorscale": [[0, colours.surface], [1, colours.quiet]], "zmin": 0, "zmax": 1,
        "showscale": False, "xgap": 1, "ygap": 1,
        "hovertemplate": "%{y} called %{x}: %{customdata} times<extra></extra>",
    }  # fmt: skip
    if len(names) <= 12:
        heat |= {"text": counts, "texttemplate": "%{text}"}
    layout = _layout(colours, 80 + 26 * min(len(names), 20), top=10) | {
        "xaxis": axis(colours, "called") | {"type": "category"},
        "yaxis": axis(colours, "is") | {"type": "category", "autorange": "reversed", "automargin": True},
    }
    return go.Figure([heat], layout)


def _layout(colours: Palette, height: int, top: int = 50) -> dict[str, Any]:
    return framed(colours, height, (70, 10, top, 50)) | {"uirevision": "fixed"}
