"""What a benchmark says about right descriptors: the fit beside chance, fixed descriptors and the best corner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..baselines import OURS, cheating, title_of
from ..tasks.recovery import Recovery, recovery
from ..tasks.task import DEVELOPMENT, FINAL, TaskSource
from .summary import over_tasks

FIXED = {"i=0": 0.0, "i=1": 1.0}
"""Descriptors that are the same whatever the task is; one that always says "ignore" is right more often than a coin."""


@dataclass(frozen=True)
class Found:
    """One method on the tasks of one stage.

    Attributes:
        stage: :data:`core.tasks.task.DEVELOPMENT` or :data:`core.tasks.task.FINAL`.
        method: its key. tasks: how many determine something. runs: over tasks and seeds.
        coordinates: share of the determined coordinates that are right, mean over tasks; a coin gets 0.5.
        whole: share of runs in which all of them are right, mean over tasks. chance: what coins get of that.
        interval: of ``whole``, 95 %, over tasks.
        regret: points that the best corner is ahead in test score, mean over tasks, with ``regret_interval``; ``None``
            where the corners were not searched.
        names: of the tasks.
    """

    stage: str
    method: str
    tasks: int
    runs: int
    coordinates: float
    whole: float
    chance: float
    interval: tuple[float, float]
    regret: float | None = None
    regret_interval: tuple[float, float] | None = None
    names: tuple[str, ...] = ()

    def sentence(self) -> str:
        """For a person."""
        return (
            f"On {self.tasks} {self.stage} tasks {title_of(self.method)} has {self.coordinates:.0%} of the "
            f"determined coordinates right (a coin 50%), and all of a task's in {self.whole:.0%} of runs (coins "
            f"{self.chance:.0%})."
        )


def recovered(rows: Sequence[Mapping[str, Any]], sources: Sequence[TaskSource], axes: Sequence[str]) -> list[Found]:
    """The fit, fixed descriptors, and the best corner where it was searched, on development and on final tasks.

    Args:
        rows: of :func:`core.benchmark.runner.rows`.
        sources: of the tasks. axes: names of the K axes.
    """
    named = {source.name: source for source in sources}
    found = []
    for stage in (DEVELOPMENT, FINAL):
        for method in (OURS, *cheating()):
            mine = [row for row in rows if row["method"] == method and named[row["task"]].stage == stage]
            runs = [each for row in mine if (each := _of(row, named[row["task"]], axes))]
            if not runs:
                continue
            regrets = [100 * row["regret"] for row in mine if row.get("regret") is not None and method == OURS]
            tasks = [named[row["task"]] for row in mine if named[row["task"]].known]
            found.append(replace(_found(stage, method, runs, regrets), names=tuple(task.name for task in tasks)))
            if method == OURS:
                found += [_found(stage, name, _fixed(value, tasks, axes), []) for name, value in FIXED.items()]
    return found


def _fixed(value: float, tasks: Sequence[TaskSource], axes: Sequence[str]) -> list[list[Recovery]]:
    found = (recovery([value] * len(axes), task.known, axes) for task in tasks)
    return [[each] for each in found if each]


def _of(row: Mapping[str, Any], source: TaskSource, axes: Sequence[str]) -> list[Recovery]:
    found = (recovery(point, source.known, axes) for point in row["descriptors"])
    return [each for each in found if each]


def _found(stage: str, method: str, runs: Sequence[Sequence[Recovery]], regrets: Sequence[float]) -> Found:
    def of_tasks(what: str) -> list[float]:
        return [float(np.mean([getattr(each, what) for each in task])) for task in runs]

    share, whole, chance = (of_tasks(what) for what in ("share", "whole", "chance"))
    return Found(
        stage, method, len(runs), sum(map(len, runs)), float(np.mean(share)), float(np.mean(whole)),
        float(np.mean(chance)), over_tasks(whole), float(np.mean(regrets)) if regrets else None,
        over_tasks(regrets) if regrets else None,
    )  # fmt: skip
