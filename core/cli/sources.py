"""What ``--data`` and ``--images`` name: tasks and images by folder, archive or name, and what was found there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from ..adaptation.reading import TRUST
from ..benchmark.task_images import TaskImages, tasks_in
from ..data import ImageSet
from ..data.grouping import COPIES
from ..data.image_folder import left_out_in_all
from ..model.amortised import AmortisedExtractor
from ..tasks import PUBLIC, SHIPPED, TaskSource, folder_task, known_tasks, public_task, shipped_tasks
from ..tasks.public import public_images, public_named
from ..tasks.task import DEVELOPMENT
from .terminal import console

KNOWN, CHOSEN_ON, REAL = "known", "known for development", "shipped"
_LINES = 30


def find_sources(data: str, model: AmortisedExtractor, copies: str = COPIES[0]) -> tuple[TaskSource, ...]:
    """Tasks by folder, archive or name.

    Args:
        data: what was asked for; a dataset of torchvision also as ``NAME@FOLDER``, where a copy of it lies.
        model: for the axes of the tasks with a known answer, and the size of images.
        copies: of a folder's pictures, see :func:`core.tasks.folder_task`.

    Raises:
        ValueError: nothing of that name, or the folder is no task; one sentence.
    """
    known, shipped = known_tasks(model.transforms, model.input_size), shipped_tasks(model.input_size)
    if data.strip() and Path(data).exists():
        return (folder_task(data, copies=copies, side=model.input_size),)
    if data == KNOWN:
        return known
    if data == CHOSEN_ON:
        return tuple(source for source in known if source.stage == DEVELOPMENT)
    if data == REAL:
        return shipped
    if public := public_named(data):
        return (public_task(*public, side=model.input_size),)
    if named := tuple(source for source in (*shipped, *known) if source.name == data):
        return named
    raise ValueError(
        f"There is no folder, archive or task “{data}”. Give a path, '{REAL}', '{KNOWN}', '{CHOSEN_ON}', one of "
        f"{', '.join(PUBLIC)} (or NAME@FOLDER, if your copy of it lies in that folder), "
        f"or one of: {'; '.join(source.name for source in (*shipped, *known))}."
    )


def find_source(data: str, model: AmortisedExtractor, why_one: str, copies: str = COPIES[0]) -> TaskSource:
    """The one task that was asked for.

    Args:
        data, model, copies: see :func:`find_sources`.
        why_one: why several will not do, as the end of a sentence.

    Raises:
        ValueError: the data names more than one task; or see :func:`find_sources`.
    """
    sources = find_sources(data, model, copies)
    if len(sources) != 1:
        raise ValueError(f"--data {data} names {len(sources)} tasks; {why_one}. Give one name.")
    return sources[0]


def draw_of(model: AmortisedExtractor, source: TaskSource, labels: int, seed: int) -> dict[str, Any]:
    """What results on one draw of a task share, for a ledger."""
    images = {source.name: source.digest} if source.digest else {}
    kept = {"checkpoint": str(model.metadata.get("digest")), "trust": TRUST, "images": images}
    return {**kept, "task": source.name, "labels": labels, "seed": seed}


def find_images(wanted: Iterable[str]) -> list[TaskImages]:
    """Real tasks by folder or name, for comparisons in which images are read once.

    Args:
        wanted: folders of tasks, each a folder of classes; ``shipped``; datasets of torchvision, as ``NAME`` or
            ``NAME@FOLDER``.

    Raises:
        ValueError: nothing of that name, or a folder without tasks; one sentence.
    """
    return [each for text in wanted for each in _images(text)]


def _images(text: str) -> list[TaskImages]:
    if text.strip() and Path(text).is_dir():
        return tasks_in(Path(text))
    if text == REAL:
        return [TaskImages(each.name, each.images) for each in SHIPPED]
    if public := public_named(text):
        return [TaskImages(public[0], partial(public_images, *public))]
    raise ValueError(
        f"There is no folder “{text}”. Give a folder of tasks, each a folder of classes, '{REAL}', or one of "
        f"{', '.join(PUBLIC)} (or NAME@FOLDER, if your copy of it lies in that folder)."
    )


def introduce(source: TaskSource) -> None:
    """Say what was found in a person's folder, and what is to be said about it."""
    told = [each for each in source.counts if len(source.counts) <= _LINES or each.left_out or each.copies]
    for each in told:
        console.print(each.sentence())
    if len(told) < len(source.counts):
        more = len(source.counts) - len(told)
        console.print(f"{more:,} {'further ' if told else ''}classes, of which every file found is used.")
    for note in source.notes:
        console.print(note)


def say_what_is_left_out(loaded: ImageSet) -> None:
    """Say how many images of a folder are used, if not all are, and why."""
    if reasons := left_out_in_all(loaded.counts):
        console.print(f"{len(loaded.images):,} images are used. Left out: {reasons}.")
