"""The opening scene: what A and B find most alike to the transformed picture."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.neighbours import Kind
from dashboard import cache, component, measurement, texts
from dashboard.shown import Shown


def render(shown: Shown) -> None:
    """Draw the headline and the line-up."""
    first = {
        label: reading.ranking.first(shown.scene.candidates, measurement.NEAREST)
        for label, reading in shown.readings.items()
        if not reading.ground.collapsed
    }
    said = texts.found(shown.picture.name, shown.axis, shown.scene.strength, first, measurement.NEAREST)
    st.markdown(f"### {said}")
    component.neighbours(key="neighbours", data=_data(shown) | {"alt": texts.plain(said)})
    st.caption(texts.lineup(shown.axis, [each.kind for each in shown.scene.candidates]))


def _data(shown: Shown) -> dict[str, Any]:
    scene, axis = shown.scene, shown.axis
    pictures = cache.thumbnails(shown.picture, axis, scene, shown.study.gallery)
    items = [
        {"src": src, "alt": texts.pictured(each.name, axis, each.strength), "kind": each.kind,
         "label": texts.short(each.name, axis, each.strength)}
        for each, src in zip(scene.candidates, pictures, strict=True)
    ]  # fmt: skip
    frame = cache.frames(shown.picture, axis)[shown.study.at]
    query = {
        "src": frame.photo,
        "alt": texts.pictured(shown.picture.name, axis, scene.strength),
        "label": texts.short(shown.picture.name, axis, scene.strength),
    }
    words = texts.NEIGHBOURS | {"marks": {kind: texts.MARKS[kind] for kind in Kind}, "kinds": texts.kinds(axis)}
    return shown.for_browser() | {"query": query, "items": items, "count": measurement.NEAREST, "words": words}
