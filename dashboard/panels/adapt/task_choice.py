"""Choosing what is fitted: a task or one's own images, how many labels, seed and objective."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from core.adaptation.objectives import OBJECTIVES
from core.tasks import TaskSource, known_tasks
from dashboard.adapt import runs
from dashboard.adapt.setup import OWN, SEEDS, SHOTS, Run
from dashboard.text import labels
from dashboard.text.markdown import bullets, literal, title
from dashboard.widgets import glossary

_MB = 200


def render(run: Run, model: AmortisedExtractor) -> None:
    """Draw the choices and what the task is."""
    runs.seed_widgets(run)
    known = known_tasks(model.transforms, model.input_size)
    names = [source.name for source in known] + ([OWN] if run.own else [])
    with st.container(key="narrow-choices-setup"):
        what, shots, seed, how = st.columns([3, 3, 2, 2])
    with what:
        st.selectbox("Task", names, key="adapt.task", on_change=runs.choose, args=(run, model, "task"))
    with shots:
        st.slider(
            "Labelled images per class", *SHOTS, key="adapt.shots", on_change=runs.choose, args=(run, model, "shots")
        )
    with seed:
        st.number_input("Seed", *SEEDS, key="adapt.seed", on_change=runs.choose, args=(run, model, "seed"))
    with how:
        st.selectbox(
            "Fitted to", list(OBJECTIVES), key="adapt.objective", on_change=runs.choose, args=(run, model, "objective")
        )
    with st.expander("Bring your own images", icon=":material/upload:"):
        st.file_uploader(
            "A zip archive with one folder of images per class; it stays on this computer.", type="zip",
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
    glossary.render("What do these settings mean?", labels.ADAPT_TERMS)
    if runs.problem():
        st.error(literal(runs.problem()))
    task = run.worker.task
    if run.own and run.setup.task == OWN:
        _own(run.own)
    st.markdown(f"## {title(task.title)}")
    st.caption(
        f"{len(task.train):,} training, {len(task.validation):,} validation and {len(task.test):,} test images"
        + (f", {len(task.classes)} classes." if task.classes else ", one number each.")
    )
    for note in task.notes:
        st.info(literal(note))


def _own(source: TaskSource) -> None:
    """What was found in a person's folder: a line for each class, and what has to be said."""
    if source.notes:
        st.warning(bullets(source.notes))
    if not source.counts:
        return
    found, used = (sum(getattr(each, name) for each in source.counts) for name in ("found", "different"))
    with st.expander(f"What was found: {found:,} files, {used:,} different pictures", icon=":material/folder_open:"):
        st.dataframe(
            {
                "class": [each.name for each in source.counts],
                "found": [each.found for each in source.counts],
                "used": [each.different for each in source.counts],
                "copies": [each.copies for each in source.counts],
                "left out": [each.reasons for each in source.counts],
            },
            hide_index=True,
        )
        st.caption(labels.SEE_FOUND)
