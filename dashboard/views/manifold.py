"""Manifold: what the descriptor space looks like, and where a fit walks in it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core import AmortisedExtractor
from core.manifold import Atlas
from core.trajectories import Walk, walks
from dashboard import cache, runs, terms
from dashboard.atlas import words
from dashboard.atlas.desk import Desk, Subject, subjects
from dashboard.atlas.sheet import Sheet
from dashboard.markdown import literal
from dashboard.panels import atlas_jobs, atlas_make, atlas_map, atlas_route, atlas_trust, atlas_walk
from dashboard.study import Study

_STYLE = Path(__file__).parents[1] / "atlas" / "narrow.css"


def render(study: Study, model: AmortisedExtractor) -> None:
    """Draw the page."""
    st.html(_STYLE)
    st.title("What does the descriptor space look like?", anchor=False)
    st.markdown(words.LEAD)
    desk = cache.desk()
    desk.take_map()
    atlas_jobs.render(desk)
    try:
        atlas = desk.atlas or cache.atlas(model)
    except (ValueError, FileNotFoundError) as error:
        st.warning(f"{literal(str(error))} {words.NO_MAP}")
        atlas_make.render(model, desk, None)
        return
    _page(study, model, desk, atlas)


def _page(study: Study, model: AmortisedExtractor, desk: Desk, atlas: Atlas) -> None:
    known, brought = _tasks(model)
    with st.container(key="atlas-controls-top"):
        layout, subject = atlas_map.choose(atlas, known)
    terms.render("What do these settings mean?", words.TERMS)
    top = st.container(key="part-map")  # filled last: the scrubber below decides how far the fits on it have come
    closer = st.container(key="part-closer")
    with closer:
        panel = st.segmented_control(
            "Look closer", words.PANELS, default=words.PANELS[0], key="atlas.panel", required=True,
            persist_state="session",
        )  # fmt: skip
        st.header(words.TITLES[panel], anchor=False)
    found = (*brought.get(subject.name, ()), *desk.walks(subject.name))
    if panel == "the walk":
        with closer:
            found = atlas_walk.choose_step(found)
    sheet = Sheet(study, model, desk, atlas, layout, subject, found)
    with top:
        atlas_map.render(sheet)
    with closer:
        if panel == "another map":
            atlas_make.render(model, desk, atlas)
        else:
            {"trust it or not": atlas_trust, "from A to B": atlas_route, "the walk": atlas_walk}[panel].render(sheet)


def _tasks(model: AmortisedExtractor) -> tuple[dict[str, Subject], dict[str, tuple[Walk, ...]]]:
    """All tasks, that of the Adapt page first, and the walk of its fit."""
    run = runs.latest()
    steps = run.worker.snapshot() if run else None
    if run is None or steps is None or not steps.steps:
        return subjects(model), {}
    name = f"Adapt: {run.setup.task}"
    task = run.worker.task
    walk = walks(f"seed {run.setup.seed}", steps.steps, steps.descriptor)
    return {name: Subject(name, lambda: task, task.regression)} | subjects(model), {name: walk}
