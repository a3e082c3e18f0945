"""Explore: one picture, one transformation, and what two extractors make of it."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from core.inspect import grid
from core.measures.intraclass import MINIMUM_RANK
from dashboard.encode import Picture
from dashboard.live.measured import show_axis, shown
from dashboard.panels.explore import control_matrix, curves, export_view, feature_maps, nearest, presets, saliency
from dashboard.session.settings import PANELS, Study
from dashboard.text import explore, labels
from dashboard.widgets import glossary

_DEEPER = dict(
    zip(
        PANELS,
        (feature_maps.render, saliency.render, control_matrix.render, presets.render, export_view.render),
        strict=True,
    )
)


def render(study: Study, model: AmortisedExtractor, picture: Picture) -> None:
    """Draw the page."""
    st.title("Which changes does the network notice?", anchor=False)
    st.markdown(labels.LEAD)
    st.segmented_control(
        "Transformation",
        [axis.name for axis in model.transforms],
        key="axis",
        required=True,
        label_visibility="collapsed",
        on_change=show_axis,
        args=(None, model, picture),
    )
    now = shown(study, model, picture)
    with st.container(key="part-lineup"):
        nearest.render(now)
    curves.render(now)
    with st.container(key="part-deeper"):
        st.segmented_control("Look deeper", PANELS, key="panel", required=True)
        st.header(labels.DEEPER[study.arrangement.panel], anchor=False)
        with st.container(key="said.deeper"):
            _DEEPER[study.arrangement.panel](now)
    with st.container(key="part-help"):
        with st.expander("What do these numbers mean?", icon=":material/help:"):
            st.markdown(labels.EXPLANATION.format(probes=grid.PROBES, minimum=MINIMUM_RANK))
        glossary.render("What do the controls do?", explore.controls(model.transforms))
