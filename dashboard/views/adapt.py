"""Adapt: a task chooses its own invariances, beside the alternatives."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import AmortisedExtractor
from dashboard.adapt import runs
from dashboard.adapt.registry import REGISTRY
from dashboard.panels.adapt import (
    certificate,
    confusion,
    course,
    export_run,
    fit,
    pictures,
    results,
    settings,
    take_home,
    task_choice,
    try_picture,
)
from dashboard.text import adapt as words
from dashboard.text.markdown import literal


def settle(place: DeltaGenerator) -> None:
    """Wait for what the last click has asked for, and say how far it is, before anything is drawn that depends on it.

    It goes on in a thread, also when a further click interrupts the waiting.

    Args:
        place: where it is said. It is there in every run: whatever stands below another number of elements than before
            is a new element to the browser, which shuts what is open, and a click on the old one is lost.
    """
    if (errand := runs.waiting()) is None:
        return
    while errand.stream.running:
        runs.a_moment()
        place.progress(errand.stream.share, errand.stream.said or errand.stream.title)
    runs.settle(errand)
    place.empty()


def render(model: AmortisedExtractor) -> None:
    """Draw the page."""
    settle(place := st.empty())
    if (run := runs.current()) is None:
        runs.begin(model)
        settle(place)
        run = runs.current()
    if run is None:
        st.error(literal(runs.problem()))
        return
    REGISTRY.beside(run)  # while the person reads; what is still missing at Play is prepared first
    with st.container(key="part-setup"):
        task_choice.render(run, model)
        pictures.render(run, model)
        if runs.gone(run):
            st.info(words.GONE)
    fit.render(run, model)
    with st.container(key="part-home"):
        take_home.render(run, model)
    with st.container(key="part-try"):
        try_picture.render(run, model)
    with st.container(key="part-settings"):
        settings.render(run, model)
    with st.container(key="group-tabs"):
        came, promised, passed = st.tabs(words.TABS)
    with came, st.container(key="part-outcome"):
        course.render(run, model)
        results.render(run, model)
        with st.container(key="part-wrong"):
            confusion.render(run, model)
    with promised, st.container(key="part-certificate"):
        certificate.render(run, model)
    with passed, st.container(key="part-passing"):
        export_run.render(run, model)
