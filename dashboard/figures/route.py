"""From A to B: what the extractors in between notice, one small chart per transformation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.figures.frame import axis, framed
from dashboard.figures.text import literal
from dashboard.figures.theme import LABEL_SIZE, Palette

_COLUMNS = 3


def route_figure(shares: np.ndarray, movement: np.ndarray, names: Sequence[str], colours: Palette) -> go.Figure:
    """Draw K charts on one scale.

    Args:
        shares: (T,) of the way from A, 0, to B, 1.
        movement: (T, K) how far features move; 1 = another picture.
        names: of the K transformations.
        colours: of the current theme.
    """
    shown = [literal(name) for name in names]
    rows = -(-len(names) // _COLUMNS)
    figure = make_subplots(
        rows, _COLUMNS, subplot_titles=shown, shared_xaxes="all", shared_yaxes="all", vertical_spacing=0.16
    )
    for number in range(len(names)):
        place = {"row": number // _COLUMNS + 1, "col": number % _COLUMNS + 1}
        curve = movement[:, number]
        figure.add_scatter(
            x=shares, y=curve, mode="lines", line={"color": colours.ink, "width": 2.5}, **place,
            hovertemplate=f"{shown[number]} %{{y:.0%}}<extra></extra>",
        )  # fmt: skip
        for label, end in (("A", 0), ("B", -1)):
            figure.add_scatter(
                x=[shares[end]], y=[curve[end]], mode="markers", **place, hoverinfo="skip",
                marker={"color": colours.of(label), "size": 12, "symbol": "circle" if label == "A" else "diamond"},
            )  # fmt: skip
    top = max(1.1, float(np.nanmax(movement)) * 1.08)
    figure.update_xaxes(axis(colours), tickvals=[0, 1], ticktext=["A", "B"], range=[-0.06, 1.06])
    figure.update_yaxes(
        axis(colours),
        showgrid=True,
        gridcolor=colours.quiet,
        griddash="dot",
        tickformat=".0%",
        range=[-0.05 * top, top],
        tickvals=[0, 0.5, 1],
    )
    figure.update_annotations(font={"size": LABEL_SIZE, "color": colours.ink})
    figure.update_layout(framed(colours, 60 + 190 * rows, (56, 8, 30, 32)), showlegend=False)
    return figure
