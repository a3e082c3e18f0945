"""Explore: one picture, one transformation, and what two extractors make of it."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from core.measures.intraclass import MINIMUM_RANK
from dashboard import labels, measurement, terms, texts
from dashboard.panels import control, find, looks, maps, measure, presets, takeaway
from dashboard.pictures import Picture
from dashboard.shown import shown
from dashboard.study import PANELS, Study

_DEEPER = dict(zip(PANELS, (maps.render, looks.render, control.render, presets.render, takeaway.render), strict=True))


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
    )
    now = shown(study, model, picture)
    with st.container(key="part-lineup"):
        find.render(now)
    measure.render(now)
    with st.container(key="part-deeper"):
        st.segmented_control("Look deeper", PANELS, key="panel", required=True)
        st.header(labels.DEEPER[study.look.panel], anchor=False)
        with st.container(key="said.deeper"):
            _DEEPER[study.look.panel](now)
    with st.container(key="part-help"):
        with st.expander("What do these numbers mean?", icon=":material/help:"):
            st.markdown(labels.EXPLANATION.format(probes=measurement.PROBES, minimum=MINIMUM_RANK))
        terms.render("What do the controls do?", texts.controls(model.transforms))
