"""Pictures of a task before anything is fitted: some of every class, or of a quantity from its least to its most."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from core.axes.transforms import Axis
from core.tasks import Task

MOST = 12
"""Classes that are shown; a person counts the others in a table."""

SIDE = 56
"""Pixels of one picture, twice what a crowded row shows of it."""

_DOUBLING = ("octaves", "stops")
"""Units of which one more is twice as much, which is how people say it."""

_ACROSS = 20
"""Pictures beside each other in a wide row, over all classes."""


@dataclass(frozen=True)
class Sample:
    """Some pictures of one class.

    Attributes:
        name: of the class, or the quantity in words.
        pictures: (3, H, W), a sheet of ``across`` by ``down`` pictures.
        across, down: how many pictures it has.
        labelled, tests: how many pictures of the class there are; 0 and 0 for a quantity.
    """

    name: str
    pictures: Tensor
    across: int
    down: int
    labelled: int = 0
    tests: int = 0


def samples(task: Task, axes: tuple[Axis, ...]) -> list[Sample]:
    """The classes of a task in their order, at most :data:`MOST`; for a quantity, ten pictures in its order.

    Args:
        task: whose training images are shown, as the task moves them.
        axes: for the unit of a quantity that is known to be the strength of one of them.
    """
    if task.regression:
        return _of_a_quantity(task, axes)
    names = task.classes[:MOST]
    across = max(2, min(10, _ACROSS // len(names)))
    labelled, tests = Counter(task.labelled.targets.tolist()), Counter(task.test.targets.tolist())
    found = []
    for place, name in enumerate(names):
        rows = torch.where(task.train.targets == place)[0][: 2 * across]
        sheet, down = _sheet(task, rows, across)
        found.append(Sample(name, sheet, across, down, labelled[place], tests[place]))
    return found


def _of_a_quantity(task: Task, axes: tuple[Axis, ...]) -> list[Sample]:
    order = task.train.targets.argsort()
    rows = order[torch.linspace(0, len(order) - 1, min(10, len(order))).round().long()]
    moved = [axis for axis in axes if task.known.get(axis.name) == 0]
    unit = moved[0] if len(moved) == 1 and bool(task.train.targets.abs().max() <= 1) else None
    return [Sample(_amount(float(task.train.targets[row]), unit), _sheet(task, row[None], 1)[0], 1, 1) for row in rows]


def _amount(target: float, axis: Axis | None) -> str:
    """A target in [-1, 1] as a strength of its axis, or as the number that it is."""
    if axis is None:
        return f"{target:+.2f}".replace("-", "−")
    strength = axis.low + (target + 1) / 2 * axis.width
    if axis.unit in _DOUBLING:
        return f"× {2**strength:.2g}"
    space = "" if axis.unit == "°" else " "
    return f"{strength:+.0f}{space}{axis.unit}".replace("-", "−")


def _sheet(task: Task, rows: Tensor, across: int) -> tuple[Tensor, int]:
    """Pictures side by side (3, down * SIDE, across * SIDE); places without one stay clear white."""
    pixels = task.train.at(rows).pixels
    small = F.interpolate(pixels, (SIDE, SIDE), mode="bilinear", antialias=True, align_corners=False).clamp(0, 1)
    down = -(-len(small) // across)
    whole = torch.ones(down * across, 3, SIDE, SIDE)
    whole[: len(small)] = small
    sheet = whole.view(down, across, 3, SIDE, SIDE).permute(2, 0, 3, 1, 4)
    return sheet.reshape(3, down * SIDE, across * SIDE), down
