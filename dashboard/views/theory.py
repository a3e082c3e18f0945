"""Theory: how wrong a fit can be on new images, at most, and what that promise costs."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from dashboard import cache
from dashboard.panels.theory import certificate, chart, networks
from dashboard.panels.theory import choice as choice_panel
from dashboard.text import theory
from dashboard.text.markdown import literal
from dashboard.widgets import glossary


def render(model: AmortisedExtractor) -> None:
    """Draw the page."""
    st.title("How wrong can it be, at most?", anchor=False)
    st.markdown(theory.LEAD)
    try:
        survey = cache.survey(model)
    except (FileNotFoundError, ValueError) as error:
        survey = None
        st.info(f"{literal(str(error))} Until then they are computed here, which takes longer.")
    with st.container(key="part-choice"):
        choice = choice_panel.choose(model, survey)
        reading = choice_panel.read(model, choice, survey, cache.comparisons())
    with st.container(key="part-growth"):
        certificate.headline(reading)
        chart.growth(reading)
        certificate.beside(reading)
    with st.container(key="part-tradeoff"):
        chart.render(reading)
        networks.render(reading)
    with st.container(key="part-promise"):
        st.header("What the promise says, and when", anchor=False)
        with st.expander(theory.NATS):
            chart.table(reading)
            certificate.render(reading)
        glossary.render("What do these settings mean?", theory.TERMS)
