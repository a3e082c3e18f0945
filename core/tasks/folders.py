"""A task from a folder of images, one subfolder per class (``ImageFolder`` layout), or a zip archive of one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from core.archives import unpacked
from core.data import ImageSet, load_folder
from core.tasks.task import Split, Task, TaskSource, choose_balanced, divide

MAX_CLASSES = 1000
MIN_PER_CLASS = 3
MAX_TEST_IMAGES = 2000
_SPLIT_NAMES = {"train", "val", "valid", "validation", "test"}


def folder_task(path: str | Path) -> TaskSource:
    """Read a folder or a zip archive of one.

    Raises:
        ValueError: nothing readable, one class, too many classes, or a class with too few images; one
            sentence for a person.
    """
    root = Path(path).expanduser()
    if root.is_file():
        with unpacked(root) as folder:
            return labelled_task(_load(folder, root.name), root.stem)
    return labelled_task(_load(root, str(path)), root.resolve().name)


def _load(folder: Path, shown: str) -> ImageSet:
    if folder.is_dir():
        classes = [entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith(".")]
        _check_classes(classes, shown)
    try:
        return load_folder(folder)
    except ValueError as error:
        raise ValueError(str(error).replace(str(folder), shown)) from None


def _check_classes(classes: list[str], shown: str) -> None:
    if len(classes) < 2:
        found = f"only the subfolder {classes[0]!r}" if classes else "no subfolder"
        raise ValueError(f"{shown} has {found}. To tell classes apart, make one subfolder per class, at least two.")
    if len(classes) > MAX_CLASSES:
        raise ValueError(f"{shown} has {len(classes):,} classes; at most {MAX_CLASSES:,} work. Use a part of them.")
    if {name.lower() for name in classes} <= _SPLIT_NAMES:
        raise ValueError(
            f"The subfolders of {shown} are splits ({', '.join(sorted(classes))}), not classes. "
            "Give one of them; the split is made here."
        )


def labelled_task(data: ImageSet, name: str) -> TaskSource:
    """A source of tasks from labelled images.

    Raises:
        ValueError: fewer than two classes, or a class with too few images.
    """
    notes = []
    if data.skipped:
        notes.append(f"{len(data.skipped)} files could not be read and were left out, e.g. {data.skipped[0]}.")
    if "" in data.classes:  # images beside the class folders
        stray = data.labels == data.classes.index("")
        notes.append(f"{int(stray.sum())} images lie outside the class folders and were left out.")
        data = _without(data, stray)
    if len(data.classes) < 2:
        raise ValueError(
            f"{name} has readable images of one class only ({', '.join(data.classes) or 'none'}). "
            "Put images of at least two classes into one subfolder each."
        )
    counts = torch.bincount(data.labels, minlength=len(data.classes))
    if int(counts.min()) < MIN_PER_CLASS:
        short = data.classes[int(counts.argmin())]
        raise ValueError(
            f"Class {short!r} of {name} has {int(counts.min())} readable images; each class needs at least "
            f"{MIN_PER_CLASS}: for training, for choosing and for testing. Add images or remove the class."
        )
    title = f"Which of {len(data.classes)} classes of {name} is it?"
    return TaskSource(name, title, partial(_draw, data, name, title), data.classes, notes=tuple(notes))


def _without(data: ImageSet, dropped: Tensor) -> ImageSet:
    gone = data.classes.index("")
    labels = data.labels[~dropped]
    labels = labels - (labels > gone).long()
    classes = tuple(name for name in data.classes if name)
    return ImageSet(data.name, data.images[~dropped], labels, classes, data.skipped)


def _draw(data: ImageSet, name: str, title: str, count: int, seed: int) -> Task:
    """Labelled images evenly over the classes; the rest, at most 2,000, is the test split.

    Every class keeps at least one image for testing, so a small class may give fewer than its share.
    """
    k = len(data.classes)
    if count < 2 * k:
        raise ValueError(
            f"{count} labelled images are too few for {k} classes. Ask for at least {2 * k}: two of each class."
        )
    generator = torch.Generator().manual_seed(seed)
    kept = torch.stack([_first(data.labels, c, generator) for c in range(k)])
    free = torch.ones(len(data.labels), dtype=torch.bool)
    free[kept] = False
    pool = torch.where(free)[0]
    labelled = pool[choose_balanced(data.labels[pool], count, generator, classes=k)]
    free[labelled] = False
    rest = torch.where(free)[0]
    rest = rest[torch.randperm(len(rest), generator=generator)]
    test = torch.cat([kept, rest])[:MAX_TEST_IMAGES]
    images = data.images.float() / 255 if len(data.images) < 4 * count else None
    parts = []
    for chosen in (labelled, test):
        pixels = data.images[chosen].float() / 255 if images is None else images[chosen]
        parts.append(Split(pixels, data.labels[chosen]))
    train, validation = divide(parts[0].targets, generator, classes=k)
    return Task(name, title, parts[0].at(train), parts[0].at(validation), parts[1], data.classes)


def _first(labels: Tensor, label: int, generator: torch.Generator) -> Tensor:
    places = torch.where(labels == label)[0]
    return places[torch.randint(len(places), (), generator=generator)]
