"""Where does it notice? The pixels that decide how far the features move, beside a control."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.backbones.base import Empty
from core.inspect.saliency import agreement
from dashboard import cache, encode, figures
from dashboard.live.measured import Shown
from dashboard.text import explore, inside, labels

_CONTROL = "random weights"


def render(shown: Shown) -> None:
    """Draw the picture, the map of each descriptor and that of random weights."""
    if shown.scene.strength == 0:
        st.info(labels.NOTHING_CHANGED)
        return
    with st.spinner(labels.LOOKING):
        points = tuple(shown.descriptor(label) for label in shown.readings)
        ours, control = cache.saliencies(shown.model, points, shown.scene, shown.picture)
    maps = dict(zip(shown.readings, ours, strict=True))
    agreements = {label: agreement(values, control) for label, values in maps.items()}
    said = inside.looks(shown.axis, shown.scene.strength, agreements)
    st.markdown(said)
    small = encode.bytes_of(encode.shrunk(shown.picture.pixels))
    rows = [
        figures.Row(
            "where the change is noticed",
            [
                figures.Cell(small, explore.pictured(shown.picture.name, shown.axis, 0), "the picture"),
                *(_cell(small, values.numpy(), label, agreements[label]) for label, values in maps.items()),
                _cell(small, control.numpy(), _CONTROL, None),
            ],
        )
    ]
    columns = ["", *maps, _CONTROL]
    st.html(figures.sheet_html(columns, rows, 230, heads=False))
    st.caption(labels.LOOKS_CAPTION)
    if not isinstance(shown.model.stem, Empty):
        st.caption(labels.LOOKS_STEM.format(backbone=shown.model.backbone.name))
    caption = explore.caption(shown.picture.name, shown.study, shown.model.metadata, explore.plain(said))
    st.download_button(
        "Save as PNG", lambda: figures.sheet_png(columns, rows, caption), "hyperinvariances-where.png", "image/png",
        key="save.looks", on_click="ignore",
    )  # fmt: skip


def _cell(photo: np.ndarray, values: np.ndarray, name: str, alike: float | None) -> figures.Cell:
    below = "" if alike is None else f"{explore.two(alike)} like random"
    return figures.Cell(figures.glow(photo, values), f"where {name} notices the change", below)
