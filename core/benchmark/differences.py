"""What the marks of real tasks come to: accuracies, and differences in points between methods, with 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..baselines import OURS
from ..tasks.score import mean_interval
from .real_tasks import FIXED, FROZEN, Marks

_REPEATS = 2000


def accuracies(marks: Sequence[Marks]) -> list[dict[str, Any]]:
    """A row for each task, as it is and moved, and method.

    Keys: ``task``, ``axis`` (along which the images were moved, or ``None``), ``method``, ``accuracy`` and its
    ``interval`` over draws (Student's t, 95 %), ``scores`` of the draws, ``labels`` and ``tests`` (images of a draw),
    ``descriptors`` of the draws, for the fit.
    """
    rows = []
    for task, axis in dict.fromkeys((mark.task, mark.axis) for mark in marks):
        own = [mark for mark in marks if (mark.task, mark.axis) == (task, axis)]
        for method in own[0].scores:
            scores = [mark.scores[method] for mark in own]
            rows.append({
                "task": task,
                "axis": axis,
                "method": method,
                "accuracy": float(np.mean(scores)),
                "interval": mean_interval(scores),
                "scores": scores,
                "labels": own[0].labels,
                "tests": own[0].tests,
                "descriptors": [mark.fit.descriptor for mark in own] if method == OURS else None,
            })  # fmt: skip
    return rows


def differences(marks: Sequence[Marks]) -> list[dict[str, Any]]:
    """The fit minus each other method, in points, on the tasks as they are and on the moved ones.

    Keys: ``rival``, ``moved``, ``value`` (mean over tasks) and its ``interval`` (Student's t over tasks), and
    ``tasks``: for each its name, ``axis``, and ``value`` with ``interval`` over draws. Methods are compared draw by
    draw; the draws of a task share images, so intervals over draws are a little narrow.
    """
    rivals = [name for name in (FROZEN, *FIXED) if marks and name in marks[0].scores]
    return [_difference(marks, rival, moved) for rival in rivals for moved in (False, True)]


def _difference(marks: Sequence[Marks], rival: str, moved: bool) -> dict[str, Any]:
    chosen = [mark for mark in marks if (mark.axis is not None) == moved]
    tasks = []
    for name in dict.fromkeys(mark.task for mark in chosen):
        own = [mark for mark in chosen if mark.task == name]
        gains = [100 * (mark.scores[OURS] - mark.scores[rival]) for mark in own]
        tasks.append({"task": name, "axis": own[0].axis, **_mean(gains)})
    return {"rival": rival, "moved": moved, **_mean([each["value"] for each in tasks]), "tasks": tasks}


def _mean(points: Sequence[float]) -> dict[str, Any]:
    interval = mean_interval([each / 100 for each in points], -math.inf)
    return {"value": float(np.mean(points)), "interval": interval and [100 * each for each in interval]}


def corner_search(marks: Sequence[Marks], seed: int = 0) -> dict[str, Any] | None:
    """What trying all corners takes and brings, in the draws in which it was done; ``None`` if in none.

    Returns:
        ``value``: its time over that of the fit, median over the draws in which the fit scores no lower, with
        ``interval`` (bootstrap over these draws), both ``None`` if there are none; ``as_good`` of ``runs``;
        ``over_all``: median over all; ``seconds`` of the fit and of the search (medians); ``gain``: the fit's score
        minus the search's in points, ``value`` (mean over tasks) with ``interval`` over tasks.
    """
    both = [(mark, mark.corners) for mark in marks if mark.corners is not None]
    if not both:
        return None
    ratios = np.array([corners.seconds / mark.fit.seconds for mark, corners in both])
    gains = np.array([100 * (mark.fit.score - corners.score) for mark, corners in both])
    good = ratios[gains >= 0]
    places = [(mark.task, mark.axis) for mark, _ in both]
    means = [gains[[other == place for other in places]].mean() for place in dict.fromkeys(places)]
    return {
        "value": float(np.median(good)) if len(good) else None,
        "interval": _bootstrap(good, np.median, seed) if len(good) else None,
        "as_good": len(good),
        "runs": len(both),
        "over_all": float(np.median(ratios)),
        "seconds": [float(np.median([each.seconds for each in side])) for side in _sides(both)],
        "gain": _mean(means),
    }


def _sides(both: Sequence[tuple[Marks, Any]]) -> tuple[list[Any], list[Any]]:
    return [mark.fit for mark, _ in both], [corners for _, corners in both]


def _bootstrap(values: np.ndarray, centre: Callable[..., Any], seed: int) -> list[float]:
    picks = np.random.default_rng(seed).integers(len(values), size=(_REPEATS, len(values)))
    low, high = np.percentile(centre(values[picks], axis=1), (2.5, 97.5))
    return [float(low), float(high)]
