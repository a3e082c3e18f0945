"""How far one method is ahead of each of the others: a dot, its interval, and the tasks behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.frame import axis, framed
from dashboard.figures.text import literal
from dashboard.figures.theme import LABEL_SIZE, TICK_SIZE, Palette, points

_ROW, _ROOM = 30, 142


@dataclass(frozen=True)
class Gain:
    """Points over one rival.

    Attributes:
        rival: what people call it.
        value: mean over tasks; above 0: ahead of it.
        low, high: 95 % interval; equal to the value where there is none.
        tasks: (name, points) of each task.
    """

    rival: str
    value: float
    low: float
    high: float
    tasks: Sequence[tuple[str, float]] = ()

    @property
    def verdict(self) -> str:
        """``"ahead"``, ``"behind"`` or ``"undecided"``, as the interval says."""
        return "ahead" if self.low > 0 else "behind" if self.high < 0 else "undecided"


def differences_figure(gains: Sequence[Gain], caption: str, colours: Palette) -> go.Figure:
    """Draw a row for each rival, the hardest on top; filled dots where the interval leaves no doubt.

    Args:
        gains: at least one.
        caption: one sentence, part of the figure so that an exported one has it.
        colours: of the current theme.
    """
    rows = sorted(gains, key=lambda gain: -gain.value)
    names = [literal(gain.rival) for gain in rows]
    shade = {"ahead": colours.a, "behind": colours.ink, "undecided": colours.quiet}
    small = [(literal(gain.rival), name, each) for gain in rows for name, each in gain.tasks]
    tasks = {
        "type": "scatter", "mode": "markers", "showlegend": False,
        "x": [each for _, _, each in small], "y": [rival for rival, _, _ in small],
        "text": [f"{literal(name)}: {points(each)}" for _, name, each in small],
        "marker": {"symbol": "line-ns-open", "size": 9, "color": colours.quiet, "opacity": 0.7},
        "hovertemplate": "%{text} points<extra></extra>",
    }  # fmt: skip
    dots = {
        "type": "scatter", "mode": "markers", "showlegend": False, "x": [gain.value for gain in rows], "y": names,
        "text": [f"{points(gain.value)} [{points(gain.low)}, {points(gain.high)}]" for gain in rows],
        "error_x": {
            "type": "data", "symmetric": False, "array": [gain.high - gain.value for gain in rows],
            "arrayminus": [gain.value - gain.low for gain in rows], "thickness": 2, "width": 0, "color": colours.ink,
        },
        "marker": {
            "size": 12, "color": [shade[gain.verdict] for gain in rows], "line": {"width": 2, "color": colours.ink},
            "symbol": ["circle-open" if gain.verdict == "undecided" else "circle" for gain in rows],
        },
        "hovertemplate": "%{y}: %{text} points<extra></extra>",
    }  # fmt: skip
    note = {
        "xref": "paper", "yref": "paper", "x": 1, "y": 0, "xanchor": "right", "yanchor": "top", "yshift": -64,
        "showarrow": False, "text": literal(caption).replace("; ", "<br>"), "align": "right",
        "font": {"size": TICK_SIZE, "color": colours.quiet},
    }  # fmt: skip
    zero = {
        "type": "line", "xref": "x", "yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1,
        "line": {"color": colours.ink, "width": 1},
    }  # fmt: skip
    across = axis(colours, "points ahead") | {"zeroline": False}
    up = axis(colours) | {"tickfont": {"size": LABEL_SIZE}, "automargin": True, "type": "category"}
    layout = framed(colours, _ROOM + _ROW * len(rows), (10, 20, 10, 112))
    return go.Figure([tasks, dots], layout | {"xaxis": across, "yaxis": up, "annotations": [note], "shapes": [zero]})
