"""The map with what can be asked of it: projection, seed, colour, which points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from core.manifold import ExtractorMap, Layout
from dashboard.figures import theme
from dashboard.figures.cube import Line, cube_figure
from dashboard.figures.map import POINTS, Cloud, Overlay, Way, map_figure
from dashboard.jobs.map_jobs import Subject, scores
from dashboard.panels.manifold.shown import DASHES, ShownMap
from dashboard.session import state
from dashboard.session.settings import rounded
from dashboard.text import manifold
from dashboard.text.markdown import literal
from dashboard.widgets import charts

CHART = "manifold.chart"
_EVERY = "all descriptors"
_STEPS = 21


@dataclass(frozen=True)
class Paint:
    """By what points are coloured: (M,) values, what they are, the ends of the scale, and which are not grey."""

    values: np.ndarray
    title: str
    ends: tuple[float, float]
    chosen: np.ndarray


def choose(mapped: ExtractorMap, subjects: dict[str, Subject]) -> tuple[Layout, Subject]:
    """Draw the choice of the projection and of the task."""
    method, dimensions, seed, task = st.columns([3, 3, 3, 5])
    with task:
        name = st.selectbox("Task, for colours and fits", list(subjects), key="manifold.task", persist_state="session")
    with method:
        kind = st.segmented_control(
            "Projection", list(manifold.METHODS), default="umap", key="manifold.method", required=True,
            format_func=manifold.METHODS.__getitem__, persist_state="session",
        )  # fmt: skip
    with dimensions:
        count = st.segmented_control(
            "Dimensions", [2, 3], default=2, key="manifold.dimensions", required=True, persist_state="session"
        )
    seeds = mapped.seeds(kind, count)
    chosen = seeds[0]
    if len(seeds) > 1:
        with seed:
            chosen = st.segmented_control(
                "Seed of UMAP", seeds, default=chosen, key="manifold.seed", required=True,
                persist_state="session",
            )  # fmt: skip
    return mapped.layout(kind, count, chosen), subjects[name]


def render(shown: ShownMap) -> None:
    """Draw the map, the cube beside it, and what may be read."""
    paint = _paint(shown)
    with st.container(key="narrow-map-body"):
        left, right = st.columns([13, 7], gap="medium")
    with left:
        _map(shown, paint)
    with right:
        _cube(shown)
    st.caption(manifold.caption(shown.layout, shown.mapped.settings.design))
    other = shown.mapped.layout("pca" if shown.layout.method == "umap" else "umap", shown.layout.dimensions)
    st.markdown(manifold.trust(shown.layout, other))
    st.caption(manifold.provenance(shown.mapped))


def _paint(shown: ShownMap) -> Paint:
    mapped = shown.mapped
    with st.container(key="narrow-map-colours"):
        by, what, where, part = st.columns([5, 3, 3, 3])
    with by:
        seen = list(manifold.SEEN)
        kind = st.segmented_control(
            "Colour by", seen, default=seen[0], key="manifold.by", required=True, persist_state="session"
        )
    kind = manifold.SEEN[kind]
    with what:
        if kind == "score":
            st.markdown(f"Task  \n{literal(shown.subject.name)}")
            axis = 0
        else:
            name = st.selectbox("Transformation", mapped.axes, key="manifold.axis", persist_state="session")
            axis = mapped.axes.index(name)
    chosen = np.ones(len(mapped.points), bool)
    with where:
        limit = st.selectbox("Show in colour", [_EVERY, *mapped.axes], key="manifold.only", persist_state="session")
    if limit != _EVERY:
        with part:
            low, high = st.slider(f"where {limit} is", 0.0, 1.0, (0.0, 0.5), 0.05, key="manifold.part")
        column = mapped.points[:, mapped.axes.index(limit)]
        chosen = (column >= low - 1e-6) & (column <= high + 1e-6)
    if kind == "coordinate":
        return Paint(mapped.points[:, axis], f"{mapped.axes[axis]}: 0 keeps, 1 ignores", (0.0, 1.0), chosen)
    if kind == "movement":
        values = mapped.sensitivity[:, axis]
        return Paint(values, f"features move with {mapped.axes[axis]}", (0.0, float(values.max())), chosen)
    return _marked(shown, shown.subject, chosen)


def _marked(shown: ShownMap, subject: Subject, chosen: np.ndarray) -> Paint:
    count = len(shown.mapped.points)
    stream = shown.map_jobs.marks.get(subject.name)
    values = scores(stream, count)
    if np.isnan(values).any():
        st.caption(manifold.NO_MARKS.format(count=count))
        st.button(
            f"Mark all {count:,} descriptors", key="manifold.mark", on_click=shown.map_jobs.mark_map,
            args=(shown.model, subject, shown.mapped), disabled=bool(stream and stream.running),
        )  # fmt: skip
    known = values[np.isfinite(values)]
    ends = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    return Paint(values, f"{subject.score} on {subject.name}", ends, chosen)


def _map(shown: ShownMap, paint: Paint) -> None:
    colours = theme.palette(st.context.theme.type)
    mapped, layout = shown.mapped, shown.layout
    placed = dict(zip(shown.pinned(), shown.places(list(shown.pinned().values())), strict=True))
    cloud = Cloud(
        layout.positions, mapped.edges, paint.values, paint.title, paint.ends, paint.chosen,
        manifold.hover(mapped.axes), np.concatenate([mapped.points, mapped.sensitivity], 1).round(3),
    )  # fmt: skip
    figure = map_figure(cloud, Overlay(placed, _ways(shown, colours)), _titles(shown), _revision(layout), colours)
    charts.plotly_chart(
        figure, key=CHART, theme=None, on_select=partial(_clicked, mapped) if layout.dimensions == 2 else "ignore",
        selection_mode="points", config={"displaylogo": False, "scrollZoom": True},
        alt=manifold.map_alt(layout, mapped, paint.title, placed),
    )  # fmt: skip
    if layout.dimensions == 3:
        st.caption(manifold.SPACE)


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


def _cube(shown: ShownMap) -> None:
    colours = theme.palette(st.context.theme.type)
    lines = [
        Line(f"{walk.name}, end", walk.end, colours.quiet, DASHES[n % len(DASHES)], "star")
        for n, walk in enumerate(shown.walks)
    ]
    lines += [
        Line(label, values, colours.of(label), "solid", "circle" if label == "A" else "diamond")
        for label, values in reversed(shown.pinned().items())
    ]
    st.markdown("**The same in the cube**")
    said = "; ".join(f"{line.name}: {', '.join(f'{value:g}' for value in line.values)}" for line in lines)
    charts.plotly_chart(
        cube_figure(lines, shown.mapped.axes, colours), key="manifold.cube", theme=None,
        config={"displayModeBar": False}, alt=f"Coordinates of descriptors. {said}",
    )  # fmt: skip
    st.caption(manifold.CUBE_CAPTION)
