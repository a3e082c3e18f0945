"""Manifold: what the descriptor space looks like, and where a fit walks in it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core import AmortisedExtractor
from core.adaptation.trajectories import Walk, walks
from core.manifold import ExtractorMap
from dashboard import cache
from dashboard.adapt import runs
from dashboard.jobs.map_jobs import MapJobs, Subject, subjects
from dashboard.panels.manifold import jobs, make_map, map, quality, route
from dashboard.panels.manifold import walk as walk_panel
from dashboard.panels.manifold.shown import ShownMap
from dashboard.session.settings import Study
from dashboard.text import manifold
from dashboard.text.markdown import literal
from dashboard.widgets import glossary


def render(study: Study, model: AmortisedExtractor) -> None:
    """Draw the page."""
    st.title("What does the descriptor space look like?", anchor=False)
    st.markdown(manifold.LEAD)
    map_jobs = cache.map_jobs()
    map_jobs.take_map()
    jobs.render(map_jobs)
    try:
        mapped = map_jobs.mapped or cache.extractor_map(model)
    except (ValueError, FileNotFoundError) as error:
        st.warning(f"{literal(str(error))} {manifold.NO_MAP}")
        make_map.render(model, map_jobs, None)
        return
    _page(study, model, map_jobs, mapped)


def _page(study: Study, model: AmortisedExtractor, map_jobs: MapJobs, mapped: ExtractorMap) -> None:
    known, brought = _tasks(model)
    with st.container(key="narrow-map-choices"):
        layout, subject = map.choose(mapped, known)
    glossary.render("What do these settings mean?", manifold.TERMS)
    top = st.container(key="part-map")  # filled last: the scrubber below decides how far the fits on it have come
    closer = st.container(key="part-closer")
    with closer:
        panel = st.segmented_control(
            "Look closer", manifold.PANELS, default=manifold.PANELS[0], key="manifold.panel", required=True,
            persist_state="session",
        )  # fmt: skip
        st.header(manifold.TITLES[panel], anchor=False)
    found = (*brought.get(subject.name, ()), *map_jobs.walks(subject.name))
    if panel == "the walk":
        with closer:
            found = walk_panel.choose_step(found)
    shown = ShownMap(study, model, map_jobs, mapped, layout, subject, found)
    with top:
        map.render(shown)
    with closer:
        if panel == "another map":
            make_map.render(model, map_jobs, mapped)
        else:
            {"trust it or not": quality, "from A to B": route, "the walk": walk_panel}[panel].render(shown)


def _tasks(model: AmortisedExtractor) -> tuple[dict[str, Subject], dict[str, tuple[Walk, ...]]]:
    """All tasks, that of the Adapt page first, and the walk of its fit."""
    run, known = runs.latest(), subjects(model, partial(cache.task, model))
    steps = run.worker.snapshot() if run else None
    if run is None or steps is None or not steps.steps:
        return known, {}
    name = f"Adapt: {run.setup.task}"
    worker = run.worker
    walk = walks(f"seed {run.setup.seed}", steps.steps, steps.descriptor)
    return {name: Subject(name, lambda: worker.kept, worker.task.regression)} | known, {name: walk}
