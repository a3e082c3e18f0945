"""What a fit is good for elsewhere: its classifier, the same as an augmentation policy, the run, a report."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from core.adaptation.export import made_with
from core.certificates.labelled_images import CertifiedFit
from core.sharing import SharedRun, write_run
from dashboard import cache
from dashboard.adapt import files, report
from dashboard.adapt.setup import Run
from dashboard.jobs.bundle import BundleJob, PolicyJob
from dashboard.jobs.snapshot import Snapshot
from dashboard.text import classifier as words
from dashboard.text.markdown import literal
from dashboard.widgets.following import following

_POLL_S = 0.5
_NAME = "hyperinvariances"


def render(run: Run, model: AmortisedExtractor) -> None:
    """Draw the row of buttons, once there is something to take."""
    seen = run.worker.snapshot()
    if not (seen.outcomes or seen.steps):
        return
    st.header(words.HOME, anchor=False)
    working = bool(_working(run, seen, model))
    # Not drawn anew by a timer: a file that is made on the click is lost if its button is another one by then.
    with st.container(horizontal=True, gap="small", key="home-row"):
        if _ended(seen):
            _classifier(run, seen, model)
            _policy(run, seen, model)
        _ready(run, model)
    following(_below, "home", _POLL_S if working else None)(run, model, working)


def _ended(seen: Snapshot) -> bool:
    return seen.adapted is not None and seen.outputs is not None


def _ready(run: Run, model: AmortisedExtractor) -> None:
    st.download_button(
        words.RUN, lambda: write_run(_shared(run, model), model), f"{_NAME}-run.json",
        "application/json", key="adapt.save_run", on_click="ignore", icon=":material/data_object:",
    )  # fmt: skip
    st.download_button(
        words.REPORT, lambda: _report(run, model), f"{_NAME}-report.html", "text/html",
        key="adapt.save_report", on_click="ignore", icon=":material/description:",
    )  # fmt: skip


def _below(run: Run, model: AmortisedExtractor, polled: bool) -> None:
    seen = run.worker.snapshot()
    ended = _ended(seen)
    if ended:
        _progress(run, seen, model)
    st.caption(words.HOME_CAPTION if ended else words.HOME_EARLIER)
    if ended and (found := _measured(run, seen, model)):
        with st.expander(words.POLICY_TITLE, icon=":material/code:"):
            st.markdown(words.policy(found.found()[0]))
            st.caption(words.POLICY_CAPTION)
            st.code(found.found()[0].code, "python")
    if bool(_working(run, seen, model)) != polled:
        st.rerun()  # the whole page, so that the timer comes, or goes away


def _classifier(run: Run, seen: Snapshot, model: AmortisedExtractor) -> None:
    job = _bundle(run, seen, model)
    if job is not None and job.found():
        zipped = job.found()[0]
        st.download_button(
            words.SAVE.format(size=len(zipped) / 1e6), lambda: zipped, f"{_NAME}-classifier.zip", "application/zip",
            key="adapt.save_classifier", on_click="ignore", type="primary", icon=":material/download:",
        )  # fmt: skip
        return
    st.button(
        words.PACK, key="adapt.pack", type="primary", icon=":material/inventory_2:", on_click=_pack,
        args=(run, seen, model), disabled=job is not None and job.running,
    )  # fmt: skip


def _policy(run: Run, seen: Snapshot, model: AmortisedExtractor) -> None:
    found = _measured(run, seen, model)
    code = found.found()[0].code if found else ""
    st.download_button(  # made on the click: the browser asks at once for a file that is there, and an empty one fails
        words.POLICY, lambda: code, "augment.py", "text/x-python", key="adapt.save_policy", on_click="ignore",
        icon=":material/tune:", disabled=found is None,
    )  # fmt: skip


def _progress(run: Run, seen: Snapshot, model: AmortisedExtractor) -> None:
    job = _bundle(run, seen, model)
    if job is None:
        return
    if job.running:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(job.share, f"{job.title}: {job.text} …")
            st.button(words.CANCEL, key="adapt.cancel_pack", on_click=job.cancel)
    elif job.problem:
        st.warning(literal(f"{job.title}: {job.problem}"))


def _pack(run: Run, seen: Snapshot, model: AmortisedExtractor) -> None:
    assert seen.adapted is not None and seen.outputs is not None
    settings = made_with(run.worker.settings, run.setup.shots, run.setup.seed)
    cuts = seen.slices if _cut(seen, model) else ()
    name = f"{_NAME}-classifier"
    cache.pack(model, run.worker.kept, seen.adapted, seen.outputs, cuts, settings, name, run.worker.idle)


def _cut(seen: Snapshot, model: AmortisedExtractor) -> bool:
    """Whether the evidence along all axes is there."""
    return len(seen.slices) == len(model.transforms)


def _bundle(run: Run, seen: Snapshot, model: AmortisedExtractor) -> BundleJob | None:
    if seen.adapted is None:
        return None
    return cache.bundle(cache.fit_key(model, run.worker.kept, seen.adapted))


def _policy_job(run: Run, seen: Snapshot, model: AmortisedExtractor) -> PolicyJob | None:
    """It begins by itself once it can: it is short, and the page says it in words."""
    if seen.adapted is None or seen.outputs is None or not _cut(seen, model):
        return None
    return cache.policy(model, run.worker.kept, seen.adapted, seen.slices, run.worker.idle)


def _measured(run: Run, seen: Snapshot, model: AmortisedExtractor) -> PolicyJob | None:
    """The policy, if it is there."""
    job = _policy_job(run, seen, model)
    return job if job is not None and job.found() else None


def _working(run: Run, seen: Snapshot, model: AmortisedExtractor) -> list[BundleJob | PolicyJob]:
    """What goes on beside the page."""
    jobs = (_bundle(run, seen, model), _policy_job(run, seen, model))
    return [job for job in jobs if job is not None and job.running]


def _shared(run: Run, model: AmortisedExtractor) -> SharedRun:
    """The run as it is when somebody clicks."""
    return files.shared_run(run, run.worker.snapshot(), model)


def _report(run: Run, model: AmortisedExtractor) -> str:
    shared, found = _shared(run, model), _measured(run, run.worker.snapshot(), model)
    certificate = _certificate(run, shared)
    return report.html(shared, run.worker.task, model, certificate, found.found()[0] if found else None)


def _certificate(run: Run, shared: SharedRun) -> CertifiedFit | None:
    """The one that the page shows, once it is that of the run's end."""
    if shared.adapted is None:
        return None
    promise, end = run.worker.certificate_job, shared.adapted.descriptor
    found = promise.ask(end)
    return found if promise.asked == end and not promise.busy and not promise.problem else None
