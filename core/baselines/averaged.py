"""The frozen backbone averaged over transformations of a picture: invariance without any training."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..axes.transforms import Axis
from ..backbones.base import Prepared
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Split
from .fixed import head_on, no_own_features
from .job import Job, by_evidence
from .outcome import Outcome, Stop, going, never

SHARES = (0.5, 1.0)
"""Of an axis' range, over which is averaged."""

_PIECE = 256


@dataclass(frozen=True)
class Averaged(Split):
    """A split with what averaging gives, for those who have measured it once for many draws.

    Attributes:
        averages: (N, A, P) of the A :func:`choices`.
        seconds: that they have taken for one image.
    """

    averages: Tensor | None = None
    seconds: float = 0.0


def choices(axes: tuple[Axis, ...]) -> list[tuple[str, float]]:
    """What may be averaged over: nothing first, then each axis over half of its range and over all of it."""
    return [("", 0.0), *((axis.name, share) for axis in axes for share in SHARES)]


def averages(model: AmortisedExtractor, images: Tensor, prepared: Prepared, stop: Stop = never) -> Tensor:
    """The frozen backbone's features of images, averaged in each of the ways.

    A picture is averaged with what it becomes at the ends of each share of the range that is not larger.

    Args:
        model: whose stem is asked.
        images: (N, 3, S, S), uint8 or floats in [0, 1].
        prepared: the same, prepared.
        stop: asked between axes.

    Returns:
        (N, A, P) of the A :func:`choices`, where the images are.

    Raises:
        OutOfReach: the backbone has no features of its own.
    """
    own = model.frozen_features(prepared)
    if own is None:
        raise no_own_features(model)
    found = [own.to(images.device)]
    for axis in going(model.transforms, stop):
        total, count = found[0].clone(), 1
        for share in SHARES:
            for end in (axis.low, axis.high):
                if end:
                    total += torch.cat(list(_moved(model, images, axis, share * end)))
                    count += 1
            found.append(total / count)
    return torch.stack(found, 1)


def _moved(model: AmortisedExtractor, images: Tensor, axis: Axis, magnitude: float) -> Iterator[Tensor]:
    device = next(model.parameters()).device
    for piece in images.split(_PIECE):
        pixels = piece.to(device)
        pixels = pixels if pixels.is_floating_point() else pixels.float() / 255
        features = model.frozen_features(model.prepare(axis.apply(pixels, magnitude)))
        assert features is not None  # as of the images as they are
        yield features.to(images.device)


def frozen_averaged(job: Job) -> Outcome:
    """A head on the averaged features; leave-one-out on the labelled images chooses over what is averaged.

    Raises:
        OutOfReach: the backbone has no features of its own.
    """
    begun = time.perf_counter()
    parts = [_averages(job, each) for each in (job.task.train, job.task.validation)]
    labelled = torch.cat(parts).float()
    read = job.read or by_evidence
    losses = [read(labelled[:, way], job.task).loss for way in range(labelled.shape[1])]
    best = min(range(len(losses)), key=losses.__getitem__)
    seconds = time.perf_counter() - begun
    for split in (job.task.train, job.task.validation):
        seconds += len(split) * split.seconds if isinstance(split, Averaged) else 0.0

    def chosen(split: Split) -> Tensor:
        return _averages(job, split)[:, best].float()

    outcome = head_on(labelled[:, best], chosen, job.task, seconds, job.read)
    return replace(outcome, parameters=outcome.parameters + 1)


def _averages(job: Job, split: Split) -> Tensor:
    if isinstance(split, Averaged) and split.averages is not None:
        return split.averages
    prepared = job.model.prepare(split.pixels) if split.prepared is None else split.prepared
    return averages(job.model, split.images, prepared, job.stop)
