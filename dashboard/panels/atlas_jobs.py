"""What is being computed for the page: how far it is, and a button to stop it."""

from __future__ import annotations

import streamlit as st

from dashboard.atlas.desk import Desk

_POLL_S = 0.5


def render(desk: Desk) -> None:
    """Draw a bar per job; nothing if nothing runs."""
    busy = bool(desk.running())
    st.fragment(_bars, run_every=_POLL_S if busy else None)(desk, busy)
    for job in desk.work():
        if not job.running and job.problem:
            st.warning(f"{job.title}: {job.problem}")


def _bars(desk: Desk, busy: bool) -> None:
    running = desk.running()
    if busy and not running:
        st.rerun()  # the whole page: what was made is drawn, and the timer goes away
    for number, job in enumerate(running):
        bar, stop = st.columns([6, 1], vertical_alignment="center")
        with bar:
            st.progress(job.share, f"{job.title}: {job.text}")
        with stop:
            st.button("Cancel", key=f"atlas.cancel.{number}", on_click=job.cancel, width="stretch")
