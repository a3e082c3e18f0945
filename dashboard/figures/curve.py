"""The sensitivity curve: how far features move over the whole range of one transformation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.theme import FONT, GUTTER, LABEL_SIZE, MOVEMENT_LIMIT, TICK_SIZE, Palette, signed, translucent


@dataclass(frozen=True)
class Trace:
    """One descriptor's curve.

    Attributes:
        label: ``"A"`` or ``"B"``.
        strengths: (S,) in the axis' unit.
        movement: (S,) 0 = unmoved, 1 = as far as another picture.
        band_at: (F,) strengths at which other pictures were measured.
        low, high: (F,) the tenth and the ninetieth percentile over those pictures.
        muted: the extractor has collapsed, so the curve is drawn in grey.
    """

    label: str
    strengths: np.ndarray
    movement: np.ndarray
    band_at: np.ndarray
    low: np.ndarray
    high: np.ndarray
    muted: bool = False


def sensitivity_figure(
    traces: Sequence[Trace], frames: np.ndarray, title: str, colours: Palette, height: int = 290
) -> go.Figure:
    """Draw the curves under the filmstrip, each strength below its picture.

    Args:
        traces: A first, then B if it is pinned.
        frames: (F,) evenly spaced strengths of the filmstrip's pictures; they become the ticks.
        title: of the horizontal axis, with the unit.
        colours: of the current theme.
        height: in pixels.
    """
    half = (frames[-1] - frames[0]) / (len(frames) - 1) / 2
    left, right = frames[0] - half, frames[-1] + half  # half a column more on each side centres the ticks
    layout = base_layout(colours, height) | {
        "hovermode": "x unified",
        "xaxis": axis_style(colours, title)
        | {"range": [left, right], "tickvals": frames, "ticktext": [signed(value) for value in frames]},
        "yaxis": axis_style(colours, "features move")
        | {
            "range": [-0.03, MOVEMENT_LIMIT],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "ticktext": ["0 %", "25 %", "50 %", "75 %", "100 %"],
            "showgrid": True,
        },
        "shapes": [reference_line(colours, {"xref": "paper", "x0": 0, "x1": 1, "y0": 1, "y1": 1})],
        "annotations": [_reference_label(left, colours), *_end_labels(traces, float(frames[-1]), colours)],
    }
    lines = [line for trace in reversed(traces) for line in _lines(trace, colours)]  # A is drawn last: on top
    return go.Figure(lines, layout)  # built in one go: adding parts one by one takes six times as long (20 ms)


def base_layout(colours: Palette, height: int) -> dict[str, Any]:
    """What every chart of the page shares: transparent, aligned to the gutter, no legend, no dragging."""
    return {
        "height": height,
        "margin": {"l": GUTTER, "r": 0, "t": 0, "b": 56},
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": {"family": FONT, "size": TICK_SIZE, "color": colours.ink},
        "hoverlabel": {"bgcolor": colours.surface, "font": {"size": TICK_SIZE, "color": colours.ink}},
        "showlegend": False,
        "dragmode": False,
        "uirevision": "fixed",
    }


def axis_style(colours: Palette, title: str = "") -> dict[str, Any]:
    """What every axis shares; grid lines only where asked for."""
    return {
        "title": {"text": title, "font": {"size": LABEL_SIZE}, "standoff": 6},
        "color": colours.ink,
        "tickfont": {"size": TICK_SIZE},
        "gridcolor": colours.grid,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }


def reference_line(colours: Palette, where: dict[str, Any]) -> dict[str, Any]:
    """The dotted line at 1, another picture."""
    return {"type": "line", "line": {"color": colours.quiet, "width": 2, "dash": "dot"}, **where}


def note(text: str, size: int, colour: str, **where: Any) -> dict[str, Any]:
    """A text in a chart."""
    return {"text": text, "showarrow": False, "font": {"size": size, "color": colour}, **where}


def _reference_label(left: float, colours: Palette) -> dict[str, Any]:
    text = "as different as another picture"
    return note(text, TICK_SIZE, colours.quiet, x=left, y=1, xanchor="left", yanchor="bottom")


def _end_labels(traces: Sequence[Trace], end: float, colours: Palette) -> list[dict[str, Any]]:
    heights = _apart([float(trace.movement[-1]) for trace in traces])
    return [
        note(f"<b>{trace.label}</b>", 19, _colour(trace, colours), x=end, y=y, xanchor="left", xshift=8)
        for trace, y in zip(traces, heights, strict=True)
    ]


def _lines(trace: Trace, colours: Palette) -> list[dict[str, Any]]:
    colour = _colour(trace, colours)
    edge = {"type": "scatter", "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "x": trace.band_at}
    fill = {"fill": "tonexty", "fillcolor": translucent(colour, 0.16)}
    curve = {
        "type": "scatter",
        "mode": "lines",
        "name": trace.label,
        "x": trace.strengths,
        "y": trace.movement,
        "line": {"color": colour, "width": 4, "dash": "solid" if trace.label == "A" else "dash"},
        "hovertemplate": f"{trace.label}: %{{y:.0%}} of the way to another picture<extra></extra>",
    }
    return [
        edge | {"name": f"{trace.label} low", "y": trace.low},
        edge | {"name": f"{trace.label} high", "y": trace.high} | fill,
        curve,
    ]


def _colour(trace: Trace, colours: Palette) -> str:
    return colours.quiet if trace.muted else colours.of(trace.label)


def _apart(ends: list[float], gap: float = 0.13) -> list[float]:
    """Heights for the labels at the ends of the curves, pushed apart where they would overlap."""
    ends = [min(max(end, 0.05), MOVEMENT_LIMIT - 0.07) for end in ends]
    if len(ends) < 2 or abs(ends[0] - ends[1]) >= gap:
        return ends
    middle = min(max(sum(ends) / 2, 0.05 + gap / 2), MOVEMENT_LIMIT - 0.07 - gap / 2)
    up = gap / 2 if ends[0] >= ends[1] else -gap / 2
    return [middle + up, middle - up]
