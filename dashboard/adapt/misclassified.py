"""What a fitted head calls its test images: how often which class, the worst mistakes, and the images of a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.adaptation.confidence import Confidence
from core.tasks import Task
from core.tasks.score import exact_interval

MOST = 12
MOST_CLASSES = 16
"""Rows of a table of confusions that can be read at once."""


@dataclass(frozen=True)
class Mistake:
    """A test image, its row, and what it is and was called."""

    row: int
    said: str


@dataclass(frozen=True)
class Line:
    """A row of the table of confusions: ``truth`` is its class, ``cells`` how often its images were called what.

    ``interval`` holds 95 % of the share that is named rightly; ``None`` where the class has no test image.
    """

    truth: int
    cells: tuple[int, ...]
    right: int
    count: int

    @property
    def interval(self) -> tuple[float, float] | None:
        return exact_interval(self.right / self.count, self.count) if self.count else None


@dataclass(frozen=True)
class ConfusionTable:
    """Counts on test images.

    Attributes:
        classes: those that are shown, in order.
        lines: one for each; a cell for each of ``classes``, and one for all others if there are others.
    """

    classes: tuple[int, ...]
    lines: tuple[Line, ...]

    def called(self, column: int, count: int) -> set[int]:
        """The classes of a column, of ``count`` in all: one, or all that are not shown."""
        return {self.classes[column]} if column < len(self.classes) else set(range(count)) - set(self.classes)


def picture_of(task: Task, mistake: Mistake) -> Tensor:
    """(3, H, W) in [0, 1], however the task keeps its images."""
    return test_picture(task, mistake.row)


def test_picture(task: Task, row: int) -> Tensor:
    """A test image, (3, H, W) in [0, 1]."""
    return task.test.at(slice(row, row + 1)).pixels[0]


def name_of(task: Task, row: int) -> str:
    """The file of a test image, or its number where it comes from none."""
    return task.test.names[row] if task.test.names else f"test picture {row + 1}"


def confusion(task: Task, outputs: Tensor) -> np.ndarray:
    """(C, C) how often each class (row) was called which (column); outputs (M, C) on the test images."""
    pairs = task.test.targets * task.outputs + outputs.argmax(1)
    return torch.bincount(pairs, minlength=task.outputs**2).view(task.outputs, -1).numpy()


def confusion_table(counts: np.ndarray, most: int = MOST_CLASSES) -> ConfusionTable:
    """Counts (C, C) as a table of at most ``most`` classes, those that are confused most."""
    wrong = counts.sum(0) + counts.sum(1) - 2 * counts.diagonal()
    shown = sorted(np.argsort(-wrong, kind="stable")[:most].tolist())
    others = [place for place in range(len(counts)) if place not in shown]
    lines = []
    for truth in shown:
        cells = [int(counts[truth, called]) for called in shown]
        if others:
            cells.append(int(counts[truth, others].sum()))
        lines.append(Line(truth, tuple(cells), int(counts[truth, truth]), int(counts[truth].sum())))
    return ConfusionTable(tuple(shown), tuple(lines))


def in_cell(task: Task, outputs: Tensor, truth: int, called: Sequence[int] | set[int]) -> list[int]:
    """Rows of the test images of a class that were called one of some classes, the surest first."""
    named = outputs.argmax(1)
    rows = torch.where((task.test.targets == truth) & torch.isin(named, torch.tensor(sorted(called))))[0]
    return rows[outputs[rows].max(1).values.argsort(descending=True, stable=True)].tolist() if len(rows) else []


def shares_in(rows: Sequence[int], outputs: Tensor, confidence: Confidence) -> list[float]:
    """How sure each of these test images was called what it was called."""
    return confidence(outputs[list(rows)]).max(1).values.tolist()


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
