"""A task from a folder of images, one subfolder per class (``ImageFolder`` layout), or a zip archive of one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

import torch
from torch import Tensor

from ..backbones import DEFAULT
from ..data.grouping import different, group
from ..data.image_folder import ARCHIVES, ImageSet, load
from ..data.layout import parts_of, repeated, unwrapped
from ..data.listing import Listing, listed
from ..data.names import shown
from ..data.notes import doubts, few, left_out, outside, parts
from .draws import draw
from .task import TaskSource

MAX_CLASSES = 1000
MIN_PER_CLASS = 3
FOUND = (
    "Copies and near copies are found by thumbnails and a perceptual hash (ImageHash's phash), and each counts once."
)

Progress = Callable[[int, int], None]


def folder_task(
    source: str | Path | BinaryIO,
    name: str = "",
    progress: Progress | None = None,
    *,
    copies: str = "near",
    side: int = DEFAULT.input_size,
) -> TaskSource:
    """Read a folder, or a zip archive by its path or as an open file.

    Folders called ``train``, ``val`` and ``test`` are understood as parts of the set: the test part is for testing.

    Args:
        source: the folder or archive.
        name: what the person calls it; default: its own name.
        progress: called with (files read, files in all).
        copies: one of :data:`core.data.grouping.COPIES`: which of them count once.
        side: pixels of a side of the images, such as ``model.input_size``.

    Raises:
        ValueError: nothing readable, one class, too many classes, or a class with too few images; one
            sentence for a person.
    """
    data = read_labelled(source, name, progress, copies=copies != "none", side=side)
    title = Path(data.name).stem if data.name.lower().endswith(".zip") else data.name
    return labelled_task(data, title, copies=copies)


def read_labelled(
    source: str | Path | BinaryIO,
    name: str = "",
    progress: Progress | None = None,
    *,
    copies: bool = True,
    side: int = DEFAULT.input_size,
) -> ImageSet:
    """The images of a folder or archive of labelled images.

    Args:
        source, name, progress: see :func:`folder_task`.
        copies: whether the images are marked, so that copies can be found.
        side: see :func:`folder_task`.

    Raises:
        ValueError: see :func:`folder_task`.
    """
    with listed(source, shown(name)) as found:
        inner, aside = unwrapped(found)
        pieces = parts_of(inner)
        _check_classes(inner, {name for piece in pieces for name in piece.files.top})
        alike = repeated(inner) if len(pieces) == 1 else ()
        return replace(load(inner, progress, side, parts=pieces, copies=copies), aside=aside, alike=alike)


def _check_classes(found: Listing, classes: set[str]) -> None:
    if len(classes) < 2:
        has = f"only the subfolder “{classes.pop()}”" if classes else "no subfolder"
        packed = [each.name for each in found.entries if each.ending in ARCHIVES]
        hint = f" It holds another archive ({packed[0]}): unpack that first." if packed else ""
        raise ValueError(
            f"{found.name} has {has}. To tell classes apart, make one subfolder per class, at least two.{hint}"
        )
    if len(classes) > MAX_CLASSES:
        raise ValueError(
            f"{found.name} has {len(classes):,} classes; at most {MAX_CLASSES:,} work. Use a part of them."
        )


def labelled_task(data: ImageSet, name: str, *, copies: str = "near") -> TaskSource:
    """A source of tasks from labelled images, in which every picture counts once.

    Args:
        data: the images. name: of the task.
        copies: see :func:`folder_task`.

    Raises:
        ValueError: fewer than two classes, or a class with too few images.
    """
    data, groups, notes = grouped(data, name, copies)
    counts = tuple(
        replace(each, copies=each.used - different(groups, data.labels == data.classes.index(each.name)))
        if each.name in data.classes
        else each
        for each in data.counts
        if each.name
    )
    title = f"Which of the {len(data.classes)} classes in {name} is it?"
    source = partial(draw, data, groups, name, title, FOUND if data.marks else "")
    return TaskSource(
        name, title, source, data.classes, notes=tuple(notes), counts=counts, digest=_digest(data, groups)
    )  # fmt: skip


def _digest(data: ImageSet, groups: Tensor) -> str:
    found = hashlib.sha256(repr((data.classes, tuple(data.images.shape))).encode())
    for part in (data.images, data.labels, groups):
        found.update(part.contiguous().numpy().tobytes())
    return found.hexdigest()[:16]


def grouped(data: ImageSet, name: str, copies: str = "near") -> tuple[ImageSet, Tensor, list[str]]:
    """The images that have a class, equal numbers (N,) for those that show the same picture, and sentences.

    Raises:
        ValueError: see :func:`labelled_task`.
    """
    notes = [*left_out(data), *outside(data)]
    if "" in data.classes:
        data = _without(data, data.labels == data.classes.index(""))
    if len(data.classes) < 2:
        raise ValueError(
            f"{name} has readable images of one class only ({', '.join(data.classes) or 'none'}). "
            f"Put images of at least two classes into one subfolder each. {' '.join(notes)}".strip()
        )
    groups, about = group(data, MIN_PER_CLASS, copies)
    _check_counts(data, groups, name)
    return data, groups, [*notes, *about, *parts(data), *doubts(data)]


def _check_counts(data: ImageSet, groups: Tensor, name: str) -> None:
    if data.held_out is not None and data.held_out.any():
        _check_parts(data, data.held_out, name)
    short = []
    for label, title in enumerate(data.classes):
        own = data.labels == label
        images, pictures = int(own.sum()), different(groups, own)
        if pictures < MIN_PER_CLASS:
            short.append(f"{title} ({pictures:,}{f' in {images:,} copies' if images > pictures else ''})")
    if short:
        raise ValueError(
            f"Too few different readable images in {name}: {few(short)}. Each class needs at least {MIN_PER_CLASS}: "
            "for training, for choosing and for testing. Add images, or take these classes away."
        )


def _check_parts(data: ImageSet, held_out: Tensor, name: str) -> None:
    counts = torch.bincount(data.labels[~held_out], minlength=len(data.classes)).tolist()
    short = [title for title, count in zip(data.classes, counts, strict=True) if count < 2]
    if not short:
        return
    alike = [other for other in data.classes if other != short[0] and other.casefold() == short[0].casefold()]
    hint = f" “{alike[0]}” is spelt otherwise: name both alike." if alike else ""
    raise ValueError(
        f"Too few images of {name} that are not for testing: {few(short)}. Each class needs at least 2 of them.{hint} "
        "Add images, or take these classes away."
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
