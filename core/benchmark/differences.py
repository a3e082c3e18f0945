"""What trials on real tasks come to: accuracies, differences in points and ranks, with 95 % intervals, and times."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..baselines import METHODS, OURS, cheating
from ..tasks.score import mean_interval
from .real_tasks import Place
from .runner import Trial

_REPEATS = 2000


def accuracies(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """A row for each task, what was done to its images, labelled images a class, and method.

    Keys: ``task``, ``kind`` and ``by`` (see :class:`core.benchmark.real_tasks.Place`), ``shots``, ``method``,
    ``accuracy`` and its ``interval`` over draws (Student's t, 95 %), ``scores`` of the draws, ``seeds``, ``tests``
    (images of a draw), ``seconds`` and ``parameters`` (means), ``descriptors`` of the draws, or ``None``.
    """
    rows = []
    for (task, shots, method), own in _grouped(trials).items():
        place, scores = Place.of(task), [each.outcome.score for each in own]
        points = [each.outcome.descriptor for each in own]
        rows.append({
            "task": place.task, "kind": place.kind, "by": place.by, "shots": shots, "method": method,
            "accuracy": float(np.mean(scores)),
            "interval": mean_interval(scores),
            "scores": scores,
            "seeds": [each.seed for each in own],
            "tests": round(float(np.mean([each.outcome.tests for each in own]))),
            "seconds": float(np.mean([each.outcome.seconds for each in own])),
            "parameters": round(float(np.mean([each.outcome.parameters for each in own]))),
            "descriptors": points if points[0] is not None else None,
        })  # fmt: skip
    order = {name: place for place, name in enumerate(METHODS)}
    return sorted(rows, key=lambda row: (row["shots"], row["kind"], row["task"], order.get(row["method"], len(order))))


def differences(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """The fit minus each other method, in points, for each kind of images and number of labels.

    Keys: ``kind``, ``shots``, ``rival``, ``value`` (mean over tasks) and its ``interval`` (Student's t over tasks),
    and ``tasks``: for each its ``task``, ``by``, and ``value`` with ``interval`` over draws. Methods are compared draw
    by draw; the draws of a task share images, so intervals over draws are a little narrow.
    """
    found: dict[tuple[int, str, str], list[dict[str, Any]]] = {}
    groups = _grouped(trials)
    for (task, shots, method), own in groups.items():
        ours = {each.seed: each.outcome.score for each in groups.get((task, shots, OURS), ())}
        gains = [100 * (ours[each.seed] - each.outcome.score) for each in own if each.seed in ours]
        if method != OURS and gains:
            place = Place.of(task)
            entry = {"task": place.task, "by": place.by, **_mean(gains)}
            found.setdefault((shots, place.kind, method), []).append(entry)
    return [
        {"kind": kind, "shots": shots, "rival": rival, **_mean([each["value"] for each in tasks]), "tasks": tasks}
        for (shots, kind, rival), tasks in found.items()
    ]


def ranks(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The mean rank of each method among others, 1 = best, for each kind of images and number of labels.

    Once among all methods that do not cheat, on the tasks on which all of them ran, and, where these are not all
    tasks, once more among those that ran on every task. A task counts with the draws that all of them had.

    Args:
        rows: of :func:`accuracies`.

    Returns:
        Dictionaries of ``kind``, ``shots``, ``tasks`` (how many) and ``methods``: for each its ``method``, ``value``
        and ``interval`` (Student's t over tasks); none where no task has them all.
    """
    table: dict[tuple[int, str], dict[str, dict[str, dict[int, float]]]] = {}
    for row in rows:
        if row["method"] not in cheating():
            scores = dict(zip(row["seeds"], row["scores"], strict=True))
            table.setdefault((row["shots"], row["kind"]), {}).setdefault(row["task"], {})[row["method"]] = scores
    found = []
    for (shots, kind), tasks in table.items():
        everybody = [name for name in METHODS if any(name in scores for scores in tasks.values())]
        everywhere = [name for name in everybody if all(name in scores for scores in tasks.values())]
        for methods in (everybody, everywhere) if len(everywhere) < len(everybody) else (everybody,):
            found.append({"kind": kind, "shots": shots, **_ranked(methods, list(tasks.values()))})
    return found


def _ranked(methods: Sequence[str], tasks: Sequence[dict[str, dict[int, float]]]) -> dict[str, Any]:
    from scipy.stats import rankdata  # seconds to import on a slow machine, for the few who compare

    places = []
    for found in tasks:
        if methods and all(name in found for name in methods):
            seeds = set.intersection(*(set(found[name]) for name in methods))
            if seeds:
                places.append(rankdata([-float(np.mean([found[name][seed] for seed in seeds])) for name in methods]))
    entries = [
        {"method": name, "value": float(np.mean([each[column] for each in places])),
         "interval": _of_ranks([float(each[column]) for each in places], len(methods))}
        for column, name in enumerate(methods)
    ] if places else []  # fmt: skip
    return {"tasks": len(places), "methods": entries}


def _of_ranks(values: Sequence[float], methods: int) -> list[float] | None:
    interval = mean_interval([each / methods for each in values], 1 / methods)
    return interval and [methods * each for each in interval]


def _grouped(trials: Sequence[Trial]) -> dict[tuple[str, int, str], list[Trial]]:
    found: dict[tuple[str, int, str], list[Trial]] = {}
    for trial in sorted(trials, key=lambda each: each.seed):
        found.setdefault((trial.task, trial.shots, trial.outcome.method), []).append(trial)
    return found


def _mean(points: Sequence[float]) -> dict[str, Any]:
    interval = mean_interval([each / 100 for each in points], -math.inf)
    return {"value": float(np.mean(points)), "interval": interval and [100 * each for each in interval]}


def times(trials: Sequence[Trial], shots: int, seed: int = 0) -> list[dict[str, Any]]:
    """What each method takes, beside the fit, on images as they are with one number of labelled images a class.

    Of trials on the device that most fits ran on, as others do not compare.

    Keys: ``method``, ``seconds`` (median over all runs), and for all but the fit ``ours`` (the fit's median in the
    same runs), ``value``: its time over that of the fit, median over the runs in which the fit scores no lower, with
    ``interval`` (bootstrap over these runs), both ``None`` if there are none; ``as_good`` of ``runs``; ``gain``: the
    fit's score minus its own in points, ``value`` (mean over tasks) with ``interval`` over tasks.
    """
    device = timed_on(trials)
    trials = [e for e in trials if e.device == device and e.shots == shots and not Place.of(e.task).kind]
    ours = {(each.task, each.shots, each.seed): each.outcome for each in trials if each.outcome.method == OURS}
    found = []
    for name in METHODS:
        own = [each for each in trials if each.outcome.method == name]
        if not own:
            continue
        entry: dict[str, Any] = {"method": name, "seconds": float(np.median([each.outcome.seconds for each in own]))}
        both = [(each, ours[each.task, each.shots, each.seed]) for each in own if name != OURS]
        if both:
            entry |= _compared(both, seed)
        found.append(entry)
    return found


def timed_on(trials: Sequence[Trial]) -> str:
    """The device that most fits ran on; "" where nobody has kept it."""
    devices = Counter(each.device for each in trials if each.outcome.method == OURS)
    return devices.most_common(1)[0][0] if devices else ""


def _compared(both: Sequence[tuple[Trial, Any]], seed: int) -> dict[str, Any]:
    gains = np.array([100 * (fit.score - trial.outcome.score) for trial, fit in both])
    ratios = np.array([trial.outcome.seconds / fit.seconds for trial, fit in both])
    good = ratios[gains >= 0]
    places = [trial.task for trial, _ in both]
    means = [float(gains[[other == place for other in places]].mean()) for place in dict.fromkeys(places)]
    return {
        "ours": float(np.median([fit.seconds for _, fit in both])),
        "value": float(np.median(good)) if len(good) else None,
        "interval": _bootstrap(good, np.median, seed) if len(good) else None,
        "as_good": len(good),
        "runs": len(both),
        "gain": _mean(means),
    }


def _bootstrap(values: np.ndarray, centre: Callable[..., Any], seed: int) -> list[float]:
    picks = np.random.default_rng(seed).integers(len(values), size=(_REPEATS, len(values)))
    low, high = np.percentile(centre(values[picks], axis=1), (2.5, 97.5))
    return [float(low), float(high)]
