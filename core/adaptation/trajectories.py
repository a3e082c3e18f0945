"""Where a fit walks: the descriptors it passes, from its start to its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..log import Log
from ..model.amortised import AmortisedExtractor
from ..tasks import Task
from . import Fit, Settings, Step


@dataclass(frozen=True)
class Walk:
    """One way through the cube.

    Attributes:
        name: what to call it, e.g. its seed.
        points: (T, K) descriptors in order; the first is the start, the last the end.
        losses: (T,) of the objective at each point but perhaps the last, where it may be NaN.
        scores: (T,) accuracy or R2 in the same way.
    """

    name: str
    points: np.ndarray
    losses: np.ndarray
    scores: np.ndarray

    def __post_init__(self) -> None:
        if self.points.ndim != 2 or not len(self.points) == len(self.losses) == len(self.scores) > 0:
            raise ValueError("A walk needs at least one descriptor, and a loss and a score for each.")

    def __len__(self) -> int:
        return len(self.points)

    @property
    def start(self) -> tuple[float, ...]:
        """The first descriptor."""
        return tuple(self.points[0].tolist())

    @property
    def end(self) -> tuple[float, ...]:
        """The last descriptor."""
        return tuple(self.points[-1].tolist())

    def until(self, step: int) -> Walk:
        """The first ``step`` + 1 points, all of them if there are fewer."""
        count = min(max(step, 0) + 1, len(self))
        return Walk(self.name, self.points[:count], self.losses[:count], self.scores[:count])


def walks(name: str, steps: Iterable[Step], end: tuple[float, ...] | None = None) -> tuple[Walk, ...]:
    """One walk per restart of a run.

    Args:
        name: of the run; restarts after the first are numbered.
        steps: of one run, in order.
        end: where the last restart stood after its last step, which no step has recorded.
    """
    found = []
    for restart, group in groupby(steps, key=lambda step: step.restart):
        taken = list(group)
        label = name if restart == 0 else f"{name}, restart {restart}"
        points = [step.descriptor for step in taken]
        losses, scores = [step.loss for step in taken], [step.score for step in taken]
        found.append((label, points, losses, scores))
    if found and end is not None and found[-1][1][-1] != end:
        found[-1][1].append(end)
        found[-1][2].append(np.nan)
        found[-1][3].append(np.nan)
    return tuple(Walk(label, *map(np.array, (points, losses, scores))) for label, points, losses, scores in found)


def starting_point(axes: int, seed: int) -> Tensor:
    """(K,) where the fit with this seed begins: seed 0 in the middle, others anywhere."""
    if seed == 0:
        return torch.full((axes,), 0.5)
    return torch.rand(axes, generator=torch.Generator().manual_seed(seed))


def fitted_walks(model: AmortisedExtractor, task: Task, settings: Settings, seed: int) -> tuple[Walk, ...]:
    """The walks of one fit, from the starting point of its seed; the seed of the settings is replaced."""
    fit = Fit(model, task, replace(settings, seed=seed), starting_point(len(model.transforms), seed))
    taken: list[Step] = []
    while not fit.done:
        taken.append(fit.advance())
    return walks(f"seed {seed}", taken, fit.state.ends[-1])


class WalkLog(Log[tuple[int, tuple[Walk, ...]]]):
    """A line per fit, by its seed, so that a command that was cut goes on where it was."""

    called = "walks"

    def read(self, document: Any) -> tuple[int, tuple[Walk, ...]]:
        """A seed and the walks of its fit from their line; where there is no loss or score, NaN."""
        return document["seed"], tuple(
            Walk(each["name"], *(np.array(each[key], float) for key in ("points", "losses", "scores")))
            for each in document["walks"]
        )

    def document(self, result: tuple[int, tuple[Walk, ...]]) -> Any:
        """The line of a seed and the walks of its fit."""
        seed, found = result
        return {"seed": seed, "walks": [_document(each) for each in found]}


def _document(walk: Walk) -> dict[str, Any]:
    losses, scores = ([v if np.isfinite(v) else None for v in values.tolist()] for values in (walk.losses, walk.scores))
    return {"name": walk.name, "points": walk.points.tolist(), "losses": losses, "scores": scores}
