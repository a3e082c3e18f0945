"""What the task is, in pictures: some of every class, how many there are, and what was left out."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from core.tasks import TaskSource
from dashboard.adapt.samples import Sample, samples
from dashboard.adapt.setup import OWN, Run
from dashboard.encode import seen_uri
from dashboard.figures.class_sheet import Card, cards_html
from dashboard.text import adapt, labels
from dashboard.text.markdown import bullets, literal


def render(run: Run, model: AmortisedExtractor) -> None:
    """Draw the panel; it needs no fit."""
    task = run.worker.task
    shown = samples(task, model.transforms)
    st.html(cards_html([_card(each) for each in shown]))
    count = {"labelled": len(task.labelled), "tests": len(task.test)}
    said = adapt.SEE_QUANTITY.format(**count)
    if task.classes:
        said = adapt.SEE_SAMPLES.format(classes=len(task.classes), **count)
        if len(shown) < len(task.classes):
            said += " " + adapt.MORE_CLASSES.format(shown=len(shown), all=len(task.classes))
    st.caption(said)
    for note in task.notes:
        st.info(literal(note))
    if run.own and run.setup.task == OWN:
        _found(run.own)


def _card(sample: Sample) -> Card:
    counted = f"{sample.labelled:,} + {sample.tests:,}" if sample.labelled else ""
    alt = f"{sample.across * sample.down} pictures of {sample.name}" if sample.labelled else f"picture at {sample.name}"
    return Card(sample.name, seen_uri(sample.pictures), sample.across, sample.down, counted, alt)


def _found(source: TaskSource) -> None:
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
