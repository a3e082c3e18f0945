"""The Adapt page's own session: which task is chosen, the worker that fits it, and the runs of before.

A worker's key is in the address, so a reload finds its run again; every new session makes its own key,
so two tabs do not meet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import streamlit as st

from core.data.grouping import COPIES
from core.model.amortised import AmortisedExtractor
from core.tasks import TaskSource, offered_tasks
from dashboard.adapt import making, rows
from dashboard.adapt.registry import REGISTRY
from dashboard.adapt.setup import Run, Setup
from dashboard.adapt.touch import read_touch
from dashboard.figures.fit_progress import TARGET
from dashboard.jobs.background import Progress, Stream
from dashboard.text import labels

PARAMETER = "run"
DIALS = "adapt.dials"
"""Where the six sliders report what a hand does."""

KEPT = 8
"""Runs of one session that can be opened again."""

_Found = tuple[Run, tuple[str, ...]]


@dataclass(frozen=True)
class Errand:
    """Something that takes more than a moment, in a thread, so that a further click does not make it begin anew.

    Attributes:
        stream: gives the run that is shown afterwards, and what has to be said about it.
        problem: where in the session it is said what went wrong.
        stays: what is said after that.
    """

    stream: Stream[_Found]
    problem: str
    stays: str = ""


def opening(model: AmortisedExtractor) -> Setup:
    """A task whose answer can be seen at once, or the first of the list."""
    names = [source.name for source in offered_tasks(model.transforms, model.input_size)]
    return Setup(names[0])


def current() -> Run | None:
    """The run of this session, or the one that the address names."""
    run = latest() or REGISTRY.get(st.query_params.get(PARAMETER))
    if run is not None:
        show(run)
    return run


def begin(model: AmortisedExtractor) -> None:
    """Make the first run of this session."""
    setup = wanted(model)
    named = PARAMETER in st.query_params
    _later(labels.DRAWING, lambda _: making.made(setup, None, model))
    st.session_state["adapt.gone"] = named


def gone(run: Run) -> bool:
    """Whether the address named a run that is not there any more, and nothing has been done with the new one yet."""
    if run.worker.snapshot(attend=False).status != "ready":
        st.session_state["adapt.gone"] = False
    return bool(st.session_state.get("adapt.gone"))


def show(run: Run) -> None:
    """Show a run from now on; those of before stay in the list."""
    session = st.session_state
    session["adapt.key"], session["adapt.shown"] = run.key, run
    keys = session.get("adapt.mine", [])
    session["adapt.mine"] = [run.key, *(key for key in keys if key != run.key)][:KEPT]
    if st.query_params.get(PARAMETER) != run.key:
        st.query_params[PARAMETER] = run.key


def mine() -> tuple[Run, ...]:
    """The runs of this session that are still there, the shown one first."""
    found = (REGISTRY.get(key) for key in st.session_state.get("adapt.mine", []))
    return tuple(run for run in found if run is not None)


def open_again(key: str) -> None:
    """Callback: show a run of before; what the present one computes is paused."""
    _set_aside(key)
    st.session_state["adapt.key"] = key


def _set_aside(but: str = "") -> None:
    run = latest()
    if run is not None and run.key != but:
        run.worker.pause()


def wanted(model: AmortisedExtractor) -> Setup:
    """What is fitted on the Adapt page, or would be."""
    run = latest()
    return run.setup if run else st.session_state.get("adapt.wanted") or opening(model)


def want(setup: Setup) -> None:
    """For callbacks: the Adapt page begins anew with this setup when it is shown next."""
    session = st.session_state
    session["adapt.wanted"] = setup
    if run := latest():
        run.worker.stop()
        del session["adapt.key"]
        leave()


def leave() -> None:
    """Take the run's key out of the address, for the other pages."""
    if PARAMETER in st.query_params:
        del st.query_params[PARAMETER]


def choose(run: Run, model: AmortisedExtractor, name: str) -> None:
    """Callback of a setup widget whose key is ``adapt.<name>``.

    Another task is another run, or the one of before; other labels, seed or objective keep the rows of the run.
    """
    choice: dict[str, Any] = {name: st.session_state[f"adapt.{name}"]}
    setup = replace(run.setup, **choice)
    if setup.task == run.setup.task:
        _later(labels.DRAWING, lambda _: making.changed(run, setup, model))
        return
    before = next((each for each in mine() if each.setup.task == setup.task), None)
    if before is not None:
        open_again(before.key)
        return
    own = own_images(run)
    _set_aside()
    _later(labels.DRAWING, lambda _: making.made(setup, own, model))


def own_images(run: Run) -> TaskSource | None:
    """A person's own images, if this session has brought any."""
    return run.own or next((each.own for each in mine() if each.own), None)


def take_archive(run: Run, model: AmortisedExtractor) -> None:
    """Callback of the uploader: a zip archive becomes the task, or a sentence says why not."""
    if (file := st.session_state["adapt.archive"]) is not None:
        _bring(run, model, file, file.name)


def take_folder(run: Run, model: AmortisedExtractor) -> None:
    """Callback of the path field: a folder or an archive on the computer that runs the dashboard."""
    if path := st.session_state["adapt.folder"].strip().strip("\"'"):  # as Windows copies a path
        _bring(run, model, path)


