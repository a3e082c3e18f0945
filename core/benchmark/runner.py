"""Methods over tasks and seeds: run here, in processes, or on a Dask cluster; and what comes out, in rows."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import joblib
import numpy as np
import torch

from ..adaptation import Settings, prepared
from ..baselines import METHODS, Budget, Outcome, OutOfReach, Read, cheating, run_method, title_of
from ..baselines.outcome import Stop, never
from ..model.amortised import AmortisedExtractor
from ..parallel import place
from ..tasks.score import mean_interval
from ..tasks.task import Split, Task, TaskSource


@dataclass(frozen=True)
class Plan:
    """What is tried.

    Attributes:
        methods: names in :data:`core.baselines.METHODS`; one that cheats among them if regret is wanted.
        seeds: each draws its own labelled and test images.
        shots: labelled images per class, or tens of images for a quantity.
        labels: labelled images in all instead, where given.
        settings, budget: of adaptation and of the networks; the seed of ``settings`` is replaced.
        network_seeds: seeds, counted from the first, with which methods that train a network run too; they
            take a hundred times as long as the rest.
        read: the one head that reads every method's features; default: each method's own.
    """

    methods: tuple[str, ...]
    seeds: tuple[int, ...]
    shots: int = 20
    labels: int | None = None
    settings: Settings = field(default_factory=Settings)
    budget: Budget = field(default_factory=Budget)
    network_seeds: int | None = None
    read: Read | None = None

    def methods_for(self, seed: int) -> tuple[str, ...]:
        """The methods that run with this seed."""
        if self.network_seeds is None or seed in self.seeds[: self.network_seeds]:
            return self.methods
        return tuple(name for name in self.methods if not METHODS[name].trains_a_network)


@dataclass(frozen=True)
class Trial:
    """One outcome with where it comes from.

    Attributes:
        task, score_name: name of the task, and ``"accuracy"`` or ``"R²"``.
        seed: of images and fit.
        outcome: of the method.
        regret: the best score of the methods that cheat minus this one's; ``None`` without such a method.
        recovered: whether the rounded descriptor has the coordinates that are known; ``None`` if none are.
        shots: labelled images per class that were asked for; 0 where nobody has kept it.
        device: what computed it, as its seconds depend on that; "" where nobody has kept it.
    """

    task: str
    score_name: str
    seed: int
    outcome: Outcome
    regret: float | None = None
    recovered: bool | None = None
    shots: int = 0
    device: str = ""


Keep = Callable[[list[Trial]], None]
"""Called with the trials of a job as it ends."""


def run_trials(
    model: AmortisedExtractor,
    sources: Sequence[TaskSource],
    plan: Plan,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    progress: Callable[[str, float], None] | None = None,
    known: Sequence[Trial] = (),
    keep: Keep | None = None,
    stop: Stop = never,
) -> tuple[list[Trial], tuple[str, ...]]:
    """Run everything; the result does not depend on where, only the seconds do.

    A job is one task with one seed and all methods, so that the methods' times are comparable.

    Args:
        jobs: processes on this machine; each then has one processor thread.
        scheduler: address of a Dask scheduler to use instead.
        progress: called with (task, share done).
        known: trials of an earlier run of the same plan; they are not run again.
        keep: called with the trials of each job as it ends.
        stop: asked after each job whether to leave the others undone.

    Returns:
        The trials, the known ones among them, and sentences: on draws that were not possible as asked for, and on
        methods that could not run.

    Raises:
        ValueError: a task cannot be drawn, or the scheduler cannot be reached.
    """
    there = {(trial.task, trial.seed, trial.outcome.method) for trial in known}
    jobs_left = []
    for source in sources:
        for seed in plan.seeds:
            methods = tuple(name for name in plan.methods_for(seed) if (source.name, seed, name) not in there)
            if methods:
                jobs_left.append((source, seed, methods))
    if not jobs_left or stop():
        return _with_regret(known), ()
    alone = jobs == 1 and scheduler is None
    device = next(model.parameters()).device
    # A model is sent as it lies in memory; whoever works takes it to the device.
    sent = model if alone or device.type == "cpu" else copy.deepcopy(model).cpu()
    work = (
        joblib.delayed(_work)(
            sent, str(device), _drawn(source, plan, seed), seed, replace(plan, methods=methods), None if alone else 1
        )
        for source, seed, methods in jobs_left
    )
    trials = list(known)
    sentences: dict[str, None] = {}
    with place(scheduler):
        finished = joblib.Parallel(n_jobs=-1 if scheduler else jobs, return_as="generator")(work)
        for number, (found, missing) in enumerate(finished):
            trials += found
            sentences |= dict.fromkeys(missing)
            if keep:
                keep(found)
            if progress:
                progress(jobs_left[number][0].name, (number + 1) / len(jobs_left))
            if stop():
                finished.close()
                break
    return _with_regret(trials), tuple(sentences)


def _with_regret(trials: Sequence[Trial]) -> list[Trial]:
    """The same trials with their regret, where a method that cheats ran on the same task with the same seed."""
    bars: dict[tuple[str, int], float] = {}
    for trial in trials:
        if trial.outcome.method in cheating():
            place = (trial.task, trial.seed)
            bars[place] = max(trial.outcome.score, bars.get(place, -math.inf))
    found = []
    for trial in trials:
        bar = bars.get((trial.task, trial.seed))
        found.append(replace(trial, regret=None if bar is None else bar - trial.outcome.score))
    return found


def _drawn(source: TaskSource, plan: Plan, seed: int) -> Task:
    return source.draw(plan.labels, seed) if plan.labels else source.with_shots(plan.shots, seed)


def _work(
    model: AmortisedExtractor, device: str, task: Task, seed: int, plan: Plan, threads: int | None
) -> tuple[list[Trial], list[str]]:
    if threads:
        torch.set_num_threads(threads)
    model = model.to(device)
    task = prepared(model, _beside(model, task))
    outcomes, missing = [], []
    for name in plan.methods:
        try:
            outcomes.append(
                run_method(name, model, task, replace(plan.settings, seed=seed), plan.budget, read=plan.read)
            )
        except OutOfReach as error:
            missing.append(f"{title_of(name)} was left out: {error}")
    names, where = [axis.name for axis in model.transforms], called(torch.device(device))
    missing += task.notes
    found = [
        Trial(
            task.name, task.score_name, seed, outcome, None, _recovered(outcome.descriptor, task, names), plan.shots,
            where,
        )
        for outcome in outcomes
    ]  # fmt: skip
    return found, missing


def called(device: torch.device) -> str:
    """What people call a device: the name of a GPU, or ``"cpu"``."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def _beside(model: AmortisedExtractor, task: Task) -> Task:
    """The task with what is prepared of it where the model is."""
    like = next(model.parameters())

    def there(split: Split) -> Split:
        return split if split.prepared is None else replace(split, prepared=split.prepared.to(like))

    return replace(task, train=there(task.train), validation=there(task.validation), test=there(task.test))


