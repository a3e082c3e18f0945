"""The place for a file that somebody has saved: a view, or the state of a lesson."""

from __future__ import annotations

import streamlit as st

from core.sharing import MAX_BYTES
from dashboard.session import state
from dashboard.session.settings import Choices
from dashboard.text import labels


def open_file(choices: Choices, digest: str) -> None:
    """The place for a view or a lesson that somebody has saved."""
    st.file_uploader(
        labels.OPEN_VIEW, type="json", key=state.uploader_key("view"), max_upload_size=MAX_BYTES >> 20,
        on_change=state.take_view, args=(choices, digest),
    )  # fmt: skip
    if state.lesson_link():
        st.link_button("Go on with the lesson in the file", state.lesson_link())
    elif state.view_opened():
        st.success(labels.VIEW_OPENED)
