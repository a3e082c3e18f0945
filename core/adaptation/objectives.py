"""What the descriptor is fitted to: functions of features and targets that are smaller where i is better.

All are differentiable in the features and so, through the hypernetwork, in the descriptor. The head
inside is solved exactly, except in the joint objective, which takes its head from outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .head import best_penalty, evidence, fit_head, left_out, outputs_of, penalty_for


@dataclass(frozen=True)
class Batch:
    """Features of labelled images under the current descriptor.

    Attributes:
        features: (N, D).
        targets: (N, C), one-hot or one quantity.
        held: (N,) booleans, the images of the validation split.
        weight, bias: of the head that is trained along; only the joint objective uses them.
    """

    features: Tensor
    targets: Tensor
    held: Tensor
    weight: Tensor
    bias: Tensor


@dataclass(frozen=True)
class Value:
    """``loss``, a scalar that is differentiable, and ``outputs`` (N, C) with their ``rows`` to be scored on."""

    loss: Tensor
    outputs: Tensor
    rows: Tensor


def marginal_likelihood(batch: Batch) -> Value:
    """Negative log evidence per label, in nats: rewards fit and, by itself, not needing much of the features."""
    penalty = best_penalty(batch.features, batch.targets)
    count = (len(batch.features) - 1) * outputs_of(batch.targets)
    loss = -evidence(batch.features, batch.targets, penalty) / count
    with torch.no_grad():
        outputs = left_out(batch.features, batch.targets, penalty)
    return Value(loss, outputs, _all(batch))


def leave_one_out(batch: Batch) -> Value:
    """Mean squared error of each image under the head fitted to all others, relative to the targets' variance.

    The penalty is the one with the smallest such error, so that leaving its own derivative out is exact.
    """

    def error(features: Tensor, penalty: float) -> tuple[Tensor, Tensor]:
        outputs = left_out(features, batch.targets, penalty)
        return _relative_error(outputs, batch.targets, batch.targets), outputs.detach()

    fixed = batch.features.detach()
    penalty = penalty_for(lambda value: float(error(fixed, value)[0]), fixed)
    return Value(*error(batch.features, penalty), _all(batch))


def validation(batch: Batch) -> Value:
    """Squared error on the validation split of the head fitted to the training split, relative to the variance.

    The penalty, too, is the best one for the validation split.
    """
    held = batch.held

    def error(features: Tensor, penalty: float) -> tuple[Tensor, Tensor]:
        outputs = fit_head(features[~held], batch.targets[~held], penalty)(features[held])
        return _relative_error(outputs, batch.targets[held], batch.targets), outputs.detach()

    fixed = batch.features.detach()
    penalty = penalty_for(lambda value: float(error(fixed, value)[0]), fixed)
    return Value(*error(batch.features, penalty), torch.where(held)[0])


def joint(batch: Batch) -> Value:
    """Training loss of a head that is trained together with i: cross-entropy, or squared error for a quantity.

    The objective of HyperInvariances (arXiv 2207.08304, Section 3).
    """
    outputs = batch.features @ batch.weight + batch.bias
    if batch.targets.shape[1] == 1:
        loss = _relative_error(outputs, batch.targets, batch.targets)
    else:
        loss = F.cross_entropy(outputs, batch.targets)
    return Value(loss, outputs.detach(), _all(batch))


OBJECTIVES: dict[str, Callable[[Batch], Value]] = {
    "evidence": marginal_likelihood,
    "leave-one-out": leave_one_out,
    "validation": validation,
    "joint": joint,
}


def _relative_error(outputs: Tensor, targets: Tensor, scale: Tensor) -> Tensor:
    return (outputs - targets).square().mean() / scale.var(0, correction=0).mean().clamp(min=1e-9)


def _all(batch: Batch) -> Tensor:
    return torch.arange(len(batch.features))
