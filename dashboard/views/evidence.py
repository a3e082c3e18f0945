"""Evidence: how good the model in use is, measured, beside networks without a descriptor."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from dashboard.panels.evidence import bars, gates, known, radar, rivals
from dashboard.text import evidence


def render(model: AmortisedExtractor) -> None:
    """Draw the page."""
    st.title("How good is it?", anchor=False)
    st.markdown(evidence.LEAD)
    digest = str(model.metadata.get("digest", ""))
    with st.container(key="part-rivals"):
        st.header(evidence.RIVALS, anchor=False)
        st.markdown(evidence.RIVALS_LEAD)
        rivals.render(digest, known.render)
    with st.container(key="part-radar"):
        st.header(evidence.RADAR, anchor=False)
        radar.render(model)
    with st.container(key="part-bars"):
        st.header(evidence.BARS, anchor=False)
        bars.render(digest)
    with st.container(key="part-gates"):
        gates.render(digest)