def take_again(run: Run, model: AmortisedExtractor) -> None:
    """Callback of the choice of copies: the same images, counted otherwise."""
    if st.session_state.get("adapt.archive") is not None:
        take_archive(run, model)
    else:
        take_folder(run, model)


def take_shared(run: Run, model: AmortisedExtractor) -> None:
    """Callback of the uploader of runs: the file's run is shown, or a sentence says why not."""
    file = st.session_state["adapt.shared"]
    st.session_state["adapt.opened"] = ("", ())
    if file is not None:
        content, name, own = file.getvalue(), file.name, own_images(run)
        _set_aside()
        _later(labels.DRAWING, lambda _: making.opened(content, name, own, model), "adapt.opened")


def _bring(run: Run, model: AmortisedExtractor, images: str | BinaryIO, name: str = "") -> None:
    copies = st.session_state.get("adapt.copies", COPIES[0])
    setup, reading = run.setup, labels.READING
    stays = " The images from before stay in use." if run.own else ""
    _later(
        labels.DRAWING, lambda heard: making.brought(setup, images, name, copies, model, heard, reading), stays=stays
    )  # fmt: skip


def _later(
    title: str, work: Callable[[Progress], Run | _Found], problem: str = "adapt.problem", stays: str = ""
) -> None:
    """A callback can draw nothing, so what takes more than a moment goes on in a thread, and the page says how far."""
    if old := st.session_state.pop("adapt.waiting", None):
        old.stream.leave()
    st.session_state["adapt.gone"] = False

    def make(heard: Progress) -> Iterator[_Found]:
        found = work(heard)
        yield found if isinstance(found, tuple) else (found, ())

    st.session_state["adapt.waiting"] = Errand(Stream(title, make, 1), problem, stays)


def waiting() -> Errand | None:
    """What the last click has asked for, if it is not there yet."""
    found: Errand | None = st.session_state.get("adapt.waiting")
    return found


def a_moment() -> None:
    """Between two looks at what is waited for."""
    time.sleep(0.03)


def settle(errand: Errand) -> None:
    """Show what an errand has found, or say what was wrong."""
    del st.session_state["adapt.waiting"]
    found = errand.stream.found()
    said = "" if found else f"{errand.stream.problem}{errand.stays}"
    notes = found[0][1] if found else ()
    st.session_state[errand.problem] = (said, notes) if errand.problem == "adapt.opened" else said
    if found:
        run = found[0][0]
        REGISTRY.put(run)
        st.session_state["adapt.key"] = run.key


def opened() -> tuple[str, tuple[str, ...]]:
    """What was wrong with the last file of a run, or "", and what else has to be said about it."""
    found: tuple[str, tuple[str, ...]] = st.session_state.get("adapt.opened", ("", ()))
    return found


def problem() -> str:
    """What was wrong with the last choice, or ""."""
    return str(st.session_state.get("adapt.problem", ""))


def seed_widgets(run: Run) -> None:
    """Make the setup widgets show the run's setup."""
    for name, value in vars(run.setup).items():
        if st.session_state.get(f"adapt.{name}") != value:
            st.session_state[f"adapt.{name}"] = value


def target() -> float:
    """The score at which the target line is."""
    return float(st.session_state.get("adapt.target", TARGET))


def heard() -> int:
    """The number of the last thing that a hand has done to the six sliders."""
    return int(st.session_state.get("adapt.heard", 0))


def feel(run: Run) -> None:
    """Do what a hand has done to the six sliders since the last look.

    While a fit goes, the coordinate is held there, or let go; otherwise the head alone is fitted where it was let go.
    What comes from the browser may be anything.
    """
    told = (st.session_state.get(DIALS) or {}).get("hand")
    touch = read_touch(told, len(run.worker.model.transforms))
    if touch is None or touch.number <= heard():
        return
    st.session_state["adapt.heard"] = touch.number
    worker = run.worker
    if worker.snapshot().status in ("running", "paused"):
        (worker.hold if touch.held else worker.let_go)(touch.axis, touch.values[touch.axis])
    elif not touch.held:
        worker.by_hand(touch.values)


def edit_table(run: Run) -> None:
    """Callback of the run table: rename, draw or leave out, and delete what was edited."""
    changes, outcomes = st.session_state["adapt.table"], run.worker.snapshot().outcomes
    for place, cells in changes["edited_rows"].items():
        if "name" in cells and int(place) < len(outcomes):
            run.worker.rename(int(place), rows.name_from(str(cells["name"] or "")))
        if "drawn" in cells:
            run.worker.draw(int(place), bool(cells["drawn"]))
    for place in sorted(changes["deleted_rows"], reverse=True):
        run.worker.drop(int(place))


def latest() -> Run | None:
    """The run of this session, if the Adapt page has been opened; for other pages.

    What a person looks at is not forgotten, however many others there are.
    """
    key, shown = st.session_state.get("adapt.key"), st.session_state.get("adapt.shown")
    run = REGISTRY.get(key)
    if run is None and shown is not None and shown.key == key:
        REGISTRY.put(run := shown)
    return run
