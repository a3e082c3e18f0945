"""Accuracy over the number of labels: one line for each method."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.frame import axis, framed, legend_above
from dashboard.figures.methods import look
from dashboard.figures.text import literal
from dashboard.figures.theme import Palette, percent

_HEIGHT = 430


@dataclass(frozen=True)
class Line:
    """A method: its key, its name, and its mean accuracies, NaN where it did not run."""

    method: str
    name: str
    accuracies: Sequence[float]


def few_labels_figure(lines: Sequence[Line], labels: Sequence[int], colours: Palette) -> go.Figure:
    """Draw them; the fit has the colour of the sliders.

    Args:
        lines: at least one, with an accuracy for each number of labels; a line goes on over those where it did not run.
        labels: a class, rising.
        colours: of the current theme.
    """
    traces = []
    for line in lines:
        drawn = look(line.method, colours)
        ours = drawn.colour == colours.a
        traces.append(
            {"type": "scatter", "mode": "lines+markers", "name": literal(line.name), "x": list(labels),
             "y": [None if math.isnan(value) else value for value in line.accuracies], "connectgaps": True,
             "text": ["" if math.isnan(value) else percent(value) for value in line.accuracies],
             "line": {"color": drawn.colour, "width": 4 if ours else 2, "dash": drawn.dash},
             "marker": {"symbol": drawn.symbol, "size": 10},
             "hovertemplate": f"{literal(line.name)}, %{{x}} a class: %{{text}}<extra></extra>"}
        )  # fmt: skip
    across = axis(colours, "labelled images a class") | {
        "type": "log", "tickvals": list(labels), "ticktext": [str(count) for count in labels],
    }  # fmt: skip
    up = axis(colours, "accuracy, mean over tasks") | {"tickformat": ".0%"}
    layout = framed(colours, _HEIGHT, (80, 20, 80, 60)) | {"legend": legend_above(), "xaxis": across, "yaxis": up}
    return go.Figure(traces, layout | {"showlegend": True})
