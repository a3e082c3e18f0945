"""Adapt: a task chooses its own invariances, beside the alternatives."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from dashboard.adapt import runs
from dashboard.panels.adapt import certificate, export_run, fit, results, task_choice
from dashboard.text import labels
from dashboard.text.markdown import literal

LEAD = (
    "A new task fits K numbers and a linear head, by gradient descent; the network itself stays as it is. "
    "Watch which changes it decides to ignore, and whether that is better than the alternatives."
)


def settle() -> None:
    """Do what the last click has asked for, and say so, before anything is drawn that depends on it."""
    place = st.empty()  # also where there is nothing to do, so that everything below keeps its place
    if not runs.waiting():
        return
    bar = place.progress(0.0, labels.DRAWING)

    def heard(done: int, total: int) -> None:
        bar.progress(done / max(total, 1), labels.READING.format(done=done, total=total))

    runs.settle(heard)
    place.empty()


def render(model: AmortisedExtractor) -> None:
    """Draw the page."""
    settle()
    st.title("What should this task ignore?", anchor=False)
    st.markdown(LEAD)
    try:
        with st.spinner(labels.DRAWING):
            run = runs.current(model)
    except ValueError as error:
        st.error(literal(str(error)))
        return
    run.worker.kept.beside()  # while the person reads; what is still missing at Play is prepared first
    with st.container(key="part-setup"):
        task_choice.render(run, model)
    fit.render(run, model)
    with st.container(key="part-certificate"):
        certificate.render(run, model)
    with st.container(key="part-outcome"):
        results.render(run, model)
    with st.container(key="part-passing"):
        export_run.render(run, model)
