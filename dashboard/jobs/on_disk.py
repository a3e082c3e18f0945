"""Images that nobody looks at wait on disk: a class full of runs keeps its answers in memory, not its pictures."""

from __future__ import annotations

import mmap
import tempfile
from dataclasses import replace

import torch
from torch import Tensor

from core.tasks import Task


class OnDisk:
    """A task whose images (N, 3, S, S), uint8, are read from files without names whenever they are needed.

    What is prepared of them is left out. A file goes with the last tensor that reads it.

    Args:
        task: with its images in memory.

    Raises:
        OSError: the disk has no room.
    """

    def __init__(self, task: Task) -> None:
        self._maps: list[mmap.mmap] = []
        # Training and validation images in one file, so that both together need no copy in memory.
        labelled, first = self._mapped(task.labelled.images), len(task.train)
        images = {"train": labelled[:first], "validation": labelled[first:], "test": self._mapped(task.test.images)}
        splits = {name: replace(getattr(task, name), images=part, prepared=None) for name, part in images.items()}
        self.task = replace(task, **splits)

    def let_go(self) -> None:
        """What was read of the files counts as memory of this process until then."""
        for each in self._maps:
            if hasattr(mmap, "MADV_DONTNEED"):  # not on every system
                each.madvise(mmap.MADV_DONTNEED)

    def _mapped(self, images: Tensor) -> Tensor:
        if not images.numel():
            return images
        with tempfile.TemporaryFile() as file:
            images.contiguous().numpy().tofile(file)
            file.flush()
            self._maps.append(found := mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
        return torch.frombuffer(found, dtype=images.dtype).view(images.shape)
