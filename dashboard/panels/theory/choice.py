"""Choosing what is certified, and getting the certificates: from the file, or computed here."""

from __future__ import annotations

import streamlit as st

from core.certificates.feature_bank import OURS, Row
from core.certificates.survey import Certified, Survey
from core.model.amortised import AmortisedExtractor
from core.tasks import offered_tasks
from dashboard import cache
from dashboard.jobs.network_certificates import Comparisons
from dashboard.panels.theory.shown import Choice, Reading
from dashboard.text import labels as words
from dashboard.text import theory

MAX_SEED = 99


def choose(model: AmortisedExtractor, survey: Survey | None) -> Choice:
    """Draw the choices."""
    offered = [source.name for source in offered_tasks(model.transforms, model.input_size) if source.classes]
    names = list(dict.fromkeys((*(task.name for task in (survey.tasks if survey else ())), *offered)))
    with st.container(key="narrow-choices-theory"):
        what, prior, seed = st.columns([4, 4, 2])
    with what:
        task = st.selectbox("Task", names, _richest(names, survey), key="theory.task", persist_state="session")
    with prior:
        start = st.segmented_control(
            "Already known before the certified labels", list(theory.PRIORS), default=next(iter(theory.PRIORS)),
            key="theory.prior", required=True, format_func=theory.PRIORS.__getitem__, persist_state="session",
        )  # fmt: skip
    with seed:
        if survey and task not in offered:
            number = survey.seed
            st.number_input("Draw (seed)", value=number, key="theory.only-seed", disabled=True)
        else:
            number = int(st.number_input("Draw (seed)", 0, MAX_SEED, key="theory.seed", persist_state="session"))
    if task not in offered:
        st.caption(theory.NO_DRAWS)
    stored = survey.task(task) if survey and number == survey.seed else None
    with st.spinner(words.DRAWING):
        sizes = stored.sizes() if stored else cache.bank(model, task, number).sample.sizes()
    stops = _stops(stored, str(start)) if stored else sizes
    # The key holds the stops: a slider whose options change would keep a value that is none of them.
    # What is not stored takes seconds for every hundred labels, so it opens with few.
    labels = stops[0]
    if len(stops) > 1:
        labels = st.select_slider(
            "Labelled images", stops, stops[-1 if stored else 1], key=f"theory.labels.{'-'.join(map(str, stops))}",
            format_func=lambda n: f"{n:,}", persist_state="session",
        )  # fmt: skip
    return Choice(task, int(labels), str(start), number, task in offered)


def _stops(stored: Certified, prior: str) -> tuple[int, ...]:
    """Numbers of labels at which another promise is made than at the one before."""
    found: list[int] = []
    said = None
    for labels in stored.sizes():
        promise = [theory.share(row.point.bound) for row in stored.at(labels, prior)]
        if promise != said:
            found.append(labels)
        said = promise
    return tuple(found)


def _richest(names: list[str], survey: Survey | None) -> int:
    """Place of the task to open with: the most methods, then the most stops, then the most that is promised."""
    prior = next(iter(theory.PRIORS))

    def richness(name: str) -> tuple[int, int, float]:
        stored = survey.task(name) if survey else None
        if stored is None:
            return 0, 0, 0.0
        point = stored.best(OURS, prior).point
        methods = len({row.point.method for row in stored.rows})
        return methods, len(_stops(stored, prior)), point.chance - theory.vote(point.bound)

    return max(range(len(names)), key=lambda place: richness(names[place]))


def read(model: AmortisedExtractor, choice: Choice, survey: Survey | None, comparisons: Comparisons) -> Reading:
    """The certificates of a choice; computing them draws a bar."""
    stored = survey.task(choice.task) if survey and choice.seed == survey.seed else None
    if stored:
        rows, tests = tuple(row for row in stored.rows if row.labels == choice.labels), stored.tests
    else:
        rows, tests = _computed(model, choice)
    job = comparisons.get(choice.key)
    shown = [row for row in rows if row.point.prior == choice.prior]
    known = {row.point.method for row in shown}
    shown += [row for row in (job.found() if job else ()) if row.point.method not in known]
    initial = tuple(row for row in rows if row.point.prior == "initial")
    return Reading(model, comparisons, choice, tuple(shown), initial, stored, survey, tests)


def _computed(model: AmortisedExtractor, choice: Choice) -> tuple[tuple[Row, ...], int]:
    bank = cache.bank(model, choice.task, choice.seed)
    if bank.ready < choice.labels:
        text = f"Fitting a descriptor to {choice.labels} images, and another to half of them"
        bar = st.progress(0.0, text)

        def looked(share: float) -> None:
            bar.progress(share, text)

        def prepared(done: int, total: int) -> None:
            bar.progress(done / total, f"Preparing test pictures, {done:,} of {total:,}")

        bank.prepare(choice.labels, looked)
        bank.prepare_tests(prepared)
        bar.empty()
    return cache.certified(model, choice.task, choice.seed, choice.labels), len(bank.sample.test)
