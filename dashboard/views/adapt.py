"""Adapt: a task chooses its own invariances, beside the alternatives."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from dashboard import runs
from dashboard.markdown import literal
from dashboard.panels import fitting, outcome, passing, promise, setup

LEAD = (
    "A new task fits K numbers and a linear head, by gradient descent; the network itself stays as it is. "
    "Watch which changes it decides to ignore, and whether that is better than the alternatives."
)


def render(model: AmortisedExtractor) -> None:
    """Draw the page."""
    st.title("What should this task ignore?", anchor=False)
    st.markdown(LEAD)
    try:
        run = runs.current(model)
    except ValueError as error:
        st.error(literal(str(error)))
        return
    with st.container(key="part-setup"):
        setup.render(run, model)
    fitting.render(run, model)
    with st.container(key="part-certificate"):
        promise.render(run, model)
    with st.container(key="part-outcome"):
        outcome.render(run, model)
    with st.container(key="part-passing"):
        passing.render(run, model)
