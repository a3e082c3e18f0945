"""The opening scene: what A and B find most alike to the transformed picture, with the hand's controls beside it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.inspect import grid
from core.inspect.neighbours import Kind
from dashboard import cache, component
from dashboard.live import lineup
from dashboard.live.measured import Shown
from dashboard.session import state
from dashboard.session.settings import contrast
from dashboard.text import explore, labels


def render(shown: Shown) -> None:
    """Draw the headline, the line-up and the sliders that move them."""
    component.neighbours(key="neighbours", data=_data(shown), on_at_change=_take_strength, on_b_change=_take_b)
    if shown.unchanged:
        st.info(explore.invisible(shown.picture.name, shown.axis), icon=":material/visibility_off:")
    _contrast(shown)
    st.caption(explore.lineup(shown.axis, [each.kind for each in shown.scene.candidates]))


def _take_strength() -> None:
    number = state.reported("neighbours", "at")
    if isinstance(number, int) and 0 <= number < grid.FRAMES:
        state.choose(at=number)


def _take_b() -> None:
    state.choose_b(state.reported("neighbours", "b"))


def _contrast(shown: Shown) -> None:
    """One click to the telling case, where A and B treat this transformation alike."""
    study, number = shown.study, shown.scene.number
    if study.b is not None and study.a[number] != study.b[number]:
        return
    st.button(
        f"Compare: A ignores {shown.axis.name}, B keeps it", key="do.contrast", on_click=state.show,
        args=(contrast(study, [axis.name for axis in shown.scene.axes]),), type="primary",
    )  # fmt: skip


def _data(shown: Shown) -> dict[str, Any]:
    scene, axis = shown.scene, shown.axis
    view = cache.pictured(shown.model, scene, shown.picture, shown.study.gallery)
    words = labels.NEIGHBOURS | {"marks": {kind: labels.MARKS[kind] for kind in Kind}, "kinds": explore.kinds(axis)}
    strengths = [explore.strength(axis, value) for value in grid.frame_strengths(axis)]
    return (
        shown.for_browser()
        | lineup.at_frame(view, shown.readings)
        | {
            "alt": explore.plain(lineup.found(scene, shown.readings)),
            "count": grid.NEAREST,
            "words": words,
            "axis": axis.name,
            "number": scene.number,
            "values": {"A": shown.study.a, "B": shown.study.b},
            "strengths": strengths,
        }
    )
