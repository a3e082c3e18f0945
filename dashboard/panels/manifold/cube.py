"""The same descriptors in the cube, where nothing is projected."""

from __future__ import annotations

import streamlit as st

from dashboard.figures import theme
from dashboard.figures.cube import Line, cube_figure
from dashboard.panels.manifold.shown import DASHES, ShownMap
from dashboard.text import manifold
from dashboard.widgets import charts


def render(shown: ShownMap) -> None:
    """Draw A, B and the ends of fits."""
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
