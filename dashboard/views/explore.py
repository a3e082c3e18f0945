"""Explore: one picture, one transformation, and what two extractors make of it."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from core.measures.intraclass import MINIMUM_RANK
from dashboard import measurement, texts
from dashboard.panels import find, measure
from dashboard.pictures import Picture
from dashboard.shown import shown
from dashboard.study import Study


def render(study: Study, model: AmortisedExtractor, picture: Picture) -> None:
    """Draw the page."""
    st.title("Which changes does the network notice?", anchor=False)
    st.markdown(texts.LEAD)
    st.segmented_control(
        "Transformation",
        [axis.name for axis in model.transforms],
        key="axis",
        required=True,
        label_visibility="collapsed",
    )
    now = shown(study, model, picture)
    find.render(now)
    measure.render(now)
    with st.expander("What do these numbers mean?", icon=":material/help:"):
        st.markdown(texts.EXPLANATION.format(probes=measurement.PROBES, minimum=MINIMUM_RANK))
