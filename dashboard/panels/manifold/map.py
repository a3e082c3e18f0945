"""The map with what lies on it: A, B, the way between, fits; a click on a dot sets A."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from core.manifold import ExtractorMap, Layout, told
from dashboard.figures import theme
from dashboard.figures.map import POINTS, Cloud, Overlay, Way, map_figure
from dashboard.jobs.map_jobs import scores
from dashboard.panels.manifold.shown import DASHES, ShownMap
from dashboard.session import state
from dashboard.session.settings import rounded
from dashboard.text import manifold
from dashboard.widgets import charts

CHART = "manifold.chart"
_STEPS = 21


@dataclass(frozen=True)
class Paint:
    """By what points are coloured: (M,) values, what they are, the ends of the scale."""

    values: np.ndarray
    title: str
    ends: tuple[float, float]


def sentence(mapped: ExtractorMap, layout: Layout) -> None:
    """Draw what there is to see, before anything is chosen."""
    st.markdown(manifold.finding(mapped.axes, told(layout.positions, mapped.points).tolist()))


def render(shown: ShownMap) -> None:
    """Draw the map."""
    colours = theme.palette(st.context.theme.type)
    mapped, layout, paint = shown.mapped, shown.layout, _paint(shown)
    placed = dict(zip(shown.pinned(), shown.places(list(shown.pinned().values())), strict=True))
    edges, joined = _edges(shown)
    cloud = Cloud(
        layout.positions, edges, paint.values, paint.title, paint.ends, shown.look.chosen,
        manifold.hover(mapped.axes), np.concatenate([mapped.points, mapped.sensitivity], 1).round(3), joined,
    )  # fmt: skip
    figure = map_figure(cloud, Overlay(placed, _ways(shown, colours)), _titles(shown), _revision(layout), colours)
    charts.plotly_chart(
        figure, key=CHART, theme=None, on_select=partial(_clicked, mapped) if layout.dimensions == 2 else "ignore",
        selection_mode="points", config={"displaylogo": False},
        alt=manifold.map_alt(layout, mapped, paint.title, placed),
    )  # fmt: skip
    if layout.dimensions == 3:
        st.caption(manifold.SPACE)


def about(shown: ShownMap) -> None:
    """Draw what may be read from the map and how far it may be believed."""
    st.caption(manifold.caption(shown.layout, shown.mapped.settings.design, shown.look.kind, shown.axis))
    other = shown.mapped.layout("pca" if shown.layout.method == "umap" else "umap", shown.layout.dimensions)
    st.markdown(manifold.trust(shown.layout, other))
    st.caption(manifold.provenance(shown.mapped))


def _paint(shown: ShownMap) -> Paint:
    mapped, axis, name = shown.mapped, shown.look.axis, shown.axis
    if shown.look.kind == "coordinate":
        return Paint(mapped.points[:, axis], f"{name}: 0 keeps, 1 ignores", (0.0, 1.0))
    if shown.look.kind == "movement":
        values = mapped.sensitivity[:, axis]
        return Paint(values, f"features move with {name}", (0.0, float(values.max())))
    values = scores(shown.map_jobs.marks.get(shown.subject.name), shown.stored, len(mapped.points))
    known = values[np.isfinite(values)]
    ends = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    return Paint(values, f"{shown.subject.score} on {shown.subject.name}", ends)


def _edges(shown: ShownMap) -> tuple[np.ndarray, str]:
    """Where one axis is shown, its lines alone: each is that slider pulled from one end to the other."""
    edges, points = shown.mapped.edges, shown.mapped.points
    if shown.look.kind == "score" or not len(edges):
        return edges, manifold.EDGES
    along = np.abs(points[edges[:, 0], shown.look.axis] - points[edges[:, 1], shown.look.axis]) > 1e-6
    return edges[along], manifold.PULLED.format(axis=shown.axis)


def _ways(shown: ShownMap, colours: theme.Palette) -> list[Way]:
    ways = [
        Way(walk.name, shown.places(walk.points), colours.ink, DASHES[n % len(DASHES)], marked=True)
        for n, walk in enumerate(shown.walks)
    ]
    between = shown.between(_STEPS)
    return ways if between is None else [Way("from A to B", shown.places(between), colours.ink, "dot"), *ways]


def _titles(shown: ShownMap) -> tuple[str, str]:
    if shown.layout.method == "umap":
        return "UMAP; its axes have no meaning", ""
    first, second = (theme.percent(share) for share in shown.mapped.explained[:2])
    return f"component 1, {first} of all differences", f"component 2, {second}"


def _revision(layout: Layout) -> str:
    return f"{layout.method}{layout.dimensions}{layout.seed}"


def _clicked(mapped: ExtractorMap) -> None:
    """Set A to the point that was clicked; in the callback, because the selection stays after it."""
    points = (state.reported(CHART, "selection") or {}).get("points", [])
    rows = [point["point_index"] for point in points if point.get("curve_number") == POINTS]
    if rows and rows[0] < len(mapped.points):
        state.choose(a=tuple(rounded(value) for value in mapped.points[rows[0]].tolist()))
