"""Theory: how wrong a fit can be on new images, at most, and what that promise costs."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from dashboard import cache, terms
from dashboard.markdown import literal
from dashboard.panels import theory_chart, theory_choice, theory_networks, theory_promise
from dashboard.theory import words


def render(model: AmortisedExtractor) -> None:
    """Draw the page."""
    st.title("How wrong can it be, at most?", anchor=False)
    st.markdown(words.LEAD)
    try:
        survey = cache.survey(model)
    except (FileNotFoundError, ValueError) as error:
        survey = None
        st.info(f"{literal(str(error))} Until then they are computed here, which takes longer.")
    with st.container(key="part-choice"):
        choice = theory_choice.choose(model, survey)
        terms.render("What do these settings mean?", words.TERMS)
        reading = theory_choice.read(model, choice, survey, cache.comparisons())
    with st.container(key="part-tradeoff"):
        theory_promise.headline(reading)
        theory_chart.render(reading)
        theory_networks.render(reading)
    with st.container(key="part-growth"):
        theory_chart.growth(reading)
    with st.container(key="part-promise"):
        st.header("What the promise says, and when", anchor=False)
        theory_promise.render(reading)
