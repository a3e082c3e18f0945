"""A task from a folder of images, one subfolder per class (``ImageFolder`` layout), or a zip archive of one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from torch import Tensor

from ..data.grouping import different, group
from ..data.image_folder import SPLITS, ImageSet, left_out_in_all, load
from ..data.listing import Listing, listed
from ..data.names import shown
from .draws import draw
from .task import TaskSource

MAX_CLASSES = 1000
MIN_PER_CLASS = 3
FOUND = "Copies are found by a perceptual hash of the pictures (ImageHash's phash, 256 bits), and each counts once."

Progress = Callable[[int, int], None]


def folder_task(source: str | Path | BinaryIO, name: str = "", progress: Progress | None = None) -> TaskSource:
    """Read a folder, or a zip archive by its path or as an open file.

    Folders called ``train``, ``val`` and ``test`` are understood as parts of the set: the test part is for testing.

    Args:
        source: the folder or archive.
        name: what the person calls it; default: its own name.
        progress: called with (files read, files in all).

    Raises:
        ValueError: nothing readable, one class, too many classes, or a class with too few images; one
            sentence for a person.
    """
    data = read_labelled(source, name, progress)
    return labelled_task(data, Path(data.name).stem if data.name.lower().endswith(".zip") else data.name)


def read_labelled(source: str | Path | BinaryIO, name: str = "", progress: Progress | None = None) -> ImageSet:
    """The images of a folder or archive of labelled images, with what finds copies.

    Args, Raises:
        See :func:`folder_task`.
    """
    with listed(source, shown(name)) as found:
        found = found.unwrapped()
        _check_classes(found)
        return load(found, progress, split=True, copies=True)


def _check_classes(found: Listing) -> None:
    if len(found.top) < 2:
        has = f"only the subfolder “{found.top[0]}”" if found.top else "no subfolder"
        raise ValueError(f"{found.name} has {has}. To tell classes apart, make one subfolder per class, at least two.")
    if len(found.top) > MAX_CLASSES:
        raise ValueError(
            f"{found.name} has {len(found.top):,} classes; at most {MAX_CLASSES:,} work. Use a part of them."
        )
    if all(name.casefold() in SPLITS for name in found.top) and not all(
        found.inside(name).folders for name in found.top
    ):
        raise ValueError(
            f"The subfolders of {found.name} are splits ({', '.join(found.top)}), not classes. "
            "Make one subfolder per class in each of them."
        )


def labelled_task(data: ImageSet, name: str) -> TaskSource:
    """A source of tasks from labelled images, in which every picture counts once.

    Raises:
        ValueError: fewer than two classes, or a class with too few images.
    """
    data, groups, notes = grouped(data, name)
    counts = tuple(
        replace(each, copies=each.used - different(groups, data.labels == data.classes.index(each.name)))
        if each.name in data.classes
        else each
        for each in data.counts
        if each.name
    )
    title = f"Which of {len(data.classes)} classes of {name} is it?"
    source = partial(draw, data, groups, name, title, FOUND if data.marks else "")
    return TaskSource(
        name, title, source, data.classes, notes=tuple(notes), counts=counts, digest=_digest(data, groups)
    )  # fmt: skip


def _digest(data: ImageSet, groups: Tensor) -> str:
    found = hashlib.sha256(repr((data.classes, tuple(data.images.shape))).encode())
    for part in (data.images, data.labels, groups):
        found.update(part.contiguous().numpy().tobytes())
    return found.hexdigest()[:16]


def grouped(data: ImageSet, name: str) -> tuple[ImageSet, Tensor, list[str]]:
    """The images that have a class, equal numbers (N,) for those that show the same picture, and sentences.

    Raises:
        ValueError: see :func:`labelled_task`.
    """
    notes = _left_out(data)
    if "" in data.classes:  # images beside the class folders
        stray = data.labels == data.classes.index("")
        number = int(stray.sum())
        notes.append(f"{number:,} {'image lies' if number == 1 else 'images lie'} outside the class folders: left out.")
        data = _without(data, stray)
    if len(data.classes) < 2:
        raise ValueError(
            f"{name} has readable images of one class only ({', '.join(data.classes) or 'none'}). "
            f"Put images of at least two classes into one subfolder each. {' '.join(notes)}".strip()
        )
    groups, about = group(data, MIN_PER_CLASS)
    _check_counts(data, groups, name)
    return data, groups, [*notes, *about, *_parts(data)]


def _left_out(data: ImageSet) -> list[str]:
    classes = [each for each in data.counts if each.name]
    notes = []
    if reasons := left_out_in_all(classes):
        number = sum(each.found - each.used for each in classes)
        notes.append(f"{number:,} {'file is' if number == 1 else 'files are'} left out: {reasons}.")
    for each in classes:
        if not each.used:
            why = "" if each.left_out else ": its folder is empty"
            notes.append(f"The class {each.name} has no readable image and is left out{why}.")
    return notes


def _parts(data: ImageSet) -> list[str]:
    labelled, test = data.parts
    if not test:
        return []
    return [f"The test images are those in {_joined(test)}; the labelled ones are drawn from {_joined(labelled)}."]


def _joined(names: tuple[str, ...]) -> str:
    return " and ".join(f"{name}/" for name in names)


def _check_counts(data: ImageSet, groups: Tensor, name: str) -> None:
    for label, title in enumerate(data.classes):
        own = data.labels == label
        if data.held_out is not None and data.held_out.any():
            _check_parts(title, name, int((own & ~data.held_out).sum()))
        images, pictures = int(own.sum()), different(groups, own)
        if pictures < MIN_PER_CLASS:
            what = f"{images} readable images" if images == pictures else f"{images} images of {pictures} pictures"
            raise ValueError(
                f"Class “{title}” of {name} has {what}; each class needs at least {MIN_PER_CLASS} different ones: for "
                "training, for choosing and for testing. Add images or remove the class."
            )


def _check_parts(title: str, name: str, labelled: int) -> None:
    if labelled < 2:
        raise ValueError(
            f"Class “{title}” of {name} has {labelled} images that are not for testing; each class needs at least 2. "
            "Add images or remove the class."
        )


def _without(data: ImageSet, dropped: Tensor) -> ImageSet:
    gone = data.classes.index("")
    labels = data.labels[~dropped]
    kept = [place for place, out in enumerate(dropped.tolist()) if not out]
    return replace(
        data,
        images=data.images[~dropped],
        labels=labels - (labels > gone).long(),
        classes=tuple(name for name in data.classes if name),
        paths=tuple(data.paths[place] for place in kept) if data.paths else (),
        marks=tuple(data.marks[place] for place in kept) if data.marks else (),
        held_out=None if data.held_out is None else data.held_out[~dropped],
    )
