"""Tasks all over a map, kept with it: how well a head does at many descriptors, over a square, and where fits walk.

Marking takes seconds for every hundred descriptors, so of a task only the corners of the cube and the middles of its
edges are marked; what a person wants to know beyond is computed when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar

import numpy as np

from ..adaptation import Settings as FitSettings
from ..adaptation import labelled_alone
from ..adaptation.landscape import Mark, Square, judged, task_judge
from ..adaptation.trajectories import Walk, fitted_walks
from ..model.amortised import AmortisedExtractor
from ..parallel import spread
from ..tasks import TaskSource, offered_tasks
from .representations import Progress

T = TypeVar("T")

LABELLED = 200
"""Images of a task that a descriptor is marked on; with fewer, chance would decide between descriptors."""

SEED = 0
"""Of the images."""

FITS = (0, 1, 2)
"""Seeds of the fits: the first starts in the middle of the cube, the others anywhere."""

_LEVELS = (0.0, 0.5, 1.0)
_MARKED, _WALKED = 0.65, 0.8  # shares of a task's time after which the marks and the fits are done


@dataclass(frozen=True)
class TaskMarks:
    """One task.

    Attributes:
        name: of the task. score: what its score is called. labels, seed: of its images. date: when, ISO 8601.
        rows: (R,) numbers of the map's descriptors that were marked. marks: (R, 2) loss and score of each.
        square: the two axes that the task is most about, the others where the first fit has ended.
        ground: (S * S, 2) loss and score in the order of the square's points.
        walks: of fits from several seeds.
    """

    name: str
    score: str
    labels: int
    seed: int
    date: str
    rows: np.ndarray
    marks: np.ndarray
    square: Square
    ground: np.ndarray
    walks: tuple[Walk, ...]

    def scores(self, count: int) -> np.ndarray:
        """(count,) scores by number of the descriptor, NaN where there is none."""
        values = np.full(count, np.nan)
        values[self.rows] = self.marks[:, 1]
        return values

    def landscape(self) -> tuple[Mark, ...]:
        """Over the square."""
        return tuple(Mark(*pair) for pair in self.ground.tolist())


def stored_tasks(model: AmortisedExtractor) -> tuple[TaskSource, ...]:
    """Those that are marked with the map: the shipped ones, and for each axis the first pair that is about it."""
    found, taken = [], set()
    for source in offered_tasks(model.transforms, model.input_size):
        about = next(iter(source.known.items()), None)
        if about is None or about not in taken:
            found.append(source)
            taken.add(about)
    return tuple(found)


def marked_rows(points: np.ndarray) -> np.ndarray:
    """(R,) descriptors (M, K) with every coordinate at 0, ½ or 1."""
    return np.flatnonzero(np.isclose(points[..., None], _LEVELS, atol=1e-6).any(2).all(1)).astype(np.int32)


def mark_task(
    model: AmortisedExtractor,
    source: TaskSource,
    points: np.ndarray,
    progress: Progress,
    jobs: int = 1,
    scheduler: str | None = None,
) -> TaskMarks:
    """Mark one task; some 40 ms per mark and half a second per fit, on two cores.

    Args:
        model: any amortised extractor.
        source: where the task comes from.
        points: (M, K) descriptors of the map.
        progress: called with a text and the share that is done; may raise to stop.
        jobs, scheduler: see :func:`core.parallel.spread`.
    """
    task = labelled_alone(model, source.draw(LABELLED, SEED))
    judge, rows = task_judge(model, task), marked_rows(points)

    def within(low: float, high: float) -> Callable[[float], None]:
        return lambda share: progress(source.name, low + (high - low) * share)

    def marked(places: np.ndarray, told: Callable[[float], None]) -> np.ndarray:
        found = _told(judged(judge, places, jobs, scheduler), len(places), told)
        return np.array([(mark.loss, mark.score) for mark in found], np.float32)

    marks = marked(points[rows], within(0, _MARKED))
    fits = spread(partial(fitted_walks, model, task, FitSettings()), FITS, jobs, scheduler)
    found = tuple(walk for fit in _told(fits, len(FITS), within(_MARKED, _WALKED)) for walk in fit)
    square = main_square(found[0].end, source.known, [axis.name for axis in model.transforms])
    ground = marked(square.points(), within(_WALKED, 1))
    today = date.today().isoformat()
    return TaskMarks(source.name, task.score_name, LABELLED, SEED, today, rows, marks, square, ground, found)


def main_square(end: tuple[float, ...], known: Mapping[str, int], names: list[str]) -> Square:
    """Across the axis that the task is about, if that is known; up the one that the fit has moved farthest."""
    moved = np.abs(np.array(end) - 0.5)
    about = [names.index(name) for name in known if name in names]
    ranked = [*about, *(n for n in np.argsort(-moved, kind="stable").tolist() if n not in about)]
    base = tuple(0.0 if n in ranked[:2] else round(value, 2) for n, value in enumerate(end))
    return Square(base, ranked[0], ranked[1])


def _told(found: Iterator[T], count: int, progress: Callable[[float], None]) -> Iterator[T]:
    for number, each in enumerate(found, 1):
        progress(number / count)
        yield each
