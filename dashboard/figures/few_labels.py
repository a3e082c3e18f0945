"""Accuracy over the number of labels: one line for each method."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.frame import axis, framed, legend_above
from dashboard.figures.text import literal
from dashboard.figures.theme import Palette, percent

_HEIGHT = 430
_DASHES = ("dash", "dot", "dashdot", "longdash", "longdashdot", "solid")
_SYMBOLS = ("square", "diamond", "triangle-up", "x", "star", "pentagon")


@dataclass(frozen=True)
class Line:
    """A method: its name, its mean accuracies (NaN where it did not run), and whether it is the fit."""

    name: str
    accuracies: Sequence[float]
    ours: bool = False


def few_labels_figure(lines: Sequence[Line], labels: Sequence[int], colours: Palette) -> go.Figure:
    """Draw them; the fit has the colour of the sliders.

    Args:
        lines: at least one, with an accuracy for each number of labels; a line goes on over those where it did not run.
        labels: a class, rising.
        colours: of the current theme.
    """
    traces, place = [], 0
    for line in lines:
        colour = colours.a if line.ours else colours.series[place % len(colours.series)]
        dash = "solid" if line.ours else _DASHES[place % len(_DASHES)]
        symbol = "circle" if line.ours else _SYMBOLS[place % len(_SYMBOLS)]
        place += not line.ours
        traces.append(
            {"type": "scatter", "mode": "lines+markers", "name": literal(line.name), "x": list(labels),
             "y": [None if math.isnan(value) else value for value in line.accuracies], "connectgaps": True,
             "text": ["" if math.isnan(value) else percent(value) for value in line.accuracies],
             "line": {"color": colour, "width": 4 if line.ours else 2, "dash": dash},
             "marker": {"symbol": symbol, "size": 10},
             "hovertemplate": f"{literal(line.name)}, %{{x}} a class: %{{text}}<extra></extra>"}
        )  # fmt: skip
    across = axis(colours, "labelled images a class") | {
        "type": "log", "tickvals": list(labels), "ticktext": [str(count) for count in labels],
    }  # fmt: skip
    up = axis(colours, "accuracy, mean over tasks") | {"tickformat": ".0%"}
    layout = framed(colours, _HEIGHT, (80, 20, 80, 60)) | {"legend": legend_above(), "xaxis": across, "yaxis": up}
    return go.Figure(traces, layout | {"showlegend": True})
