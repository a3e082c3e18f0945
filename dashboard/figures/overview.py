"""All transformations at once: one line each, a mark for A and one for B, the numbers at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.curve import axis_style, base_layout, note, reference_line
from dashboard.theme import LABEL_SIZE, MOVEMENT_LIMIT, TICK_SIZE, Palette, percent, translucent

_SYMBOLS = {"A": "circle", "B": "diamond-open"}
_COLUMN = 68  # pixels of one column of numbers
_HEAD = -0.75  # height of the column heads, in rows


@dataclass(frozen=True)
class Profile:
    """Mean movement over each axis' range under one descriptor; ``muted`` as in :class:`Trace`."""

    label: str
    movement: np.ndarray
    muted: bool = False

    def colour(self, colours: Palette) -> str:
        """The descriptor's colour, grey where the extractor has collapsed."""
        return colours.quiet if self.muted else colours.of(self.label)


def overview_figure(profiles: Sequence[Profile], names: Sequence[str], chosen: str, colours: Palette) -> go.Figure:
    """Draw a dumbbell per transformation.

    Args:
        profiles: A first, then B if it is pinned.
        names: K names, from top to bottom.
        chosen: the one that the rest of the page shows, set in bold.
        colours: of the current theme.
    """
    rows = np.arange(len(names))
    marks = [_marks(profile, rows, colours) for profile in reversed(profiles)]
    if len(profiles) == 2:
        marks.insert(0, _gaps(profiles, rows, colours))
    numbers = [text for column, profile in enumerate(profiles) for text in _numbers(profile, column, colours)]
    reference = {"x": 1, "y": _HEAD, "xanchor": "right", "xshift": -6, "yanchor": "middle"}
    layout = base_layout(colours, 90 + 36 * len(names)) | {
        "xaxis": axis_style(colours, "features move, mean over the range")
        | {"range": [-0.06, MOVEMENT_LIMIT], "tickvals": [0, 0.5, 1], "ticktext": ["0 %", "50 %", "100 %"]},
        "yaxis": axis_style(colours)
        | {
            "range": [len(names) - 0.5, -1.1],
            "tickvals": rows,
            "ticktext": [f"<b>{name}</b>" if name == chosen else name for name in names],
            "tickfont": {"size": LABEL_SIZE},
            "showgrid": True,
        },
        "shapes": [reference_line(colours, {"yref": "paper", "y0": 0, "y1": 1, "x0": 1, "x1": 1})],
        "annotations": [note("another picture", TICK_SIZE, colours.quiet, **reference), *numbers],
    }
    layout["margin"] |= {"r": _COLUMN * len(profiles)}
    return go.Figure(marks, layout)


def _marks(profile: Profile, rows: np.ndarray, colours: Palette) -> dict[str, Any]:
    colour = profile.colour(colours)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": profile.label,
        "x": _visible(profile),
        "y": rows,
        "cliponaxis": False,
        "marker": {
            "size": 14,
            "color": colour,
            "symbol": _SYMBOLS[profile.label],
            "line": {"width": 3, "color": colour},
        },
        "customdata": profile.movement,
        "hovertemplate": f"{profile.label}: %{{customdata:.0%}} on average<extra></extra>",
    }


def _gaps(profiles: Sequence[Profile], rows: np.ndarray, colours: Palette) -> dict[str, Any]:
    ends = np.stack([*(_visible(profile) for profile in profiles), np.full(len(rows), np.nan)], 1)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "gap",
        "x": ends.ravel(),
        "y": rows.repeat(3),
        "hoverinfo": "skip",
        "line": {"color": translucent(colours.quiet, 0.35), "width": 6},
    }


def _numbers(profile: Profile, column: int, colours: Palette) -> list[dict[str, Any]]:
    where = {"x": 1, "xref": "paper", "xanchor": "right", "xshift": _COLUMN * (column + 1)}
    heights = [_HEAD, *range(len(profile.movement))]
    texts = [f"<b>{profile.label}</b>", *(percent(value) for value in profile.movement)]
    colour = profile.colour(colours)
    return [note(text, LABEL_SIZE + 1, colour, y=y, **where) for text, y in zip(texts, heights, strict=True)]


def _visible(profile: Profile) -> np.ndarray:
    """Positions of the marks: the axis ends a little above another picture, the numbers tell the rest."""
    return np.clip(profile.movement, 0, MOVEMENT_LIMIT - 0.02)
