"""Heads on features that are not fitted: at a descriptor, at every corner, of plain SimCLR, of a frozen backbone."""

from __future__ import annotations

import time
from dataclasses import replace

import torch
from torch import Tensor

from ..adaptation import features_of, prepared
from ..adaptation.head import evidence, fit_head, left_out
from ..axes.descriptor import corners
from ..backbones import Extractor
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Split, Task
from .outcome import Outcome, OutOfReach, Stop, going, never


def head_at(model: AmortisedExtractor, task: Task, descriptor: tuple[float, ...], method: str = "") -> Outcome:
    """Fit the head alone, at a descriptor that is given.

    Args:
        model, task: what is fitted.
        descriptor: K coordinates; as they are no fitted numbers, the outcome does not count them.
        method: of the outcome.
    """
    begun = time.perf_counter()
    labelled = features_of(model, task.labelled, descriptor)
    seconds = time.perf_counter() - begun
    outcome = head_on(labelled, features_of(model, task.test, descriptor), task, seconds)
    return replace(outcome, descriptor=descriptor, method=method)


def head_on(labelled: Tensor, test: Tensor, task: Task, seconds: float) -> Outcome:
    """Fit a head on features (N, D) of the labelled images and mark features (M, D) of the test images.

    Args:
        labelled, test: features.
        task: for the targets.
        seconds: that the features of the labelled images have taken.
    """
    begun = time.perf_counter()
    known = task.labelled.targets
    targets = task.encoded(known)
    head = fit_head(labelled, targets)
    seconds += time.perf_counter() - begun
    held_out = task.score(left_out(labelled, targets, head.penalty), known)
    return Outcome.of(task.judge(head(test)), seconds, head.parameters, curve=((seconds, held_out),))


def constant(model: AmortisedExtractor, task: Task, value: float) -> Outcome:
    """A head at i = ``value`` on every axis."""
    return head_at(model, task, (value,) * len(model.transforms))


def every_corner(model: AmortisedExtractor, task: Task, stop: Stop = never) -> Outcome:
    """Try all 2^K corners and keep the one with the most evidence: what adaptation saves."""
    begun = time.perf_counter()
    labelled = task.labelled
    targets = task.encoded(labelled.targets)
    points = going([tuple(point.tolist()) for point in corners(len(model.transforms))], stop)
    best = max(points, key=lambda point: float(evidence(features_of(model, labelled, point), targets)))
    seconds = time.perf_counter() - begun
    outcome = head_at(model, task, best)
    seconds += outcome.seconds
    curve = ((seconds, outcome.curve[-1][1]),)
    return replace(outcome, seconds=seconds, parameters=outcome.parameters + len(best), curve=curve)


def oracle(model: AmortisedExtractor, task: Task, stop: Stop = never) -> Outcome:
    """The corner that is best on the test images. It cheats: nobody has those labels; it is the bar for regret."""
    begun = time.perf_counter()
    points = [tuple(point.tolist()) for point in corners(len(model.transforms))]
    outcomes = [head_at(model, task, point) for point in going(points, stop)]
    best = max(outcomes, key=lambda outcome: outcome.score)
    seconds, parameters = time.perf_counter() - begun, best.parameters + len(points[0])
    return replace(best, seconds=seconds, parameters=parameters, curve=())


def plain(network: Extractor, task: Task) -> Outcome:
    """A head on an extractor of the same size that was trained by plain SimCLR on the same photographs."""
    begun = time.perf_counter()
    with torch.inference_mode():
        labelled = torch.cat([network(each) for each in task.labelled.pixels.split(256)])
        seconds = time.perf_counter() - begun
        test = torch.cat([network(each) for each in task.test.pixels.split(256)])
    return head_on(labelled, test, task, seconds)


def has_own_features(model: AmortisedExtractor) -> bool:
    """Whether the backbone is a pretrained network with features of its own."""
    side = model.input_size
    return model.frozen_features(model.prepare(torch.zeros(1, 3, side, side))) is not None


def frozen(model: AmortisedExtractor, task: Task) -> Outcome:
    """A head on the features that the backbone was pretrained to have, before anything was trained here.

    Raises:
        OutOfReach: it has none.
    """
    task = prepared(model, task)
    begun = time.perf_counter()
    labelled = _own(model, task.labelled)
    return head_on(labelled, _own(model, task.test), task, time.perf_counter() - begun)


def _own(model: AmortisedExtractor, split: Split) -> Tensor:
    assert split.prepared is not None  # as all images of a prepared task
    found = model.frozen_features(split.prepared)
    if found is None:
        raise OutOfReach(
            f"The backbone {model.backbone.name} starts from random weights, so it has no features of its own. "
            "Take a model with a pretrained backbone."
        )
    return found.to(split.images.device)
