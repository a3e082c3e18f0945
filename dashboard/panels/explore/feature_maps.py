"""Feature maps: does a channel stand still, move along with the picture, or change?"""

from __future__ import annotations

import streamlit as st

from core.inspect import grid
from core.inspect.feature_maps import MapSweep, moved_back
from dashboard import cache, encode, figures
from dashboard.figures import theme
from dashboard.live.measured import Shown
from dashboard.text import explore, inside, labels

_CHANNELS = 2


def render(shown: Shown) -> None:
    """Draw the choices and the strip of maps."""
    geometric = shown.axis.warp is not None
    with st.container(key="narrow-charts-maps"):
        layers, aligned = st.columns([2, 1], vertical_alignment="bottom")
    with layers:
        names = shown.model.backbone.layers
        st.segmented_control("Layer, from the picture to the features", names, key="layer", required=True)
    with aligned:
        st.toggle("Move the maps back", key="aligned", disabled=not geometric)
        st.caption(inside.moving_back(shown.axis))
    sweeps = {label: _sweep(shown, label) for label in shown.readings}
    backs = {label: moved_back(sweep, shown.axis) for label, sweep in sweeps.items()}
    at = shown.study.at
    agreements = {
        label: (float(sweeps[label].agreement()[at]), float(backs[label].agreement()[at]) if geometric else None)
        for label in sweeps
        if not shown.readings[label].ground.collapsed
    }
    said = inside.maps(shown.study.arrangement.layer, shown.axis, shown.scene.strength, agreements)
    st.markdown(said)
    use = backs if shown.study.arrangement.aligned and geometric else sweeps
    columns = [explore.strength(shown.axis, value) for value in grid.frame_strengths(shown.axis)]
    rows = [_inputs(shown), *(row for label, sweep in use.items() for row in _rows(shown, label, sweep))]
    st.html(figures.sheet_html(columns, rows))
    st.caption(
        f"{labels.MAPS_CAPTION} {labels.MAPS_OF_BRANCH}" if shown.model.backbone.branches else labels.MAPS_CAPTION
    )
    caption = explore.caption(shown.picture.name, shown.study, shown.model.metadata, explore.plain(said))
    st.download_button(
        "Save as PNG", lambda: figures.sheet_png(columns, rows, caption), "hyperinvariances-maps.png", "image/png",
        key="save.maps", on_click="ignore",
    )  # fmt: skip


def _sweep(shown: Shown, label: str) -> MapSweep:
    return cache.maps(shown.model, shown.descriptor(label), shown.scene, shown.study.arrangement.layer)


def _inputs(shown: Shown) -> figures.Row:
    seen = cache.frames_seen(shown.model, shown.picture, shown.axis)
    strengths = grid.frame_strengths(shown.axis)
    return figures.Row(
        "the extractor's input",
        [
            figures.Cell(encode.bytes_of(pixels), explore.pictured(shown.picture.name, shown.axis, value))
            for pixels, value in zip(seen, strengths, strict=True)
        ],
    )


def _rows(shown: Shown, label: str, sweep: MapSweep) -> list[figures.Row]:
    colour = theme.palette(st.context.theme.type).of(label)
    found = []
    for channel in sweep.most_changed(_CHANNELS):
        maps = sweep.maps[:, channel].numpy()
        cells = [
            figures.Cell(
                figures.heat(values, float(maps.max())) * (inside > 0)[..., None].astype("uint8"),
                f"{label}, channel {channel}, {explore.strength(shown.axis, value)}",
            )
            for values, inside, value in zip(maps, sweep.inside.numpy(), sweep.strengths, strict=True)
        ]
        found.append(figures.Row(f"{label}, channel {channel}", cells, colour))
    return found
