"""The Adapt page's own session: which task is chosen, and the worker that fits it.

A worker's key is in the address, so a reload finds its run again; every new session makes its own key,
so two tabs do not meet.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO

import streamlit as st

from core.adaptation import Settings
from core.data.grouping import COPIES
from core.model.amortised import AmortisedExtractor
from core.sharing import SharedRun, read_run
from core.tasks import TaskSource, folder_task, known_tasks
from dashboard import cache
from dashboard.adapt import files, rows
from dashboard.adapt.setup import OWN, Run, Setup
from dashboard.cache.bounded import leaves
from dashboard.figures.fit_progress import TARGET
from dashboard.jobs.errors import told
from dashboard.jobs.fit_worker import Worker
from dashboard.jobs.preparing import Heard

PARAMETER = "run"
OPENING = "digits despite hue"
MAX_WORKERS = 4
_MEMORY, _BYTES = 16, 1 << 30
"""Runs that are remembered, and what their images may take."""


class Registry:
    """Runs by key; the oldest idle ones make room."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()

    def get(self, key: str | None) -> Run | None:
        """The run of that key, if it is still there."""
        with self._lock:
            return self._runs.get(key or "")

    def put(self, run: Run) -> None:
        """Remember a run; the one of the same key is stopped."""
        with self._lock:
            if old := self._runs.pop(run.key, None):
                old.worker.stop()
            self._runs[run.key] = run
            for key in [key for key, other in self._runs.items() if other is not run and not other.worker.alive]:
                if len(self._runs) <= _MEMORY and self._bytes() <= _BYTES:
                    break
                del self._runs[key]

    def _bytes(self) -> int:
        """Of all images; runs may share them."""
        found = (leaf for run in self._runs.values() for leaf in leaves(run.worker.kept))
        return sum({id(each): size for each, size in found}.values())

    def busy(self) -> bool:
        """Whether as many fits run as one computer should have."""
        with self._lock:
            return sum(run.worker.working for run in self._runs.values()) >= MAX_WORKERS


REGISTRY = Registry()


def opening(model: AmortisedExtractor) -> Setup:
    """A task whose answer can be seen at once, or the first of the list."""
    names = [source.name for source in known_tasks(model.transforms, model.input_size)]
    return Setup(OPENING if OPENING in names else names[0])


def current(model: AmortisedExtractor) -> Run:
    """The run of this session, the one that the address names, or a new one.

    Raises:
        ValueError: the task cannot be drawn.
    """
    session = st.session_state
    key = session.get("adapt.key") or st.query_params.get(PARAMETER)
    run = REGISTRY.get(key)
    if run is None:
        run = _made(secrets.token_urlsafe(6), wanted(model), None, model)
        REGISTRY.put(run)
    session["adapt.key"] = run.key
    if st.query_params.get(PARAMETER) != run.key:
        st.query_params[PARAMETER] = run.key
    return run


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


def change(run: Run, model: AmortisedExtractor, own: TaskSource | None = None, **choices: Any) -> None:
    """Another setup; the old fit ends, and its rows stay as long as the task is the same.

    What cannot be is said by :func:`problem`.
    """
    setup = replace(run.setup, **choices)
    try:
        new = _made(run.key, setup, own or run.own, model)
        if setup.task == run.setup.task and own is None:
            seen = run.worker.snapshot()
            new.worker.take(rows.carried(seen.outcomes, run.setup.origin), seen.hidden)
        REGISTRY.put(new)
        st.session_state["adapt.problem"] = ""
    except ValueError as error:
        st.session_state["adapt.problem"] = str(error)


def choose(run: Run, model: AmortisedExtractor, name: str) -> None:
    """Callback of a setup widget whose key is ``adapt.<name>``."""
    choice = {name: st.session_state[f"adapt.{name}"]}
    _later(lambda _: change(run, model, **choice))


def take_archive(run: Run, model: AmortisedExtractor) -> None:
    """Callback of the uploader: a zip archive becomes the task, or a sentence says why not."""
    if (file := st.session_state["adapt.archive"]) is not None:
        _later(lambda heard: _take(run, model, heard, file, file.name))


def take_folder(run: Run, model: AmortisedExtractor) -> None:
    """Callback of the path field: a folder or an archive on the computer that runs the dashboard."""
    if path := st.session_state["adapt.folder"].strip().strip("\"'"):  # as Windows copies a path
        _later(lambda heard: _take(run, model, heard, path))


