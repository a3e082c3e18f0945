"""The opening scene: what A and B find most alike to the transformed picture."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.inspect import grid
from core.inspect.neighbours import Kind
from dashboard import cache, component
from dashboard.live.measured import Shown
from dashboard.session import state
from dashboard.session.settings import contrast
from dashboard.text import explore, labels


def render(shown: Shown) -> None:
    """Draw the headline and the line-up."""
    said = explore.found(shown.picture.name, shown.axis, shown.scene.strength, shown.first, grid.NEAREST)
    with st.container(key="said.find"):
        st.markdown(f"## {said}")
    _contrast(shown)
    component.neighbours(key="neighbours", data=_data(shown) | {"alt": explore.plain(said)})
    st.caption(explore.lineup(shown.axis, [each.kind for each in shown.scene.candidates]))


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
    pictures = cache.thumbnails(shown.picture, axis, scene, shown.study.gallery)
    items = [
        {"src": src, "alt": explore.pictured(each.name, axis, each.strength), "kind": each.kind,
         "label": explore.short(each.name, axis, each.strength)}
        for each, src in zip(scene.candidates, pictures, strict=True)
    ]  # fmt: skip
    frame = cache.frames(shown.model, shown.picture, axis)[shown.study.at]
    query = {
        "src": frame.photo,
        "alt": explore.pictured(shown.picture.name, axis, scene.strength),
        "label": explore.short(shown.picture.name, axis, scene.strength),
    }
    words = labels.NEIGHBOURS | {"marks": {kind: labels.MARKS[kind] for kind in Kind}, "kinds": explore.kinds(axis)}
    return shown.for_browser() | {"query": query, "items": items, "count": grid.NEAREST, "words": words}
