"""Images that nobody looks at wait on disk: a class full of runs keeps its answers in memory, not its pictures."""

from __future__ import annotations

import tempfile
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from core.tasks import Task
from core.tasks.task import Split


def on_disk(task: Task) -> Task:
    """The same task, whose images (N, 3, S, S), uint8, are read from a file without a name whenever they are needed.

    What is prepared of them is left out. The file goes with the last tensor that reads it. Where the disk has no room,
    the task itself comes back.
    """
    try:
        return replace(task, train=_split(task.train), validation=_split(task.validation), test=_split(task.test))
    except OSError:
        return task


def _split(split: Split) -> Split:
    return replace(split, images=_mapped(split.images), prepared=None)


def _mapped(images: Tensor) -> Tensor:
    """Equal images; a change of them stays in memory."""
    if not images.numel():
        return images
    with tempfile.TemporaryFile() as file:
        images.contiguous().numpy().tofile(file)
        file.flush()
        return torch.from_numpy(np.memmap(file, images.numpy().dtype, "c", shape=tuple(images.shape)))
