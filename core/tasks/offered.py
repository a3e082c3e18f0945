"""All tasks that are there without a network."""

from __future__ import annotations

from ..axes.transforms import AXES, Axis
from ..backbones import DEFAULT
from .known import known_tasks
from .shipped import shipped_tasks
from .task import TaskSource


def offered_tasks(axes: tuple[Axis, ...] = AXES, side: int = DEFAULT.input_size) -> tuple[TaskSource, ...]:
    """The real ones that are shipped, then those with a known answer."""
    return (*shipped_tasks(side), *known_tasks(axes, side))
