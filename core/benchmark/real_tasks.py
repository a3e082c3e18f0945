"""Real tasks: every method with the same images and the same head, as they are, moved along an axis, and disturbed.

A ridge head on standardised features marks the test images, whatever the features come from; its strength is chosen by
leave-one-out on the labelled ones. Nothing is chosen on test images.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import torch
from torch import Tensor

from ..adaptation import Settings as FitSettings
from ..axes.transforms import Axis
from ..backbones import Prepared
from ..baselines import METHODS, OURS, Budget, by_ridge
from ..baselines.averaged import Averaged, averages
from ..baselines.outcome import Stop, never
from ..data import ImageSet
from ..measures.response import draw_magnitudes
from ..model.amortised import AmortisedExtractor
from ..parallel import spread
from ..tasks.draws import draw
from ..tasks.nuisances import NUISANCES, disturbed
from ..tasks.task import Split, Task, TaskSource
from .runner import Keep, Plan, Trial, run_trials
from .task_images import TaskImages, by_name, digest_of

FROZEN = "frozen"
AVERAGED = "frozen-averaged"
FIXED = ("i=0", "i=0.5", "i=1")
"""Descriptors that nothing is fitted to."""
RIVALS = (
    OURS, "pixels", *FIXED, "corners", "concatenated", FROZEN, "frozen-told", AVERAGED, "plain", "augself",
    "finetune", "finetune-fitted", "finetune-backbone", "scratch", "augerino", "augerino-backbone",
)  # fmt: skip

_PIECE = 256
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Settings:
    """How much is measured.

    Attributes:
        shots: labelled images a class; what is moved or disturbed has the first of these numbers.
        draws: of labelled images, each with a seed of its own; all other images are tested.
        rivals: methods; the fit among them.
        nuisance: whether the images are also moved along an axis.
        foreign: whether they are also disturbed by what is no axis.
        seed: of the first draw, and of the strengths by which images are moved.
        trust: of every head in a branch, see :func:`core.adaptation.reading.weighed`.
    """

    shots: tuple[int, ...] = (20,)
    draws: int = 5
    rivals: tuple[str, ...] = (OURS, *FIXED, "corners", FROZEN)
    nuisance: bool = True
    foreign: bool = False
    seed: int = 0
    trust: float = FitSettings.trust


@dataclass(frozen=True)
class Place:
    """A task and what was done to its images.

    Attributes:
        task: its name.
        kind: ``""`` = nothing, ``"axis"`` = moved, ``"foreign"`` = disturbed.
        by: the name of the axis or of the nuisance.
    """

    task: str
    kind: str = ""
    by: str = ""

    @property
    def name(self) -> str:
        """One name for both."""
        return f"{self.task} [{self.kind} {self.by}]" if self.kind else self.task

    @classmethod
    def of(cls, name: str) -> Place:
        """The place of a name."""
        task, bracket, rest = name.removesuffix("]").rpartition(" [")
        kind, _, by = rest.partition(" ")
        return cls(task, kind, by) if bracket and kind in ("axis", "foreign") else cls(name)


class Pool:
    """The images of a task in one place, each prepared once for all draws and methods, when it is first needed.

    Args:
        model: whose stem prepares them, where it is.
        place: what was done to them.
        data: as they are in their folder.
        groups: (N,), equal numbers for images that show the same picture.
        seed: of the strengths by which they are changed.
    """

    def __init__(self, model: AmortisedExtractor, place: Place, data: ImageSet, groups: Tensor, seed: int) -> None:
        self.model, self.place, self.data, self.groups, self.seed = model, place, data, groups, seed
        self.averages: Tensor | None = None
        self.seconds = 0.0

    @cached_property
    def images(self) -> Tensor:
        """(N, 3, S, S), uint8, as they are tested."""
        if self.place.kind == "axis":
            axis = next(each for each in self.model.transforms if each.name == self.place.by)
            return moved_images(self.data.images, axis, self.seed)
        if self.place.kind == "foreign":
            return disturbed(self.data.images, NUISANCES[self.place.by], self.seed)
        return self.data.images

    @cached_property
    def prepared(self) -> Prepared:
        """They as the tail takes them, in memory and not on a device."""
        pieces = self.images.split(_PIECE)
        found = [self.model.prepare(piece.float() / 255) for piece in pieces]
        parts = zip(*(each.parts for each in found), strict=True)
        return Prepared(tuple(torch.cat([part.cpu() for part in piece]) for piece in parts), found[0].by)

    def source(self, *, averaged: bool) -> TaskSource:
        """Where its draws come from.

        Args:
            averaged: whether they carry the averages, which somebody has measured.
        """

        def drawn(count: int, seed: int) -> Task:
            numbered = replace(self.data, images=torch.arange(len(self.data.labels)))
            task = draw(numbered, self.groups, self.place.name, self.place.name, "", count, seed)
            train, validation, test = (self._split(each, averaged) for each in (task.train, task.validation, task.test))
            return replace(task, train=train, validation=validation, test=test)

        return TaskSource(self.place.name, self.place.name, drawn, self.data.classes)

    def _split(self, numbered: Split, averaged: bool) -> Split:
        rows = numbered.images
        images, ready = self.images[rows], self.prepared[rows]
        if not averaged or self.averages is None:
            return Split(images, numbered.targets, ready)
        return Averaged(images, numbered.targets, ready, averages=self.averages[rows], seconds=self.seconds)


def measure(
    model: AmortisedExtractor,
    pools: Sequence[Pool],
    settings: Settings,
    *,
    budget: Budget | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
    progress: Progress = lambda text, share: None,
    known: Sequence[Trial] = (),
    keep: Keep | None = None,
    stop: Stop = never,
) -> tuple[list[Trial], tuple[str, ...]]:
    """Every method on every pool in every draw; what decides most comes first, so that a cut run is of use.

    Args:
        model: any amortised extractor, on the device that works.
        pools: of :func:`pools_of`.
        settings: how much.
        budget: of networks.
        jobs, scheduler, progress, known, keep, stop: see :func:`core.benchmark.runner.run_trials`.

    Returns:
        See :func:`core.benchmark.runner.run_trials`.
    """
    found: dict[tuple[str, int, int, str], Trial] = {}
    for trial in known:
        found[trial.task, trial.shots, trial.seed, trial.outcome.method] = trial
    seeds = tuple(range(settings.seed, settings.seed + settings.draws))
    sentences: dict[str, None] = {}
    phases = list(_phases(model, pools, settings))
    for number, (methods, shots, places) in enumerate(phases):

        def told(text: str, share: float, number: int = number) -> None:
            progress(text, (number + share) / len(phases))

        plan = Plan(methods, seeds, shots, None, FitSettings(trust=settings.trust), budget or Budget(), read=by_ridge)
        if AVERAGED in methods and not stop():
            left = [pool for pool in places if any((pool.place.name, shots, s, AVERAGED) not in found for s in seeds)]
            _average(model, [pool for pool in left if pool.averages is None], jobs, scheduler)
        own = [trial for trial in found.values() if trial.shots == shots]
        sources = [pool.source(averaged=AVERAGED in methods) for pool in places]
        trials, missing = run_trials(
            model, sources, plan, jobs=jobs, scheduler=scheduler, progress=told, known=own, keep=keep, stop=stop
        )
        sentences |= dict.fromkeys(missing)
        found |= {(each.task, each.shots, each.seed, each.outcome.method): each for each in trials}
    progress("done", 1.0)
    return list(found.values()), tuple(sentences)


def _phases(
    model: AmortisedExtractor, pools: Sequence[Pool], settings: Settings
) -> Iterator[tuple[tuple[str, ...], int, list[Pool]]]:
    """Methods, labelled images a class, and pools, in the order in which they are measured."""
    wanted = [name for name in settings.rivals if METHODS[name].offered(model)]
    quick = tuple(name for name in wanted if not METHODS[name].trains_a_network and name != AVERAGED)
    slow = tuple(name for name in wanted if METHODS[name].trains_a_network)
    as_they_are = [pool for pool in pools if not pool.place.kind]
    first, *others = settings.shots
    for methods in (quick, (AVERAGED,) if AVERAGED in wanted else ()):
        yield methods, first, list(pools)
        for shots in others:
            yield methods, shots, as_they_are
    for kind in dict.fromkeys(pool.place.kind for pool in pools):
        yield slow, first, [pool for pool in pools if pool.place.kind == kind]
    for shots in others:
        yield slow, shots, as_they_are


def _average(model: AmortisedExtractor, pools: Sequence[Pool], jobs: int, scheduler: str | None) -> None:
    """Measure what the frozen backbone says of changed pictures: once a pool, because it takes long."""
    device = next(model.parameters()).device
    sent = model if jobs == 1 and scheduler is None else copy.deepcopy(model).cpu()
    pictures = ((pool.images, pool.prepared) for pool in pools)
    found = spread(partial(_averages, sent, str(device)), pictures, jobs, scheduler)
    for pool, (averaged, seconds) in zip(pools, found, strict=True):
        pool.averages, pool.seconds = averaged, seconds


def _averages(model: AmortisedExtractor, device: str, pictures: tuple[Tensor, Prepared]) -> tuple[Tensor, float]:
    images, prepared = pictures
    model, begun = model.to(device), time.perf_counter()
    pieces = zip(images.split(_PIECE), prepared.split(_PIECE), strict=True)
    found = torch.cat([averages(model, some, ready).half() for some, ready in pieces])
    return found, (time.perf_counter() - begun) / len(found)


def pools_of(
    model: AmortisedExtractor,
    tasks: Sequence[TaskImages],
    settings: Settings,
    progress: Progress = lambda text, share: None,
    jobs: int = 1,
) -> tuple[list[Pool], dict[str, str]]:
    """Tasks as they are, moved and disturbed, and a digest of the images of each.

    The images of task number n, by name, are moved along axis n and disturbed by nuisance n, beginning again after the
    last one.

    Raises:
        ValueError: two tasks have one name, or one is none.
    """
    ordered, pools, digests = by_name(tasks), [], {}
    found = spread(partial(_labelled, model.input_size), ordered, jobs)
    for number, (each, (data, groups)) in enumerate(zip(ordered, found, strict=True)):
        progress(f"{each.name}: read", (number + 1) / len(ordered))
        places = [Place(each.name)]
        if settings.nuisance:
            places.append(Place(each.name, "axis", model.transforms[number % len(model.transforms)].name))
        if settings.foreign:
            places.append(Place(each.name, "foreign", list(NUISANCES)[number % len(NUISANCES)]))
        pools += [Pool(model, place, data, groups, settings.seed + number) for place in places]
        digests[each.name] = digest_of(data, groups)
    return pools, digests


def _labelled(side: int, task: TaskImages) -> tuple[ImageSet, Tensor]:
    return task.labelled(side)


def moved_images(images: Tensor, axis: Axis, seed: int) -> Tensor:
    """Each of the images (N, 3, S, S), uint8, moved once along an axis, by strengths drawn over its whole range."""
    strengths = draw_magnitudes(axis, len(images), 1, seed)[:, 0]
    pieces = zip(images.split(_PIECE), strengths.split(_PIECE), strict=True)
    return torch.cat([(axis.apply(piece.float() / 255, t) * 255).round().byte() for piece, t in pieces])
