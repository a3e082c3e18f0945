"""What is being computed for the page: how far it is, beside the button that began it, and a button to stop it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.jobs.background import Stream
from dashboard.jobs.map_process import MapJob
from dashboard.text.markdown import literal
from dashboard.widgets.following import following

_POLL_S = 0.5
Job = MapJob | Stream


def render(jobs: Sequence[Job], place: str) -> None:
    """Draw a bar per job that runs, and why another has ended early.

    Args:
        jobs: nothing is drawn for those that are done.
        place: part of the keys of their buttons.
    """
    running = [job for job in jobs if job.running]
    if running:
        following(_bars, f"map.{place}", _POLL_S)(running, place, drawn(running))
    for job in jobs:
        if not job.running and job.problem:
            st.warning(literal(f"{job.title}: {job.problem}"))


def drawn(jobs: Sequence[Job]) -> list[int | None]:
    """How many tenths of each job are done, ``None`` when it has ended; a change is worth drawing the page again."""
    return [(int(10 * job.share) if isinstance(job, Stream) else 0) if job.running else None for job in jobs]


def _bars(jobs: Sequence[Job], place: str, before: list[int | None]) -> None:
    if drawn(jobs) != before:
        st.rerun()  # the whole page: what is there by now is drawn, and the timer goes away with the last job
    for number, job in enumerate(jobs):
        bar, stop = st.columns([6, 1], vertical_alignment="center")
        with bar:
            st.progress(job.share, literal(f"{job.title}: {job.text}"))
        with stop:
            st.button("Cancel", key=f"manifold.cancel.{place}.{number}", on_click=job.cancel, width="stretch")
