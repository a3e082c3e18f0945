"""Networks whose weights are fitted to the task: fine-tuning, from scratch, and learned augmentation.

Changes at random never go along an axis that the task asks for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from torch import Generator, Tensor, nn

from ..adaptation import adapt
from ..adaptation.reading import weighed
from ..axes.transforms import Axis, compose
from ..backbones import Backbone, Extractor
from ..backbones.base import parts_of
from ..model.amortised import AmortisedExtractor, to_size
from ..tasks.task import Split
from .classifiers import Augerino, Classifier, anywhere
from .fixed import no_own_features
from .job import Job
from .outcome import Outcome
from .training import Feed, trained

MILD = 0.2
"""Share of every axis' range over which images are changed at random: what one would do without knowing the task."""


class Own(nn.Module):
    """A pretrained stem with the backbone's own features, all of it ready to be trained."""

    def __init__(self, model: AmortisedExtractor) -> None:
        super().__init__()
        self.backbone, self.stem = model.backbone, model.backbone.stem()
        self.stem.load_state_dict(model.stem.state_dict(), strict=False)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, S, S) in [0, 1] -> (N, P)."""
        found = self.backbone.frozen(*parts_of(self.stem(images)))
        assert found is not None  # as its callers have made sure
        return found


def tuned_tail(job: Job, descriptor: tuple[float, ...], begun: float) -> Outcome:
    """The generated tail trained on from a descriptor, with a linear head; the frozen stem stays.

    Args:
        job: what is run.
        descriptor: where it begins.
        begun: when the method began, :func:`time.perf_counter`.
    """
    tail = job.model.tail_at(descriptor).requires_grad_(True)
    width, heard = job.model.backbone.features, partial(weighed, job.model, trust=job.settings.trust)
    network = _seeded(job, lambda: Classifier(tail, width, job.task.outputs, heard))
    return trained(network, job, job.budget.rate / 10, stored_views(job), begun, probe_first=True)


def fine_tuned(job: Job) -> Outcome:
    """The tail trained on from i = 0.5."""
    return tuned_tail(job, (0.5,) * len(job.model.transforms), time.perf_counter())


def fine_tuned_from_fit(job: Job) -> Outcome:
    """The tail trained on from the fitted descriptor; the fit's time is part of it."""
    begun = time.perf_counter()
    return tuned_tail(job, adapt(job.model, job.task, job.settings).descriptor, begun)


def fine_tuned_backbone(job: Job) -> Outcome:
    """The whole pretrained backbone with a head on its own features, without any hypernetwork.

    Raises:
        OutOfReach: the backbone is not pretrained.
    """
    begun = time.perf_counter()
    return trained(_own_classifier(job), job, job.budget.rate / 10, _changing(job), begun, probe_first=True)


def from_scratch(job: Job) -> Outcome:
    """A network from random weights, with mild augmentation."""
    begun = time.perf_counter()
    return trained(_new(job), job, job.budget.rate, _changing(job, _side(job)), begun)


def augerino(job: Job) -> Outcome:
    """The same network from random weights, with learned ranges of augmentation."""
    begun = time.perf_counter()
    network = Augerino(_new(job), job.free)
    return trained(network, job, job.budget.rate, _still(job, _side(job)), begun)


def augerino_backbone(job: Job) -> Outcome:
    """The whole pretrained backbone, with learned ranges of augmentation; two copies and half a batch at a time.

    Raises:
        OutOfReach: the backbone is not pretrained.
    """
    begun = time.perf_counter()
    network = Augerino(_own_classifier(job), job.free, copies=2)
    halved = replace(job, budget=replace(job.budget, batch=job.budget.batch // 2))
    return trained(network, halved, job.budget.rate / 10, _still(job), begun, probe_first=True)


def stored_views(job: Job) -> Feed:
    """Training images as the tail takes them: as they are, and changed a few times, through the stem once for all."""
    generator = Generator().manual_seed(job.settings.seed)
    pixels, model = job.task.train.pixels.to(job.device), job.model
    views = [model.prepare(_mildly(pixels, job.free, generator)) for _ in range(job.budget.views)]
    kept = [model.prepare(pixels) if job.task.train.prepared is None else job.task.train.prepared, *views]
    like = next(model.parameters())
    parts = [torch.stack(each) for each in zip(*(view.to(like).parts for view in kept), strict=True)]

    def batch(rows: Tensor, generator: Generator) -> tuple[Tensor, ...]:
        which = torch.randint(len(kept), (len(rows),), generator=generator)
        return tuple(part[which, rows] for part in parts)

    def still(split: Split) -> tuple[Tensor, ...]:
        return (model.prepare(split.pixels) if split.prepared is None else split.prepared).to(like).parts

    return Feed(batch, still)


def _changing(job: Job, side: int | None = None) -> Feed:
    """Pictures, changed mildly anew each time that they are seen."""
    still = _still(job, side)

    def batch(rows: Tensor, generator: Generator) -> tuple[Tensor, ...]:
        changed = _mildly(job.task.train.at(rows).pixels.to(job.device), job.free, generator)
        return (_sized(changed, side),)

    return replace(still, batch=batch)


def _still(job: Job, side: int | None = None) -> Feed:
    """Pictures as they are, with so many pixels of a side."""

    def still(split: Split) -> tuple[Tensor, ...]:
        return (_sized(split.pixels.to(job.device), side),)

    return Feed(lambda rows, generator: still(job.task.train.at(rows)), still)


def _sized(images: Tensor, side: int | None) -> Tensor:
    return images if side is None else to_size(images, side)


def _mildly(images: Tensor, axes: tuple[Axis, ...], generator: Generator) -> Tensor:
    return compose(images, MILD * anywhere(images, axes, generator), axes) if axes else images


def _side(job: Job) -> int:
    return _small(job).input_size


def _small(job: Job) -> Backbone:
    branches = list(job.model.backbone.branches.values())
    return branches[0] if branches else job.model.backbone


def _new(job: Job) -> Classifier:
    """The part of the extractor that can be trained from random weights: its branch, or all of it."""
    backbone = _small(job)
    return _seeded(job, lambda: Classifier(Extractor(backbone), backbone.features, job.task.outputs))


def _own_classifier(job: Job) -> Classifier:
    side = job.model.input_size
    own = job.model.frozen_features(job.model.prepare(torch.zeros(1, 3, side, side)))
    if own is None:
        raise no_own_features(job.model)
    return _seeded(job, lambda: Classifier(Own(job.model).requires_grad_(True), own.shape[1], job.task.outputs))


def _seeded(job: Job, make: Callable[[], Classifier]) -> Classifier:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(job.settings.seed)
        return make()
