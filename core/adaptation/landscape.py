"""A task over the cube of descriptors: how well its head does at each of many points, or on a square.

What is judged is only a callable from a descriptor to a :class:`Mark`, so everything that can judge a
descriptor has a landscape. Marks come one by one: whoever asks decides when it is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ..log import Log
from ..model.amortised import AmortisedExtractor
from ..parallel import spread
from ..tasks import Task
from .head import evidence
from .inputs import features_of, prepared
from .reading import read

Point = tuple[float, ...]

TOGETHER = 16
"""Descriptors that are sent at a time to be judged elsewhere: the model and the images go with them."""


@dataclass(frozen=True)
class Mark:
    """``loss``, smaller is better; ``score``, accuracy or R2, larger is better."""

    loss: float
    score: float


Judge = Callable[[Point], Mark]


@dataclass(frozen=True)
class Square:
    """Two axes of the cube, the other coordinates fixed.

    Attributes:
        base: K coordinates; those of the two axes do not matter.
        across, up: numbers of two different axes.
        side: points per axis.
    """

    base: Point
    across: int
    up: int
    side: int = 9

    def __post_init__(self) -> None:
        if self.across == self.up or not all(0 <= axis < len(self.base) for axis in (self.across, self.up)):
            raise ValueError(f"A square needs two different axes out of {len(self.base)}; choose another one.")
        if self.side < 2:
            raise ValueError(f"A square needs at least 2 points per side; got {self.side}.")

    @property
    def ticks(self) -> np.ndarray:
        """(side,) coordinates of the grid along either axis."""
        return np.linspace(0, 1, self.side)

    def points(self) -> np.ndarray:
        """(side * side, K) descriptors, row by row: ``up`` is the slow index."""
        points = np.tile(np.array(self.base, float), (self.side**2, 1))
        points[:, self.up] = np.repeat(self.ticks, self.side)
        points[:, self.across] = np.tile(self.ticks, self.side)
        return points

    def table(self, values: Sequence[float]) -> np.ndarray:
        """Values in the order of :meth:`points` as (side, side), rows ``up``; NaN where there is none yet."""
        table = np.full(self.side**2, np.nan)
        table[: len(values)] = values
        return table.reshape(self.side, self.side)


class MarkLog(Log[tuple[Point, Mark]]):
    """A line per descriptor that was judged, so that a landscape that was cut goes on where it was."""

    called = "marks"

    def read(self, document: Any) -> tuple[Point, Mark]:
        """A descriptor and its mark from their line."""
        return tuple(document.pop("point")), Mark(**document)

    def document(self, result: tuple[Point, Mark]) -> Any:
        """The line of a descriptor and its mark."""
        point, mark = result
        return {"point": point, **asdict(mark)}


def judged(judge: Judge, points: np.ndarray, jobs: int = 1, scheduler: str | None = None) -> Iterator[Mark]:
    """Marks of (N, K) descriptors, one after the other; where, see :func:`core.parallel.spread`."""
    return spread(judge, map(tuple, points.tolist()), jobs, scheduler, together=TOGETHER)


def task_judge(model: AmortisedExtractor, task: Task) -> Judge:
    """Judge a descriptor as a fit does: by the exact linear head on the labelled images of a task.

    The loss is the negative log evidence per label, in nats. The score is leave-one-out, so that a
    head is never marked on an image it has seen; the test images are not used.
    """
    labelled = prepared(model, task, test=False).labelled
    targets, none = task.encoded(labelled.targets), labelled.at(slice(0))
    score = replace(task, train=none, validation=none, test=none).score  # a judge is sent with all that it holds

    def judge(point: Point) -> Mark:
        features = features_of(model, labelled, point)
        loss = -float(evidence(features, targets)) / len(labelled)
        return Mark(loss, score(read(model, features, targets)[1], labelled.targets))

    return judge
