"""What is being computed for the page: how far it is, and a button to stop it."""

from __future__ import annotations

import streamlit as st

from dashboard.jobs.background import Stream
from dashboard.jobs.map_jobs import MapJobs
from dashboard.text.markdown import literal

_POLL_S = 0.5


def render(map_jobs: MapJobs) -> None:
    """Draw a bar per job; nothing if nothing runs."""
    st.fragment(_bars, run_every=_POLL_S if map_jobs.running() else None)(map_jobs, _drawn(map_jobs))
    for job in map_jobs.work():
        if not job.running and job.problem:
            st.warning(literal(f"{job.title}: {job.problem}"))


def _drawn(map_jobs: MapJobs) -> list[tuple[int, int]]:
    """What runs and how many tenths of it are done; a change is worth drawing the page again."""
    return [(id(job), int(10 * job.share) if isinstance(job, Stream) else 0) for job in map_jobs.running()]


def _bars(map_jobs: MapJobs, drawn: list[tuple[int, int]]) -> None:
    running = map_jobs.running()
    if _drawn(map_jobs) != drawn:
        st.rerun()  # the whole page: what is there by now is drawn, and the timer goes away with the last job
    for number, job in enumerate(running):
        bar, stop = st.columns([6, 1], vertical_alignment="center")
        with bar:
            st.progress(job.share, literal(f"{job.title}: {job.text}"))
        with stop:
            st.button("Cancel", key=f"manifold.cancel.{number}", on_click=job.cancel, width="stretch")
