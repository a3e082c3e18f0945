"""The numbers: the filmstrip of one transformation, the curves of all, and whether to believe them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.inspect import grid
from dashboard import cache, component
from dashboard.figures.image_grid import COARSE
from dashboard.live import lineup
from dashboard.live.measured import Shown, show_axis
from dashboard.session import state
from dashboard.text import explore, labels


def render(shown: Shown) -> None:
    """Draw filmstrip, curves and lamps."""
    with st.container(key="part-filmstrip"):
        _filmstrip(shown)
    with st.container(key="part-curves"):
        _curves(shown)
        _lamps(shown)


def _lamps(shown: Shown) -> None:
    grounds = {label: reading.ground for label, reading in shown.readings.items()}
    still = {label: shown.still(label) for label in grounds}
    with st.spinner(labels.PREPARING):  # with another seed the other pictures are prepared first
        found = {label: cache.recognised(shown.model, shown.descriptor(label), shown.scene) for label in grounds}
    with st.container(key="said.lamps"):
        st.markdown(explore.lamps(shown.axis, grounds, still, found, grid.PROBES))


def _filmstrip(shown: Shown) -> None:
    axis = shown.axis
    st.header(f"The {shown.picture.name} while {axis.name} grows", anchor=False)
    said = lineup.moved(shown.scene, shown.readings)
    frames = [
        {"photo": frame.photo, "seen": frame.seen, "label": explore.strength(axis, frame.strength),
         "alt": explore.pictured(shown.picture.name, axis, frame.strength)}
        for frame in cache.frames(shown.model, shown.picture, axis)
    ]  # fmt: skip
    words = {name: text.format(side=shown.model.input_size) for name, text in labels.FILMSTRIP.items()}
    data = shown.for_browser() | {
        "frames": frames, "at": shown.study.at, "strip": explore.pieces(said), "alt": explore.plain(said),
        "words": words, "coarse": shown.model.input_size <= COARSE,
    }  # fmt: skip
    component.filmstrip(key="filmstrip", data=data, on_at_change=_take_frame)


def _take_frame() -> None:
    number = state.reported("filmstrip", "at")
    if isinstance(number, int) and 0 <= number < grid.FRAMES:
        state.choose(at=number)


def _curves(shown: Shown) -> None:
    st.header("How far features move, for every transformation", anchor=False)
    names = [axis.name for axis in shown.scene.axes]
    means = {label: reading.movement.mean(1).tolist() for label, reading in shown.readings.items()}
    said = explore.overview(names, means["A"], means.get("B"))
    with st.container(key="said.curves"):
        st.markdown(said)
    axes = [
        {"name": axis.name, "strengths": grid.curve_strengths(axis).tolist(),
         "labels": [explore.strength(axis, value) for value in grid.curve_strengths(axis)],
         "frames": grid.frame_strengths(axis).tolist()}
        for axis in shown.scene.axes
    ]  # fmt: skip
    data = shown.for_browser() | {
        "axes": axes,
        "chosen": shown.axis.name,
        "values": {"A": shown.study.a},
        "alt": explore.plain(said),
        "caption": explore.caption(shown.picture.name, shown.study, shown.model.metadata, explore.plain(said)),
        "words": labels.CURVES,
    }
    component.curves(key="curves", data=data, on_axis_change=partial(_take_axis, shown))
    st.caption(labels.CURVES_CAPTION.format(probes=grid.PROBES))


def _take_axis(shown: Shown) -> None:
    name = state.reported("curves", "axis")
    if name:
        show_axis(name, shown.model, shown.picture)
