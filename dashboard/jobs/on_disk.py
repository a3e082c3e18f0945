"""Images that nobody looks at wait on disk: a class full of runs keeps its answers in memory, not its pictures."""

from __future__ import annotations

import mmap
import tempfile
from dataclasses import replace

import torch
from torch import Tensor

from core.tasks import Task
from core.tasks.task import Split


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
        train, validation, test = map(self._split, (task.train, task.validation, task.test))
        self.task = replace(task, train=train, validation=validation, test=test)

    def let_go(self) -> None:
        """What was read of the files counts as memory of this process until then."""
        for each in self._maps:
            if hasattr(mmap, "MADV_DONTNEED"):  # not on every system
                each.madvise(mmap.MADV_DONTNEED)

    def _split(self, split: Split) -> Split:
        return replace(split, images=self._mapped(split.images), prepared=None)

    def _mapped(self, images: Tensor) -> Tensor:
        if not images.numel():
            return images
        with tempfile.TemporaryFile() as file:
            images.contiguous().numpy().tofile(file)
            file.flush()
            self._maps.append(found := mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
        return torch.frombuffer(found, dtype=images.dtype).view(images.shape)
