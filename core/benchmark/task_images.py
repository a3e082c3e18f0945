"""Where the images of real tasks come from: folders in a folder, or anything else that has a name and can be read."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from torch import Tensor

from ..data import ImageSet
from ..tasks.folders import grouped, read_labelled


@dataclass(frozen=True)
class TaskImages:
    """A task of which no image has been read yet.

    Attributes:
        name: of the task.
        read: reads its images, with so many pixels a side.
    """

    name: str
    read: Callable[[int], ImageSet]

    def labelled(self, side: int) -> tuple[ImageSet, Tensor]:
        """The images that have a class, and equal numbers (N,) for those that show the same picture.

        Raises:
            ValueError: see :func:`core.tasks.folders.labelled_task`.
        """
        data, groups, _ = grouped(self.read(side), self.name)
        return data, groups


def tasks_in(folder: Path) -> list[TaskImages]:
    """The folders in a folder, by name.

    Raises:
        ValueError: there is none.
    """
    if not folder.is_dir():
        raise ValueError(f"There is no folder {folder}. Give a folder of tasks, each a folder of classes.")
    found = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    if not found:
        raise ValueError(f"{folder} has no task: no folder is in it. Give a folder of tasks, each a folder of classes.")
    return [TaskImages(each.name, partial(_read, each)) for each in found]


def _read(folder: Path, side: int) -> ImageSet:
    return read_labelled(folder, side=side)


def by_name(tasks: Iterable[TaskImages]) -> list[TaskImages]:
    """In the order of their names, wherever they come from.

    Raises:
        ValueError: two have one name.
    """
    found = sorted(tasks, key=lambda each: each.name)
    name, count = Counter(each.name for each in found).most_common(1)[0] if found else ("", 0)
    if count > 1:
        raise ValueError(f"{count} tasks are called {name}. Leave all but one of them out, or rename their folders.")
    return found


def digest_of(data: ImageSet, groups: Tensor) -> str:
    """What tells these images, with their classes and copies, from others: 12 hexadecimal digits."""
    found = hashlib.sha256(repr(data.classes).encode())
    for part in (data.images, data.labels, groups):
        found.update(part.contiguous().numpy().tobytes())
    return found.hexdigest()[:12]
