"""Manifold: what the descriptor space looks like, and where a fit walks in it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from core import AmortisedExtractor
from core.adaptation.trajectories import Walk, walks
from core.manifold import ExtractorMap
from dashboard import cache
from dashboard.adapt import runs
from dashboard.jobs.map_jobs import MapJobs, Subject, subjects
from dashboard.panels.manifold import choices, cube, jobs, lookup, make_map, map, marks, quality, route
from dashboard.panels.manifold import walk as walk_panel
from dashboard.panels.manifold.shown import ShownMap
from dashboard.session.settings import Study
from dashboard.text import manifold
from dashboard.text.markdown import literal


def render(study: Study, model: AmortisedExtractor) -> None:
    """Draw the page."""
    st.title("What does the descriptor space look like?", anchor=False)
    map_jobs = cache.map_jobs()
    map_jobs.take_map()
    try:
        mapped = map_jobs.mapped or cache.extractor_map(model)
    except (ValueError, FileNotFoundError) as error:
        st.warning(f"{literal(str(error))} {manifold.NO_MAP}")
        make_map.render(model, map_jobs, None)
        jobs.render(map_jobs.work(), "map")
        return
    _page(study, model, map_jobs, mapped)


def _page(study: Study, model: AmortisedExtractor, map_jobs: MapJobs, mapped: ExtractorMap) -> None:
    """Draw the choices first, then what they are about: the map stands above, or beside, most of them."""
    known, brought = _tasks(model)
    with st.container(key="part-map"):
        opening, layouts = st.container(), st.container(key="part-compared")
        with st.container(key="narrow-map-body"):
            left, right = st.columns([13, 7], gap="medium")
        colours = st.container(border=True)
        with st.expander(manifold.MORE):
            more = st.container()
        about = st.container()
    with st.container(key="part-closer"):
        elsewhere, panel = st.container(), _look_closer()
        closer = st.container()
    with more:
        dimensions, chosen = choices.more(mapped)
    with layouts:
        layout = choices.compared(mapped, dimensions)
    with colours:
        st.markdown(f"**{manifold.DRAWN}**")
        look = replace(choices.drawn(mapped), chosen=chosen)
        if look.kind == "score":
            subject = choices.task(known)
            marks.render(model, map_jobs, mapped, subject)
            jobs.render(_marking(map_jobs, subject), "marks")
    if look.kind != "score":
        with closer if panel == "the walk" else elsewhere:
            subject = choices.task(known) if panel == "the walk" else choices.last_task(known)
    fits = _fits(mapped, map_jobs, subject, brought) if panel == "the walk" or look.kind == "score" else ()
    with closer:
        steps = walk_panel.choose_step(fits) if panel == "the walk" else fits
    shown = ShownMap(study, model, map_jobs, mapped, layout, look, subject, fits, steps)
    with opening:
        map.sentence(mapped, layout)
    with left:
        map.render(shown)
    with right:
        lookup.render(shown, map.CHART)
    with about:
        map.about(shown)
    with closer:
        _closer(panel, shown)
    with elsewhere:
        jobs.render(_elsewhere(panel, shown), "elsewhere")


def _look_closer() -> str:
    panel = st.segmented_control(
        "Look closer", manifold.PANELS, default=manifold.PANELS[0], key="manifold.panel", required=True,
        persist_state="session",
    )  # fmt: skip
    st.header(manifold.TITLES[panel], anchor=False)
    return panel


def _closer(panel: str, shown: ShownMap) -> None:
    map_jobs = shown.map_jobs
    if panel == "another map":
        make_map.render(shown.model, map_jobs, shown.mapped)
        jobs.render([map_jobs.job] if map_jobs.job else [], "map")
    elif panel == "the walk":
        square = walk_panel.begin(shown)
        jobs.render(_walking(map_jobs), "walk")
        walk_panel.render(shown, square)
    elif panel == "from A to B":
        route.render(shown)
    else:
        with st.container(key="narrow-charts-believed"):
            marked, exact = st.columns([7, 5], gap="medium")
        with marked:
            quality.render(shown)
        with exact:
            cube.render(shown)


def _elsewhere(panel: str, shown: ShownMap) -> list[jobs.Job]:
    """What runs, but began at a button that is not drawn now."""
    map_jobs = shown.map_jobs
    here: list[jobs.Job] = _marking(map_jobs, shown.subject) if shown.look.kind == "score" else []
    here += _walking(map_jobs) if panel == "the walk" else []
    here += [map_jobs.job] if map_jobs.job and panel == "another map" else []
    return [job for job in map_jobs.running() if job not in here]


def _marking(map_jobs: MapJobs, subject: Subject) -> list[jobs.Job]:
    marking = map_jobs.marks.get(subject.name)
    return [marking.stream] if marking else []


def _walking(map_jobs: MapJobs) -> list[jobs.Job]:
    return [*map_jobs.fits.values(), *map_jobs.landscapes.values()]


def _fits(
    mapped: ExtractorMap, map_jobs: MapJobs, subject: Subject, brought: dict[str, tuple[Walk, ...]]
) -> tuple[Walk, ...]:
    """Fits of a task: that of the Adapt page, those in the file, those made here."""
    kept = mapped.tasks.get(subject.name)
    return (*brought.get(subject.name, ()), *(kept.walks if kept else ()), *map_jobs.walks(subject.name))


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
