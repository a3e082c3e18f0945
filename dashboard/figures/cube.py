"""The cube of descriptors, drawn exactly: one vertical line per axis, one polyline per descriptor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.theme import FONT, TICK_SIZE, Palette


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
    axis = {"color": colours.ink, "tickfont": {"size": TICK_SIZE}, "zeroline": False, "fixedrange": True}
    grid = {"gridcolor": colours.quiet, "griddash": "dot"}
    return go.Figure(
        traces,
        {
            "height": 440,
            "margin": {"l": 72, "r": 8, "t": 8, "b": 84},
            "paper_bgcolor": "rgba(0, 0, 0, 0)",
            "plot_bgcolor": "rgba(0, 0, 0, 0)",
            "font": {"family": FONT, "size": TICK_SIZE, "color": colours.ink},
            "dragmode": False,
            "hovermode": "x",
            "xaxis": axis | grid | {"tickangle": -40},
            "yaxis": axis
            | {"range": [-0.06, 1.06], "tickvals": [0, 0.5, 1], "ticktext": ["0 keeps", "0.5", "1 ignores"]}
            | {"showgrid": False},
            "showlegend": True,
            "legend": {
                "orientation": "h",
                "traceorder": "reversed",
                "yanchor": "bottom",
                "y": 1.02,
                "x": 0,
                "font": {"size": TICK_SIZE},
            },
        },
    )


def _drawn(line: Line, names: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": list(names),
        "y": list(line.values),
        "mode": "lines+markers",
        "line": {"color": line.colour, "width": 3, "dash": line.dash},
        "marker": {"size": 10, "symbol": line.symbol, "color": line.colour},
        "name": line.name,
        "hovertemplate": "%{y:.2f}",
    }
