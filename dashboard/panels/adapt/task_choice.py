"""Choosing what is fitted: a task or one's own images, and the runs of before."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from core.tasks import offered_tasks
from dashboard.adapt import runs
from dashboard.adapt.setup import OWN, Run
from dashboard.text import adapt, labels
from dashboard.text.markdown import literal, title

_MB = 200


def render(run: Run, model: AmortisedExtractor) -> None:
    """Draw the question and the choices."""
    runs.seed_widgets(run)
    known = offered_tasks(model.transforms, model.input_size)
    names = [source.name for source in known] + ([OWN] if runs.own_images(run) else [])
    st.title(title(run.worker.task.title), anchor=False)
    with st.container(key="adapt-lead"):
        st.markdown(adapt.LEAD)
    with st.container(key="adapt-choices", horizontal=True, gap="small", vertical_alignment="center"):
        st.selectbox(
            "Task", names, key="adapt.task", on_change=runs.choose, args=(run, model, "task"),
            label_visibility="collapsed", width=330,
        )  # fmt: skip
        with st.popover("Bring your own images", icon=":material/upload:"):
            _own(run, model)
        _before(run)
    if runs.problem():
        st.error(literal(runs.problem()))


def _own(run: Run, model: AmortisedExtractor) -> None:
    if runs.problem():
        st.error(literal(runs.problem()))  # the page's own is behind this
    st.file_uploader(
        "A zip archive with one folder of images per class; it stays on this computer.",
        key="adapt.archive", max_upload_size=_MB, on_change=runs.take_archive, args=(run, model),
    )  # fmt: skip
    st.text_input(
        "Or the path of such a folder on this computer", key="adapt.folder", on_change=runs.take_folder,
        args=(run, model),
    )  # fmt: skip
    st.selectbox(
        "Copies of a picture", list(labels.COPIES), format_func=labels.COPIES.__getitem__, key="adapt.copies",
        on_change=runs.take_again, args=(run, model),
    )  # fmt: skip


def _before(run: Run) -> None:
    """The other runs of this session that were begun, each with what came out of it."""
    others = [each for each in runs.mine() if each.key != run.key and _begun(each)]
    if not others:
        return
    paused = sum(each.worker.snapshot(attend=False).status == "paused" for each in others)
    waits = f", {paused} paused" if paused else ""
    with st.popover(f"Runs of before ({len(others)}{waits})", icon=":material/history:"):
        st.caption(adapt.OPEN_AGAIN.format(most=runs.KEPT))
        for each in others:
            st.button(
                literal(_called(each)), key=f"adapt.again.{each.key}", on_click=runs.open_again, args=(each.key,),
                width="stretch",
            )  # fmt: skip


def _begun(run: Run) -> bool:
    seen = run.worker.snapshot(attend=False)
    return seen.status != "ready" or bool(seen.outcomes)


def _called(run: Run) -> str:
    seen, setup = run.worker.snapshot(attend=False), run.setup
    name = f"{run.worker.task.name} (your own)" if setup.task == OWN else setup.task
    got = adapt.amount(seen.ours.score, run.worker.task.regression) if seen.ours else adapt.STATES[seen.status]
    return f"{name}, {setup.shots} a class, seed {setup.seed}: {got}"
