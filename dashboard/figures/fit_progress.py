"""A fit while it goes: score with its rivals, the descriptor, the gradient; then slices and confusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.figures import methods
from dashboard.figures.frame import axis, framed, legend_above
from dashboard.figures.text import literal
from dashboard.figures.theme import LABEL_SIZE, Palette

TARGET = 0.9
"""The score that people usually want to reach."""
_ACROSS = 3
"""Panels in a row."""


@dataclass(frozen=True)
class Chosen:
    """The point (K,) of a run that was kept, and what it became by rounding, which may be the same."""

    kept: Sequence[float]
    rounded: Sequence[float]


@dataclass(frozen=True)
class Line:
    """One method on the score figure: ``seconds`` and ``scores`` (n,); a single point becomes a level.

    Its key ``method`` gives it its colour. A line that is not ``drawn`` keeps its dash for when it is.
    """

    name: str
    seconds: np.ndarray
    scores: np.ndarray
    drawn: bool = True
    method: str = ""


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
        look = methods.look(line.method, colours, sum(each.method == line.method for each in lines[:place]))
        style = {"color": look.colour, "width": 3 if place == 0 else 2, "dash": look.dash}
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
    """K lines over steps, each in a panel of its own: the descriptor from 0 to 1, or its gradient on a free axis.

    Args:
        values: (S, K).
        names: K.
        title: of the vertical axis, which is the same in all panels.
        colours: of the current theme.
        unit: whether the axis is fixed to [0, 1].
        steps: (S,) of which step the values are; default: of all.
        chosen: the point among them that was kept: its step is marked, and behind the last one what it was rounded to.
    """
    steps = np.arange(len(values)) if steps is None else steps
    across = min(_ACROSS, len(names))
    down = -(-len(names) // across)
    # A line alone is no coordinate of the fit's descriptor, so it has not its colour.
    colour = colours.a if len(names) > 1 else colours.ink
    figure = make_subplots(
        down, across, shared_xaxes="all", shared_yaxes="all", horizontal_spacing=0.06, vertical_spacing=0.18,
        subplot_titles=[literal(name) for name in names] if len(names) > 1 else None,
    )  # fmt: skip
    figure.update_annotations(font={"size": LABEL_SIZE, "color": colours.ink})
    mode = "lines+markers" if len(values) < 3 else "lines"
    for k, name in enumerate(names):
        panel = {"row": k // across + 1, "col": k % across + 1}
        said = f"{literal(name)}: %{{y:{'.2f' if unit else '.3g'}}}<extra></extra>"
        figure.add_scatter(
            x=steps, y=values[:, k], mode=mode, name=literal(name), line={"color": colour, "width": 3},
            hovertemplate=said, cliponaxis=False, showlegend=False, **panel,
        )  # fmt: skip
        if chosen is not None and len(values):
            figure.add_scatter(
                x=[float(steps[-1]) + 1], y=[chosen.rounded[k]], mode="markers", name=literal(name),
                marker={"symbol": "diamond", "size": 13, "color": colour},
                hovertemplate=f"{literal(name)}, kept: {chosen.rounded[k]:.2f}<extra></extra>", cliponaxis=False,
                showlegend=False, **panel,
            )  # fmt: skip
    figure.update_layout(_layout(colours, 130 + 120 * down, top=80) if len(names) > 1 else _layout(colours, 300))
    grid = {"showgrid": True, "gridcolor": colours.quiet, "griddash": "dot", "gridwidth": 0.5}
    figure.update_xaxes(axis(colours) | {"nticks": 5})
    figure.update_yaxes(
        axis(colours, "" if len(names) > 1 else title)
        | grid
        | ({"range": [-0.03, 1.03], "tickvals": [0, 0.5, 1]} if unit else {"nticks": 4})
    )
    if len(names) > 1:  # once, for all panels
        figure.add_annotation(
            x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=34, showarrow=False,
            text=literal(title), font={"size": LABEL_SIZE, "color": colours.quiet},
        )  # fmt: skip
    kept = None
    if chosen is not None and len(values):
        kept = float(steps[np.abs(values - np.array(chosen.kept)).max(1).argmin()])
        figure.add_vline(kept, line={"color": colours.quiet, "width": 2, "dash": "dot"})
    under = "step" if kept is None else f"step (kept: {kept:.0f})"
    figure.update_xaxes(title_text=under, row=down, col=(across + 1) // 2)
    return figure


def slices_figure(points: np.ndarray, nats: np.ndarray, names: Sequence[str], colours: Palette) -> go.Figure:
    """Evidence along each axis, below its best point: a flat line means that the task does not care.

    Args:
        points: (P,) coordinates.
        nats: (K, P) log evidence.
        names: K.
        colours: of the current theme.
    """
    figure = traces_figure((nats - nats.max(1, keepdims=True)).T, names, "nats below the best", colours, unit=False)
    figure.update_traces(x=points)
    figure.update_xaxes({"tickvals": [0, 0.5, 1]})
    figure.for_each_xaxis(lambda each: each.update(title_text="0 keeps, 1 ignores") if each.title.text else None)
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
