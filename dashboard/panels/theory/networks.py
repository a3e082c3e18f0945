"""Networks in the same currency: computed when asked for, in a thread, with a bar and a way to stop."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import streamlit as st

from core.certificates.comparators import NETWORKS
from core.certificates.feature_bank import Row
from core.certificates.independent_images import Sample
from core.certificates.survey import network_rows
from dashboard import cache
from dashboard.jobs.background import Progress
from dashboard.panels.theory.shown import Reading
from dashboard.text import theory
from dashboard.text.markdown import literal
from dashboard.widgets.following import following

_POLL_S = 1.0


def render(reading: Reading) -> None:
    """Draw the button, or how far it is."""
    missing = set(NETWORKS) - {row.point.method for row in reading.rows}
    running = reading.comparisons.running()
    if missing and not reading.choice.here:
        st.caption(theory.NO_NETWORKS)
    elif missing or running:
        st.markdown(theory.NETWORKS)
    job = reading.comparisons.get(reading.choice.key)
    if missing and reading.choice.here and not (job and job.running):
        st.button("Certify networks too", key="theory.networks", on_click=_start, args=(reading,))
    if job and job.problem:
        st.warning(literal(f"{job.title}: {job.problem}"))
    count = len(job.found()) if job else 0
    following(_bar, "networks", _POLL_S if running else None)(reading, running is not None, count)


def _bar(reading: Reading, busy: bool, count: int) -> None:
    job, mine = reading.comparisons.running(), reading.comparisons.get(reading.choice.key)
    if busy and (job is None or (mine and len(mine.found()) != count)):
        st.rerun()  # the whole page: a mark has come, or the timer goes away
    if job is None:
        return
    bar, stop = st.columns([3, 1], vertical_alignment="center")
    with bar:
        st.progress(job.share, literal(f"{job.title}: {job.text}"))
    with stop:
        st.button("Cancel", key="theory.cancel", on_click=job.cancel, width="stretch")


def _start(reading: Reading) -> None:
    choice = reading.choice
    sample = cache.bank(reading.model, choice.task, choice.seed).sample
    make = partial(_made, reading, sample)
    title = f"Networks on “{choice.task}”, {choice.labels} labels, known before: {theory.PRIORS[choice.prior]}"
    reading.comparisons.start(choice.key, title, make, len(NETWORKS))


def _made(reading: Reading, sample: Sample, progress: Progress) -> Iterator[Row]:
    choice = reading.choice
    return network_rows(
        reading.model, sample, choice.labels, priors=(choice.prior,), seed=choice.seed, progress=progress
    )
