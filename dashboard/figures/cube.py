"""The cube of descriptors, drawn exactly: one vertical line per axis, one polyline per descriptor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.figures.frame import axis, framed, legend_above
from dashboard.figures.text import literal
from dashboard.figures.theme import Palette


@dataclass(frozen=True)
class Line:
    """One descriptor: K coordinates, and how it is drawn."""

    name: str
    values: Sequence[float]
    colour: str
    dash: str = "solid"
    symbol: str = "circle"


def cube_figure(lines: Sequence[Line], names: Sequence[str], colours: Palette) -> go.Figure:
    """Draw K coordinates of each descriptor side by side.

    Args:
        lines: later ones on top.
        names: of the K axes.
        colours: of the current theme.
    """
    traces = [_drawn(line, names) for line in lines]
    grid = {"showgrid": True, "gridcolor": colours.quiet, "griddash": "dot"}
    return go.Figure(
        traces,
        framed(colours, 440, (72, 8, 8, 84))
        | {
            "hovermode": "x",
            "xaxis": axis(colours) | grid | {"tickangle": -40},
            "yaxis": axis(colours)
            | {"range": [-0.06, 1.06], "tickvals": [0, 0.5, 1], "ticktext": ["0 keeps", "0.5", "1 ignores"]},
            "showlegend": True,
            "legend": legend_above() | {"traceorder": "reversed"},
        },
    )


def _drawn(line: Line, names: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [literal(name) for name in names],
        "y": list(line.values),
        "mode": "lines+markers",
        "line": {"color": line.colour, "width": 3, "dash": line.dash},
        "marker": {"size": 10, "symbol": line.symbol, "color": line.colour},
        "name": literal(line.name),
        "hovertemplate": "%{y:.2f}",
    }
