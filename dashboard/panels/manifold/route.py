"""From A to B: what the extractors on the way notice."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard import cache
from dashboard.figures import theme
from dashboard.figures.route import route_figure
from dashboard.panels.manifold.shown import ShownMap
from dashboard.text import manifold
from dashboard.widgets import charts

_STEPS = 11


def render(shown: ShownMap) -> None:
    """Draw one small chart per transformation, or say what is missing."""
    points = shown.between(_STEPS)
    if points is None:
        st.info(manifold.NO_ROUTE)
        return
    names = shown.mapped.axes
    with st.spinner(manifold.WALKING):
        movement, pictures = cache.movement(shown.model, tuple(map(tuple, points.round(4).tolist())))
    said = manifold.route(names, movement[0].tolist(), movement[-1].tolist())
    st.markdown(said)
    figure = route_figure(np.linspace(0, 1, _STEPS), movement, names, theme.palette(st.context.theme.type))
    charts.plotly_chart(
        figure, key="manifold.route", theme=None, config={"displayModeBar": False}, alt=said.replace("*", "")
    )  # fmt: skip
    st.caption(manifold.ROUTE_CAPTION.format(pictures=pictures))
