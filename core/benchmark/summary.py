"""What a benchmark says as a whole: recovery, regret, ranks and times, each with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..baselines import METHODS, OURS, cheating, title_of
from .runner import Trial

_REPEATS = 2000


@dataclass(frozen=True)
class Finding:
    """One sentence's worth: a ``name``, its ``value``, a 95 % ``interval`` and what was aimed at."""

    name: str
    value: float
    interval: tuple[float, float]
    aim: str


def findings(trials: Sequence[Trial], seed: int = 0) -> list[Finding]:
    """Everything that can be said from these trials; what needs a method that did not run is left out.

    Intervals come from a bootstrap over tasks (tasks, not images, are what a claim about methods
    generalises over); differences are paired by task.
    """
    table = _table(trials)
    methods = sorted({method for scores in table.values() for method in scores})
    found = []
    recovered = _means(trials, OURS, lambda trial: trial.recovered)
    if recovered:
        found.append(_finding("known descriptor recovered, share of runs", recovered, ">= 0.8, aim 0.95", seed))
    regret = _means(trials, OURS, lambda trial: trial.regret)
    if regret:
        points = [100 * value for value in regret]
        found.append(_finding("regret against the best corner, points", points, "<= 1, aim 0.5", seed))
    found += _ranks(table, [method for method in methods if method not in cheating()], seed)
    for method in METHODS.values():
        if method.aim:
            found += _times(trials, method.name, method.aim, seed)
    return found


def _table(trials: Sequence[Trial]) -> dict[str, dict[str, float]]:
    """{task: {method: mean score}}, over the seeds with which all methods of the task ran."""
    ran: dict[str, dict[str, set[int]]] = {}
    for trial in trials:
        ran.setdefault(trial.task, {}).setdefault(trial.outcome.method, set()).add(trial.seed)
    common = {task: set.intersection(*seeds.values()) for task, seeds in ran.items()}
    collected: dict[str, dict[str, list[float]]] = {}
    for trial in trials:
        if trial.seed in common[trial.task]:
            collected.setdefault(trial.task, {}).setdefault(trial.outcome.method, []).append(trial.outcome.score)
    return {task: {m: float(np.mean(s)) for m, s in methods.items()} for task, methods in collected.items()}


def _means(trials: Sequence[Trial], method: str, of: Any) -> list[float]:
    values: dict[str, list[float]] = {}
    for trial in trials:
        if trial.outcome.method == method and of(trial) is not None:
            values.setdefault(trial.task, []).append(float(of(trial)))
    return [float(np.mean(group)) for group in values.values()]


def _ranks(table: dict[str, dict[str, float]], methods: list[str], seed: int) -> list[Finding]:
    from scipy.stats import rankdata  # seconds to import on a slow machine, for the few who compare

    complete = [scores for scores in table.values() if all(method in scores for method in methods)]
    if not complete or OURS not in methods or len(methods) < 2:
        return []
    ranks = np.stack([rankdata([-scores[method] for method in methods]) for scores in complete])
    mine = ranks[:, methods.index(OURS)]
    us = f"the {title_of(OURS)}"
    lines = [_finding(f"mean rank of {us} among {len(methods)}", mine.tolist(), "", seed)]
    for place, method in enumerate(methods):
        if method != OURS:
            name = f"rank of {title_of(method)} minus rank of {us}"
            lines.append(_finding(name, (ranks[:, place] - mine).tolist(), "> 0", seed))
    return lines


def _times(trials: Sequence[Trial], rival: str, aim: str, seed: int) -> list[Finding]:
    """How many times longer the rival takes where the fit is at least as good, and how often that is."""
    pairs: dict[tuple[str, int], dict[str, Trial]] = {}
    for trial in trials:
        pairs.setdefault((trial.task, trial.seed), {})[trial.outcome.method] = trial
    both = {place: pair for place, pair in pairs.items() if {OURS, rival} <= pair.keys()}
    if not both:
        return []
    ratios: dict[str, list[float]] = {}
    gains: dict[str, list[float]] = {}
    for (task, _), pair in both.items():
        ours, theirs = pair[OURS].outcome, pair[rival].outcome
        gains.setdefault(task, []).append(100 * (ours.score - theirs.score))
        if ours.score >= theirs.score:
            ratios.setdefault(task, []).append(theirs.seconds / ours.seconds)
    them, us = title_of(rival), f"the {title_of(OURS)}"
    lines = [_finding(f"points ahead of {them}", [float(np.mean(each)) for each in gains.values()], ">= 0", seed)]
    if ratios:
        how_often = f"{sum(map(len, ratios.values()))} of {len(both)} runs"
        name = f"time of {them} / time of {us}, where that is as good ({how_often}), median over tasks"
        lines.append(_finding(name, [float(np.median(each)) for each in ratios.values()], aim, seed, np.median))
    return lines


def _finding(name: str, values: list[float], aim: str, seed: int, centre: Any = np.mean) -> Finding:
    return Finding(name, float(centre(np.asarray(values))), over_tasks(values, seed, centre), aim)


def over_tasks(values: Sequence[float], seed: int = 0, centre: Any = np.mean) -> tuple[float, float]:
    """95 % interval of the mean over tasks, by a bootstrap of the tasks; ``values``: one a task."""
    sample = np.asarray(values)
    picks = np.random.default_rng(seed).integers(len(sample), size=(_REPEATS, len(sample)))
    low, high = np.percentile(centre(sample[picks], axis=1), (2.5, 97.5))
    return float(low), float(high)
