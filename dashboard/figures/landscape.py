"""A square of the cube as a landscape, with the ways of fits on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.colour_scale import STEPS
from dashboard.figures.frame import axis, framed, legend_above
from dashboard.figures.text import literal
from dashboard.figures.theme import TICK_SIZE, Palette


@dataclass(frozen=True)
class Ground:
    """The landscape.

    Attributes:
        ticks: (S,) coordinates along both axes.
        table: (S, S) values, rows upwards; NaN where not known yet.
        title: what the values are.
        bright_is_low: bright places are good, so a loss is drawn the other way round.
        axes: names across and up.
    """

    ticks: np.ndarray
    table: np.ndarray
    title: str
    bright_is_low: bool
    axes: tuple[str, str]


@dataclass(frozen=True)
class Track:
    """The way of a fit on the square, (T, 2), across and up; ``dash`` tells several apart."""

    name: str
    spots: np.ndarray
    dash: str


def landscape_figure(ground: Ground, tracks: Sequence[Track], colours: Palette) -> go.Figure:
    """Draw the square exactly, fits on top."""
    across, up = map(literal, ground.axes)
    heat = {
        "type": "heatmap",
        "x": ground.ticks,
        "y": ground.ticks,
        "z": ground.table,
        "colorscale": STEPS,
        "reversescale": ground.bright_is_low,
        "colorbar": {
            "title": {"text": literal(ground.title), "side": "right"},
            "thickness": 14,
            "outlinewidth": 0,
            "tickfont": {"size": TICK_SIZE, "color": colours.ink},
        },
        "hovertemplate": f"{across} %{{x:.2f}}, {up} %{{y:.2f}}: %{{z:.3g}}<extra></extra>",
        "hoverongaps": False,
        "showscale": bool(np.isfinite(ground.table).any()),
    }
    unit = {"range": [-0.08, 1.08], "tickvals": [0, 0.5, 1], "constrain": "domain"}
    return go.Figure(
        [heat, *(_drawn(track, halo) for track in tracks for halo in (True, False))],
        framed(colours, 460, (64, 8, 8, 56))
        | {
            "xaxis": axis(colours, f"{ground.axes[0]} (0 keeps, 1 ignores)") | unit | {"constraintoward": "left"},
            "yaxis": axis(colours, ground.axes[1]) | unit | {"scaleanchor": "x"},
            "showlegend": True,
            "legend": legend_above(),
        },
    )


def _drawn(track: Track, halo: bool) -> dict[str, Any]:
    """Black on a white halo, which stands out from every colour of the scale."""
    count = len(track.spots)
    symbols, sizes = ["circle"] * count, [4] * count
    symbols[0], sizes[0] = "circle-open", 13
    symbols[-1], sizes[-1] = "star", 16
    colour, more = ("#FFFFFF", 4) if halo else ("#000000", 0)
    return {
        "type": "scatter",
        "x": track.spots[:, 0],
        "y": track.spots[:, 1],
        "mode": "lines+markers",
        "line": {"color": colour, "width": 2 + more, "dash": "solid" if halo else track.dash},
        "marker": {
            "symbol": symbols,
            "size": [size + more for size in sizes],
            "color": colour,
            "line": {"width": 2, "color": colour},
        },
        "name": literal(track.name),
        "showlegend": not halo,
        "hoverinfo": "skip" if halo else "name",
    }
