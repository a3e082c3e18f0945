"""The map of extractors: one point each, neighbours joined, with A, B and the ways between on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.colour_scale import STEPS, coloured
from dashboard.figures.frame import framed, legend_above
from dashboard.figures.text import literal
from dashboard.figures.theme import FONT, LABEL_SIZE, TICK_SIZE, Palette

HEIGHT = 540
"""Pixels: with the sentence above it, the map is seen whole on a small screen."""

PROJECTED = 440
"""The same on a projector, of 1280 by 720, whose type is larger."""

POINTS = 1
"""Number of the trace whose points are the extractors, in the order of the map."""


@dataclass(frozen=True)
class Cloud:
    """The points.

    Attributes:
        positions: (M, d), d = 2 or 3.
        edges: (E, 2) indices.
        values: (M,) by which points are coloured; NaN where not known.
        title: what the values are, with their unit.
        ends: of the colour scale.
        chosen: (M,) the others are grey.
        hover: plotly's template, and ``details`` (M, F) that it names.
        joined: what the edges are.
    """

    positions: np.ndarray
    edges: np.ndarray
    values: np.ndarray
    title: str
    ends: tuple[float, float]
    chosen: np.ndarray
    hover: str
    details: np.ndarray
    joined: str = "differ in one coordinate"


@dataclass(frozen=True)
class Way:
    """A line on the map, (T, d), and how it is drawn; if ``marked``, with a ring at its start and a star at its end."""

    name: str
    positions: np.ndarray
    colour: str
    dash: str = "solid"
    marked: bool = False


@dataclass(frozen=True)
class Overlay:
    """What lies on top: labelled descriptors ``{"A": (d,)}`` and ways."""

    labelled: dict[str, np.ndarray] = field(default_factory=dict)
    ways: Sequence[Way] = ()


def map_figure(cloud: Cloud, overlay: Overlay, axes: tuple[str, str], revision: str, colours: Palette) -> go.Figure:
    """Draw the map.

    Args:
        cloud: points.
        overlay: what lies on top.
        axes: titles; a third dimension has none.
        revision: as long as it stays, so does the person's zoom.
        colours: of the current theme.
    """
    spatial = cloud.positions.shape[1] == 3
    traces = [_edges(cloud, colours), _points(cloud, colours), _bar(cloud, colours)]
    if not cloud.chosen.all() or not np.isfinite(cloud.values).all():
        traces.append(_key("not selected or not known", cloud, _faint(colours)))
    traces += [_way(way, colours) for way in overlay.ways]
    traces += [_label(name, spot, colours) for name, spot in overlay.labelled.items()]
    figure = go.Figure(traces, _layout(axes, revision, colours))
    if not spatial:
        figure.update_layout(annotations=[_tag(name, spot, colours) for name, spot in overlay.labelled.items()])
    else:
        # Without a grid, whose lines would be taken for edges.
        plain = {"showticklabels": False, "title": "", "showbackground": False, "showgrid": False, "zeroline": False}
        camera = {"eye": {"x": 0.95, "y": 0.95, "z": 0.75}}  # the usual one leaves half of the place empty
        scene = {"xaxis": plain, "yaxis": plain, "zaxis": plain, "aspectmode": "data", "camera": camera}
        figure.update_layout(scene=scene)
    return figure


def _trace(spots: np.ndarray, **look: Any) -> dict[str, Any]:
    names = ("x", "y", "z")[: spots.shape[1]]
    kind = "scatter3d" if spots.shape[1] == 3 else "scatter"
    return {"type": kind, **{name: spots[:, n] for n, name in enumerate(names)}, **look}


def _edges(cloud: Cloud, colours: Palette) -> dict[str, Any]:
    ends = cloud.positions[cloud.edges]
    gaps = np.full((len(ends), 1, cloud.positions.shape[1]), np.nan)  # a gap after every segment
    return _trace(
        np.concatenate([ends, gaps], 1).reshape(-1, cloud.positions.shape[1]),
        mode="lines",
        line={"color": _faint(colours), "width": 1},
        hoverinfo="skip",
        name=literal(cloud.joined),
        showlegend=len(ends) > 0,
    )


def _points(cloud: Cloud, colours: Palette) -> dict[str, Any]:
    known = cloud.chosen & np.isfinite(cloud.values)
    paint = np.where(known, coloured(cloud.values, *cloud.ends), _faint(colours))
    flat = cloud.positions.shape[1] == 2
    size = np.where(known, 8, 5) / (1 if flat else 2)
    whole = {"marker": {"opacity": 1}}  # a click selects, and the rest should stay as it is
    return _trace(
        cloud.positions,
        mode="markers",
        marker={
            "color": paint.tolist(),
            "size": size,
            "line": {"width": np.where(known, 1, 0) if flat else 0, "color": colours.quiet},
        },
        customdata=cloud.details,
        hovertemplate=cloud.hover,
        name="points",
        showlegend=False,
        **({"selected": whole, "unselected": whole} if flat else {}),
    )


def _bar(cloud: Cloud, colours: Palette) -> dict[str, Any]:
    """A trace without points that carries the colour scale."""
    marker = {
        "color": [cloud.ends[0]],
        "cmin": cloud.ends[0],
        "cmax": cloud.ends[1],
        "colorscale": STEPS,
        "showscale": True,
        "colorbar": {
            "title": {"text": literal(cloud.title), "side": "right", "font": {"size": TICK_SIZE}},
            "thickness": 14,
            "len": 0.85,
            "outlinewidth": 0,
            "tickfont": {"size": TICK_SIZE, "color": colours.ink},
        },
    }
    nowhere = np.full((1, cloud.positions.shape[1]), np.nan)
    return _trace(nowhere, mode="markers", marker=marker, hoverinfo="skip", showlegend=False, name="scale")


def _key(name: str, cloud: Cloud, colour: str) -> dict[str, Any]:
    nowhere = np.full((1, cloud.positions.shape[1]), np.nan)
    return _trace(nowhere, mode="markers", marker={"color": colour, "size": 8}, name=name, hoverinfo="skip")


def _way(way: Way, colours: Palette) -> dict[str, Any]:
    look: dict[str, Any] = {"mode": "lines", "line": {"color": way.colour, "width": 3, "dash": way.dash}}
    if way.marked:
        count = len(way.positions)
        symbols = ["circle"] * count
        sizes = [4] * count
        symbols[0], sizes[0] = "circle-open", 13
        symbols[-1], sizes[-1] = "diamond" if way.positions.shape[1] == 3 else "star", 18
        # The end is lined with the page's colour, to stand out from the points below it.
        border = {"width": 2, "color": [way.colour] * (count - 1) + [colours.surface]}
        look |= {"mode": "lines+markers", "marker": {"symbol": symbols, "size": sizes, "color": way.colour}}
        if way.positions.shape[1] == 2:
            look["marker"]["line"] = border
    return _trace(way.positions, **look, name=literal(way.name), hoverinfo="name", showlegend=True)


def _label(name: str, spot: np.ndarray, colours: Palette) -> dict[str, Any]:
    spatial = len(spot) == 3
    size = 8 if spatial else 17
    return _trace(
        np.asarray(spot)[None],
        mode="markers+text" if spatial else "markers",
        text=[f"<b>{literal(name)}</b>"],
        textposition="top center",
        textfont={"size": LABEL_SIZE + 3, "color": colours.of(name)},
        marker={
            "symbol": "diamond",
            "size": size,
            "color": colours.of(name),
            "line": {"width": 2, "color": colours.surface},
        },
        name=f"descriptor {literal(name)}",
        showlegend=False,  # it is labelled where it lies
        hoverinfo="name",
    )


def _tag(name: str, spot: np.ndarray, colours: Palette) -> dict[str, Any]:
    """The label of a descriptor, readable on top of points."""
    return {
        "x": spot[0],
        "y": spot[1],
        "text": f"<b>{literal(name)}</b>",
        "showarrow": False,
        "xshift": 22,
        "font": {"size": LABEL_SIZE + 2, "color": colours.of(name)},
        "bgcolor": colours.surface,
        "bordercolor": colours.of(name),
        "borderpad": 2,
    }


def _layout(axes: tuple[str, str], revision: str, colours: Palette) -> dict[str, Any]:
    bare = {"showticklabels": False, "showgrid": False, "zeroline": False, "color": colours.quiet}
    return framed(colours, HEIGHT, (36, 8, 8, 36)) | {
        "meta": {"projected": PROJECTED},
        "dragmode": "pan",
        "clickmode": "event+select",
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": colours.surface,
            "bordercolor": colours.quiet,
            "font": {"color": colours.ink, "family": FONT, "size": TICK_SIZE},
            "align": "left",
            "namelength": -1,
        },
        "uirevision": revision,
        "xaxis": bare | {"title": {"text": literal(axes[0])}},
        "yaxis": bare | {"title": {"text": literal(axes[1])}, "scaleanchor": "x"},
        "showlegend": True,
        "legend": legend_above(1.0),
    }


def _faint(colours: Palette) -> str:
    """Opaque, because lines in space that are not are drawn white."""
    ends = ([int(colour[n : n + 2], 16) for n in (1, 3, 5)] for colour in (colours.quiet, colours.surface))
    return "#" + "".join(f"{round(0.35 * quiet + 0.65 * ground):02X}" for quiet, ground in zip(*ends, strict=True))