def take_again(run: Run, model: AmortisedExtractor) -> None:
    """Callback of the choice of copies: the same images, counted otherwise."""
    if st.session_state.get("adapt.archive") is not None:
        take_archive(run, model)
    else:
        take_folder(run, model)


def take_shared(run: Run, model: AmortisedExtractor) -> None:
    """Callback of the uploader of runs: the file's run takes the place of this one, or a sentence says why not."""
    file = st.session_state["adapt.shared"]
    if file is None:
        st.session_state["adapt.opened"] = ("", ())
        return
    _later(lambda _: _open(run, model, file.getvalue(), file.name))


def _later(work: Callable[[Heard], None]) -> None:
    """A callback can draw nothing, so what takes more than a moment is done when the page is drawn, which says so."""
    st.session_state["adapt.waiting"] = work


def waiting() -> bool:
    """Whether the last click has asked for something that :func:`settle` has to do."""
    return "adapt.waiting" in st.session_state


def settle(heard: Heard) -> None:
    """Do it; ``heard`` is called with the files that are read and all there are, where files are read.

    A further click interrupts it, as it interrupts everything; then it is done when the page is drawn again.
    """
    try:
        st.session_state["adapt.waiting"](heard)
    except Exception:
        del st.session_state["adapt.waiting"]
        raise
    del st.session_state["adapt.waiting"]


def _take(run: Run, model: AmortisedExtractor, heard: Heard, images: str | BinaryIO, name: str = "") -> None:
    copies = st.session_state.get("adapt.copies", COPIES[0])
    try:
        source = folder_task(images, name, heard, copies=copies, side=model.input_size)
    except Exception as error:  # whatever is in a person's files, the page stays
        stays = " The images from before stay in use." if run.own else ""
        st.session_state["adapt.problem"] = f"{told(error)}{stays}"
        return
    change(run, model, source, task=OWN)


def _open(run: Run, model: AmortisedExtractor, content: bytes, name: str) -> None:
    try:
        shared, notes = read_run(content, name, model)
        REGISTRY.put(_restored(run, shared, model))
        st.session_state["adapt.opened"] = ("", notes)
    except ValueError as error:
        st.session_state["adapt.opened"] = (str(error), ())


def opened() -> tuple[str, tuple[str, ...]]:
    """What was wrong with the last file of a run, or "", and what else has to be said about it."""
    return st.session_state.get("adapt.opened", ("", ()))


def problem() -> str:
    """What was wrong with the last choice, or ""."""
    return st.session_state.get("adapt.problem", "")


def seed_widgets(run: Run) -> None:
    """Make the setup widgets show the run's setup."""
    for name, value in vars(run.setup).items():
        if st.session_state.get(f"adapt.{name}") != value:
            st.session_state[f"adapt.{name}"] = value


def target() -> float:
    """The score at which the target line is."""
    return float(st.session_state.get("adapt.target", TARGET))


def held(axes: int) -> tuple[float, ...]:
    """Where the person's own sliders are."""
    return tuple(st.session_state.get(f"adapt.hand.{place}", 0.5) for place in range(axes))


def grab(run: Run, place: int) -> None:
    """Callback of one of the person's sliders: put that coordinate of a run that has begun there."""
    if run.worker.snapshot().steps:
        run.worker.move(place, st.session_state[f"adapt.hand.{place}"])


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


def _made(key: str, setup: Setup, own: TaskSource | None, model: AmortisedExtractor) -> Run:
    if REGISTRY.busy():
        raise ValueError(f"{MAX_WORKERS} fits are running on this computer already. Wait for one, or stop it.")
    named = {source.name: source for source in known_tasks(model.transforms, model.input_size)}
    source = own if setup.task == OWN else named.get(setup.task)
    if source is None:
        raise ValueError("There are no images of your own yet. Bring a zip archive or a folder first.")
    task = cache.with_shots(model, source, setup.shots, setup.seed)
    settings = Settings(setup.objective, seed=setup.seed)
    return Run(key, setup, Worker(model, task, settings), own)


def _restored(run: Run, shared: SharedRun, model: AmortisedExtractor) -> Run:
    task = files.task_shown(shared, run.own, model)
    worker = Worker(model, task, shared.settings)
    worker.restore(shared)
    setup = Setup(OWN if shared.own else shared.task, shared.shots, shared.seed, shared.settings.objective)
    return Run(run.key, setup, worker, run.own)


def latest() -> Run | None:
    """The run of this session, if the Adapt page has been opened; for other pages."""
    return REGISTRY.get(st.session_state.get("adapt.key"))
