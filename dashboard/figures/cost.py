"""How long one waits for each method, from the quickest to the slowest, and what the waiting brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.frame import axis, framed
from dashboard.figures.text import literal
from dashboard.figures.theme import LABEL_SIZE, TICK_SIZE, Palette, points

_ROW, _ROOM = 30, 100


@dataclass(frozen=True)
class Price:
    """A method: its name, seconds a task, and how many points it is above the fit on the same tasks.

    Attributes:
        name: what people call it. seconds: a task.
        points: above the fit; ``None``: it is the fit.
    """

    name: str
    seconds: float
    points: float | None


def cost_figure(prices: Sequence[Price], colours: Palette) -> go.Figure:
    """Draw a row for each method, the quickest on top; beside its dot stands what it brings.

    Args:
        prices: at least one.
        colours: of the current theme.
    """
    rows = sorted(prices, key=lambda price: -price.seconds)
    ours = [price.points is None for price in rows]
    trace = {
        "type": "scatter", "mode": "markers+text", "x": [max(price.seconds, 1e-3) for price in rows],
        "y": [literal(price.name) for price in rows], "textposition": "middle right",
        "text": [f"  {_said(price)}" for price in rows],
        "textfont": {"size": TICK_SIZE, "color": [colours.a if own else colours.ink for own in ours]},
        "customdata": [f"{price.seconds:.3g}" for price in rows],
        "marker": {
            "size": [15 if own else 11 for own in ours], "color": [colours.a if own else colours.quiet for own in ours],
            "symbol": ["circle" if own else "diamond" for own in ours],
        },
        "cliponaxis": False, "hovertemplate": "%{y}: %{customdata} s,%{text}<extra></extra>",
    }  # fmt: skip
    across = axis(colours, "seconds a task") | {"type": "log", "dtick": 1, "tickformat": "~g"}
    up = axis(colours) | {"tickfont": {"size": LABEL_SIZE}, "automargin": True, "type": "category"}
    layout = framed(colours, _ROOM + _ROW * len(rows), (10, 70, 10, 60))
    return go.Figure([trace], layout | {"xaxis": across, "yaxis": up, "showlegend": False})


def _said(price: Price) -> str:
    return "the fit" if price.points is None else points(price.points)
