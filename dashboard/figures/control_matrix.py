"""The control matrix: which transformation each slider controls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.frame import axis, framed
from dashboard.figures.text import literal
from dashboard.figures.theme import LABEL_SIZE, TICK_SIZE, Palette

_LEFT = 140
"""Pixels of the margin with the names of the sliders."""
_LIMIT = 0.5
"""End of the colour scale, fixed so that a colour means the same for every model."""


def matrix_figure(
    matrix: np.ndarray, monotone: np.ndarray, names: Sequence[str], caption: tuple[str, ...], colours: Palette
) -> go.Figure:
    """Draw the matrix with its numbers, and how steady each slider is at the right: 1 where every step takes more away.

    Args:
        matrix: (K, K) row k is slider k, column j transformation j; in [-1, 1].
        monotone: (K,) in [-1, 1]; -1: every step of the slider lowers what it should.
        names: K.
        caption: lines, part of the figure so that an exported one has them.
        colours: of the current theme.
    """
    count, names = len(names), [literal(name) for name in names]
    heat = {
        "type": "heatmap",
        "z": matrix,
        "x": names,
        "y": names,
        "zmin": -_LIMIT,
        "zmax": _LIMIT,
        "colorscale": [[0, colours.less], [0.5, colours.surface], [1, colours.more]],
        "xgap": 3,
        "ygap": 3,
        "showscale": False,
        "hovertemplate": "slider %{y} on %{x}: %{z:+.2f}<extra></extra>",
    }
    texts = [
        {
            "x": names[column],
            "y": names[row],
            "text": f"<b>{_signed(matrix[row, column])}</b>" if row == column else _signed(matrix[row, column]),
            "showarrow": False,
            "font": {"size": LABEL_SIZE, "color": _ink(matrix[row, column], colours)},
        }
        for row in range(count)
        for column in range(count)
    ]
    side = {"xref": "paper", "x": 1.0, "xanchor": "left", "xshift": 14, "showarrow": False}
    texts += [
        {**side, "y": name, "text": _signed(-value), "font": {"size": LABEL_SIZE, "color": colours.ink}}
        for name, value in zip(names, monotone, strict=True)
    ]
    texts.append({**side, "yref": "paper", "y": 1, "yanchor": "bottom", "text": "steady", "yshift": 4})
    texts.append(
        {"xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "top", "xshift": 10 - _LEFT,
         "yshift": -12, "showarrow": False, "text": "<br>".join(map(literal, caption)), "align": "left",
         "font": {"size": TICK_SIZE, "color": colours.quiet}}
    )  # fmt: skip
    names_beside = {"tickfont": {"size": LABEL_SIZE}}
    return go.Figure(
        [heat],
        framed(colours, 130 + 52 * count, (_LEFT, 96, 60, 72))
        | {
            "xaxis": axis(colours)
            | names_beside
            | {
                "side": "top",
                "title": {"text": "takes this much of a transformation away", "standoff": 16},
                "automargin": True,
            },
            "yaxis": axis(colours)
            | names_beside
            | {"autorange": "reversed", "title": {"text": "slider, from 0 to 1", "standoff": 16}, "automargin": True},
            "annotations": texts,
        },
    )


def _signed(value: float) -> str:
    text = f"{abs(value):.2f}"
    return text if float(text) == 0 else f"{'−' if value < 0 else '+'}{text}"


def _ink(value: float, colours: Palette) -> str:
    return colours.surface if abs(value) > 0.6 * _LIMIT else colours.ink
