"""Passing a run on: as a file that opens here again, and as a report that opens anywhere."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from core.certificates.labelled_images import CertifiedFit
from core.sharing import MAX_BYTES, SharedRun, write_run
from dashboard.adapt import files, report, runs
from dashboard.adapt.setup import Run
from dashboard.jobs.snapshot import Snapshot
from dashboard.text import labels
from dashboard.text.markdown import literal

_MB = MAX_BYTES >> 20


def render(run: Run, model: AmortisedExtractor) -> None:
    """Draw what can be saved, and the place for a file."""
    seen = run.worker.snapshot()
    st.header("Take it away", anchor=False)
    if seen.outcomes or seen.steps:
        st.caption(labels.PASS_RUN_ON)
        with st.container(horizontal=True):
            st.download_button(
                "Save this run", lambda: write_run(files.shared_run(run, seen, model), model),
                "hyperinvariances-run.json", "application/json", key="adapt.save_run", on_click="ignore",
            )  # fmt: skip
            st.download_button(
                "Save a report", lambda: _report(run, seen, model), "hyperinvariances-report.html", "text/html",
                key="adapt.save_report", on_click="ignore",
            )  # fmt: skip
    st.file_uploader(
        labels.OPEN_RUN, type="json", key="adapt.shared", max_upload_size=_MB, on_change=runs.take_shared,
        args=(run, model),
    )  # fmt: skip
    problem, notes = runs.opened()
    if problem:
        st.error(literal(problem))
    for note in notes:
        st.warning(literal(note))


def _report(run: Run, seen: Snapshot, model: AmortisedExtractor) -> str:
    shared = files.shared_run(run, seen, model)
    return report.html(shared, run.worker.task, model, _certificate(run, shared))


def _certificate(run: Run, shared: SharedRun) -> CertifiedFit | None:
    """The one that the page shows, once it is that of the run's end."""
    if shared.adapted is None:
        return None
    promise, end = run.worker.certificate_job, shared.adapted.descriptor
    found = promise.ask(end)
    return found if promise.asked == end and not promise.busy and not promise.problem else None
