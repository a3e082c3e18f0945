"""Heads on features that are not fitted: pixels, a descriptor, corners, plain SimCLR, a frozen backbone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from ..adaptation import features_of, prepared
from ..adaptation.head import evidence
from ..adaptation.reading import TRUST, weighed
from ..axes.descriptor import corners
from ..backbones import Extractor
from ..backbones.base import Prepared, has_weights, whole
from ..measures.response import in_batches
from ..model.amortised import AmortisedExtractor, to_size
from ..tasks.task import Split, Task
from .job import Job, Read, by_evidence
from .outcome import Outcome, OutOfReach, going

_with_own: WeakKeyDictionary[AmortisedExtractor, bool] = WeakKeyDictionary()

PIXELS = 32
"""Pixels of a side of the images that are read as they are."""


def head_at(
    model: AmortisedExtractor,
    task: Task,
    descriptor: tuple[float, ...],
    method: str = "",
    read: Read | None = None,
    trust: float = TRUST,
) -> Outcome:
    """Fit the head alone, at a descriptor that is given.

    Args:
        model, task: what is fitted.
        descriptor: K coordinates; as they are no fitted numbers, the outcome does not count them.
        method: of the outcome.
        read: the head; default: that of the fit.
        trust: of the head in a branch, see :func:`core.adaptation.reading.weighed`.
    """
    outcome = read_out(lambda split: weighed(model, features_of(model, split, descriptor), trust), task, read)
    return replace(outcome, descriptor=descriptor, method=method)


def read_out(features: Callable[[Split], Tensor], task: Task, read: Read | None) -> Outcome:
    """A head on features of the labelled images, marked on the test images.

    Args:
        features: a split -> (N, D).
        task: of which the splits are.
        read: see :func:`head_at`.
    """
    begun = time.perf_counter()
    labelled = features(task.labelled)
    return head_on(labelled, features, task, time.perf_counter() - begun, read)


def head_on(
    labelled: Tensor, features: Callable[[Split], Tensor], task: Task, seconds: float, read: Read | None
) -> Outcome:
    """The same with features (N, D) of the labelled images that are at hand after so many seconds."""
    begun = time.perf_counter()
    found = (read or by_evidence)(labelled, task)
    seconds += time.perf_counter() - begun
    judged = task.judge(found.outputs(features(task.test)))
    return Outcome.of(judged, seconds, found.parameters, curve=((seconds, found.held_out),))


def constant(job: Job, value: float) -> Outcome:
    """A head at i = ``value`` on every axis."""
    return head_at(job.model, job.task, (value,) * len(job.model.transforms), read=job.read, trust=job.settings.trust)


def every_corner(job: Job) -> Outcome:
    """Try all 2^K corners and keep the one with the most evidence: what adaptation saves."""
    begun = time.perf_counter()
    labelled = job.task.labelled
    targets = job.task.encoded(labelled.targets)
    points = going([tuple(point.tolist()) for point in corners(len(job.model.transforms))], job.stop)
    best = max(points, key=lambda point: float(evidence(features_of(job.model, labelled, point), targets)))
    seconds = time.perf_counter() - begun
    outcome = head_at(job.model, job.task, best, read=job.read, trust=job.settings.trust)
    seconds += outcome.seconds
    curve = ((seconds, outcome.curve[-1][1]),)
    return replace(outcome, seconds=seconds, parameters=outcome.parameters + len(best), curve=curve)


def oracle(job: Job) -> Outcome:
    """The corner that is best on the test images. It cheats: nobody has those labels; it is the bar for regret."""
    begun = time.perf_counter()
    points = [tuple(point.tolist()) for point in corners(len(job.model.transforms))]
    outcomes = [
        head_at(job.model, job.task, point, read=job.read, trust=job.settings.trust)
        for point in going(points, job.stop)
    ]
    best = max(outcomes, key=lambda outcome: outcome.score)
    seconds, parameters = time.perf_counter() - begun, best.parameters + len(points[0])
    return replace(best, seconds=seconds, parameters=parameters, curve=())


def joined_corners(count: int) -> list[tuple[float, ...]]:
    """The K + 2 corners that are read together: keep all, ignore one axis, each in turn, and ignore all."""
    alone = [tuple(float(place == k) for place in range(count)) for k in range(count)]
    return [(0.0,) * count, *alone, (1.0,) * count]


def concatenated(job: Job) -> Outcome:
    """A head on the features at several corners side by side (as LooC's: Xiao et al., arXiv 2008.05659)."""
    points = joined_corners(len(job.model.transforms))

    def features(split: Split) -> Tensor:
        found = (features_of(job.model, split, point) for point in going(points, job.stop))
        return torch.cat([weighed(job.model, each, job.settings.trust) for each in found], 1)

    return read_out(features, job.task, job.read)


def pixels(job: Job) -> Outcome:
    """A head on the images themselves, shrunk to :data:`PIXELS` pixels of a side where they are larger."""
    side = min(PIXELS, job.task.test.images.shape[-1])
    return read_out(lambda split: to_size(split.pixels, side).flatten(1), job.task, job.read)


def plain(job: Job, network: Extractor) -> Outcome:
    """A head on an extractor of the same size without a descriptor, trained on the same photographs."""
    network = network.to(job.device)
    shared = network.backbone == job.model.backbone and _alike(network.stem, job.model.stem)

    def features(split: Split) -> Tensor:
        with torch.inference_mode():
            if shared and split.prepared is not None:
                own = split.prepared.to(next(network.parameters()))
                return in_batches(lambda some: whole(network.tail(*some.parts)), own).cpu()  # type: ignore[union-attr]  # prepared, as above
            return torch.cat([network(each.to(job.device)).cpu() for each in split.pixels.split(256)])

    return read_out(lambda split: weighed(network, features(split), job.settings.trust), job.task, job.read)


def _alike(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    """Whether two stems do the same, so that images that one has prepared serve the other one, too."""
    if not has_weights(one):
        return not has_weights(other)
    theirs = dict(other.named_parameters())
    return all(name in theirs and value.equal(theirs[name]) for name, value in one.named_parameters())


def has_own_features(model: AmortisedExtractor) -> bool:
    """Whether the backbone is a pretrained network with features of its own."""
    if model not in _with_own:
        side = model.input_size
        _with_own[model] = model.frozen_features(model.prepare(torch.zeros(1, 3, side, side))) is not None
    return _with_own[model]


def frozen(job: Job) -> Outcome:
    """A head on the features that the backbone was pretrained to have, before anything was trained here.

    Raises:
        OutOfReach: it has none.
    """
    return _of_stem(job, job.model.frozen_features)


def frozen_told(job: Job) -> Outcome:
    """A head on all numbers that the frozen backbone gives the tail: what the fit has, without a descriptor.

    Raises:
        OutOfReach: nothing pretrained gives any.
    """
    return _of_stem(job, job.model.content)


def _of_stem(job: Job, asked: Callable[[Prepared], Tensor | None]) -> Outcome:
    task = prepared(job.model, job.task)

    def features(split: Split) -> Tensor:
        assert split.prepared is not None  # as all images of a prepared task
        found = asked(split.prepared)
        if found is None:
            raise no_own_features(job.model)
        return found.to(split.images.device)

    return read_out(features, task, job.read)


def no_own_features(model: AmortisedExtractor) -> OutOfReach:
    """Why a method cannot run that needs a pretrained backbone."""
    return OutOfReach(
        f"The backbone {model.backbone.name} starts from random weights, so it has no features of its own. "
        "Take a model with a pretrained backbone."
    )
