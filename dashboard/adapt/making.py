"""Runs from what a person has chosen, brought or opened; each takes a moment. Knows no Streamlit."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import BinaryIO

from core.adaptation import Settings
from core.model.amortised import AmortisedExtractor
from core.sharing import read_run
from core.tasks import TaskSource, folder_task, offered_tasks
from dashboard import cache
from dashboard.adapt import files, rows
from dashboard.adapt.setup import OWN, Run, Setup
from dashboard.jobs.errors import told
from dashboard.jobs.fit_worker import Worker

Heard = Callable[[str, float], None]
"""Called with what is being done and the share of it."""


def new_key() -> str:
    """The name of a further run."""
    return secrets.token_urlsafe(6)


def made(setup: Setup, own: TaskSource | None, model: AmortisedExtractor, key: str = "") -> Run:
    """A run that has not begun.

    Args:
        setup: what is fitted.
        own: a person's own images, if there are any.
        model: what is adapted.
        key: of the run; default: a new one.

    Raises:
        ValueError: the task cannot be drawn.
    """
    named = {source.name: source for source in offered_tasks(model.transforms, model.input_size)}
    source = own if setup.task == OWN else named.get(setup.task)
    if source is None:
        raise ValueError("There are no images of your own yet. Bring a zip archive or a folder first.")
    task = cache.with_shots(model, source, setup.shots, setup.seed)
    settings = Settings(setup.objective, seed=setup.seed)
    return Run(key or new_key(), setup, Worker(model, task, settings), own)


def changed(run: Run, setup: Setup, model: AmortisedExtractor) -> Run:
    """The same task with other labels, seed or objective: its rows stay, and say what they were fitted with.

    Raises:
        ValueError: the task cannot be drawn.
    """
    new = made(setup, run.own, model, run.key)
    seen = run.worker.snapshot(attend=False)
    new.worker.take(rows.carried(seen.outcomes, run.setup.origin), seen.hidden)
    return new


def brought(
    setup: Setup, images: str | BinaryIO, name: str, copies: str, model: AmortisedExtractor, heard: Heard, reading: str
) -> Run:
    """A run of a person's own images.

    Args:
        setup: of the run; its task becomes :data:`dashboard.adapt.setup.OWN`.
        images: a path, or an open archive.
        name: of the archive.
        copies: which copies count once, see :data:`core.data.grouping.COPIES`.
        model: for the size of its images.
        heard: told how far it is.
        reading: what it is told, with places for ``done`` and ``total`` files.

    Raises:
        ValueError: what is wrong with them, as a sentence.
    """
    try:
        source = folder_task(
            images, name, lambda done, total: heard(reading.format(done=done, total=total), done / max(total, 1)),
            copies=copies, side=model.input_size,
        )  # fmt: skip
    except Exception as error:  # whatever is in a person's files, the page stays
        raise ValueError(told(error)) from error
    return made(Setup(OWN, setup.shots, setup.seed, setup.objective), source, model)


def opened(content: bytes, name: str, own: TaskSource | None, model: AmortisedExtractor) -> tuple[Run, tuple[str, ...]]:
    """The run in a file that somebody has saved, and what has to be said about it.

    Raises:
        ValueError: what is wrong with the file, as a sentence.
    """
    shared, notes = read_run(content, name, model)
    worker = Worker(model, files.task_shown(shared, own, model), shared.settings)
    worker.restore(shared)
    setup = Setup(OWN if shared.own else shared.task, shared.shots, shared.seed, shared.settings.objective)
    return Run(new_key(), setup, worker, own), notes