def _recovered(descriptor: tuple[float, ...] | None, task: Task, names: list[str]) -> bool | None:
    if descriptor is None or not task.known:
        return None
    return all(round(descriptor[names.index(axis)]) == value for axis, value in task.known.items())


def rows(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """One row for each task and method: means over seeds, with 95 % intervals.

    Keys: ``task``, ``method``, ``accuracy`` (R2 where ``metric`` says so), ``interval`` (low, high: Student's t over
    seeds; with one seed the exact binomial one, and ``None`` for R2), ``tests`` (test images of a seed), ``majority``
    and ``balanced`` (see :class:`core.tasks.score.Score`), ``seconds``, ``parameters``, ``regret``, ``descriptor``
    (mean over seeds), and further ``metric``, ``seeds``, ``recovered`` (share of seeds), ``descriptors`` (per seed).
    """
    groups: dict[tuple[str, str], list[Trial]] = {}
    for trial in trials:
        groups.setdefault((trial.task, trial.outcome.method), []).append(trial)
    return [_row(task, method, group) for (task, method), group in groups.items()]


def _row(task: str, method: str, group: list[Trial]) -> dict[str, Any]:
    outcomes = [trial.outcome for trial in group]
    scores = [outcome.score for outcome in outcomes]
    quantity = group[0].score_name != "accuracy"
    alone = outcomes[0].judged.interval
    interval = mean_interval(scores, -math.inf if quantity else 0.0) or (list(alone) if alone else None)
    points = [trial.outcome.descriptor for trial in group if trial.outcome.descriptor is not None]
    regrets = [trial.regret for trial in group if trial.regret is not None]
    recovered = [trial.recovered for trial in group if trial.recovered is not None]
    return {
        "task": task,
        "method": method,
        "accuracy": float(np.mean(scores)),
        "interval": interval,
        "tests": round(float(np.mean([outcome.tests for outcome in outcomes]))),
        "majority": _mean([outcome.majority for outcome in outcomes]),
        "balanced": _mean([outcome.balanced for outcome in outcomes]),
        "seconds": float(np.mean([trial.outcome.seconds for trial in group])),
        "parameters": group[0].outcome.parameters,
        "regret": float(np.mean(regrets)) if regrets else None,
        "descriptor": np.mean(points, axis=0).round(4).tolist() if points else None,
        "metric": group[0].score_name,
        "seeds": [trial.seed for trial in group],
        "recovered": float(np.mean(recovered)) if recovered else None,
        "descriptors": [list(point) for point in points],
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
