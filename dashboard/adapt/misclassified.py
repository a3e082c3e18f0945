"""What a fitted head calls its test images: how often which class, and the worst mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.tasks import Task

MOST = 12


@dataclass(frozen=True)
class Mistake:
    """A test image, its row, and what it is and was called."""

    row: int
    said: str


def picture_of(task: Task, mistake: Mistake) -> Tensor:
    """(3, H, W) in [0, 1], however the task keeps its images."""
    return task.test.at(slice(mistake.row, mistake.row + 1)).pixels[0]


def confusion(task: Task, outputs: Tensor) -> np.ndarray:
    """(C, C) how often each class (row) was called which (column); outputs (M, C) on the test images."""
    pairs = task.test.targets * task.outputs + outputs.argmax(1)
    return torch.bincount(pairs, minlength=task.outputs**2).view(task.outputs, -1).numpy()


def mistakes(task: Task, outputs: Tensor, most: int = MOST) -> list[Mistake]:
    """At most ``most``, the worst first.

    Args:
        task: with its test images.
        outputs: (M, C) of the head on them.
    """
    truth = task.test.targets
    if task.regression:
        found = outputs[:, 0]
        order = (found - truth).abs().argsort(descending=True)[:most].tolist()
        return [Mistake(row, f"is {truth[row]:+.2f}, called {found[row]:+.2f}") for row in order]
    called = outputs.argmax(1)
    badness = outputs.max(1).values - outputs.gather(1, truth[:, None])[:, 0]
    order = badness.argsort(descending=True)[: min(most, int((called != truth).sum()))].tolist()
    return [Mistake(row, f"is {task.classes[truth[row]]}, called {task.classes[called[row]]}") for row in order]
