"""The end of the sidebar, on every page: the tour, and projector mode."""

from __future__ import annotations

import streamlit as st

from dashboard import component
from dashboard.classroom import session
from dashboard.text import labels


def render() -> None:
    """Draw, at the end of the sidebar, the tour and the way into projector mode and out of it."""
    on = session.current().projector
    with st.sidebar, st.container(horizontal=True, gap="small", key="class-buttons"):
        st.button("Tour", key="tour.again", on_click=session.tour, args=(1,), width="stretch")
        st.button(
            "Leave projector mode" if on else "Projector mode", key="projector", on_click=session.change,
            kwargs={"projector": not on}, shortcut=labels.PROJECTOR_KEY, width="stretch",
        )  # fmt: skip
    component.projector(key="projector.theme", data={"on": on})
