"""A run that somebody has passed on: opened here, in the place of the present one."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from core.sharing import MAX_BYTES
from dashboard.adapt import runs
from dashboard.adapt.setup import Run
from dashboard.text import labels
from dashboard.text.markdown import literal

_MB = MAX_BYTES >> 20


def render(run: Run, model: AmortisedExtractor) -> None:
    """Draw the place for a file."""
    st.header("Open a run", anchor=False)
    st.file_uploader(
        labels.OPEN_RUN, type="json", key="adapt.shared", max_upload_size=_MB, on_change=runs.take_shared,
        args=(run, model),
    )  # fmt: skip
    problem, notes = runs.opened()
    if problem:
        st.error(literal(problem))
    for note in notes:
        st.warning(literal(note))
