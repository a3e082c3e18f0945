"""Gaussian distributions over linear heads: where they are centred, and which one is certified lowest.

Prior N(W0, s0^2 I), posterior N(W, s^2 I). Without prior examples W0 = 0, and the prior is data-free; with
them W0 is the ridge head of the prior examples. The centre W is the ridge head of all examples pulled
towards W0, at several strengths. The strength and s belong to the posterior, so they are chosen by the
bound itself at no cost; s0 belongs to the prior, so it comes from a grid that was fixed beforehand and
costs ln J, except where W0 = 0 (see :func:`core.bounds.pacbayes.scale_free_kl`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..adaptation.head import best_penalty
from .gibbs import gibbs_risk
from .kl import bernoulli_kl, kl_upper
from .pacbayes import budget, gaussian_kl, scale_free_kl

DEVIATIONS = tuple(2.0**-step for step in range(1, 9))
"""Prior deviations s0, for features of norm about 1 and one-hot targets: their number J is charged as ln J."""

_BIAS = 0.3
"""The constant that is appended for a bias. Small, so that noise on the bias hurts little."""
_PULLS = (1.0, 16.0, 256.0, 4096.0)
"""Strengths of the pull towards W0, relative to the penalty with the largest evidence."""
_RATIOS = tuple(2.0 ** (-step / 2) for step in range(-3, 11))
"""Deviations of a data-free posterior, relative to the root mean square of a weight times sqrt(D)."""


@dataclass(frozen=True)
class Inputs:
    """A map from features to the inputs of the head, fixed without the examples that are certified.

    With prior examples: their mean is taken off and their typical norm divided out. Without: every image's
    features are scaled to norm 1, for which nothing needs to be known.
    """

    mean: Tensor | None = None
    norm: float = 1.0

    @classmethod
    def of(cls, prior: Tensor | None) -> Inputs:
        """From the features (M, D) of the prior examples, or without any."""
        if prior is None:
            return cls()
        mean = prior.mean(0)
        return cls(mean, max(float((prior - mean).norm(dim=1).square().mean().sqrt()), 1e-12))

    def __call__(self, features: Tensor) -> Tensor:
        """(N, D) -> (N, D + 1)."""
        if self.mean is None:
            features = features / features.norm(dim=1, keepdim=True).clamp(min=1e-12)
        else:
            features = (features - self.mean) / self.norm
        return F.pad(features, (0, 1), value=_BIAS)


@dataclass(frozen=True)
class Posterior:
    """N(``centre``, ``deviation``^2 I) over heads (D, C), with what it costs and what it certifies."""

    centre: Tensor
    deviation: float
    kl: float
    gibbs: float
    bound: float


def ridge(inputs: Tensor, targets: Tensor, penalty: float, towards: Tensor) -> Tensor:
    """The head that minimises |X W - Y|^2 + penalty |W - towards|^2, (D, C)."""
    gram = inputs.T @ inputs + penalty * torch.eye(inputs.shape[1], dtype=inputs.dtype, device=inputs.device)
    return towards + torch.cholesky_solve(inputs.T @ (targets - inputs @ towards), torch.linalg.cholesky(gram))


def prior_head(inputs: Tensor, labels: Tensor, classes: int) -> tuple[Tensor, float]:
    """The ridge head of the prior examples, and its penalty: the one with the largest evidence."""
    targets = F.one_hot(labels, classes).to(inputs.dtype)
    penalty = best_penalty(inputs, targets)
    return ridge(inputs, targets, penalty, inputs.new_zeros(inputs.shape[1], classes)), penalty


def best_around(centre: Tensor, penalty: float, inputs: Tensor, labels: Tensor, nats: float, delta: float) -> Posterior:
    """The posterior that is certified lowest, around a head that was fitted to other examples.

    Args:
        centre: W0, (D, C). penalty: with which it was fitted.
        inputs: (N, D) of the certified examples. labels: (N,).
        nats: price of the descriptor.
    """
    targets = F.one_hot(labels, centre.shape[1]).to(inputs.dtype)
    heads = [centre, *(ridge(inputs, targets, penalty * pull, centre) for pull in _PULLS)]
    prior = np.array(DEVIATIONS)
    found = []
    for head in heads:
        distance = float((head - centre).square().sum())
        for step in DEVIATIONS:
            for deviation in (step, step / 2**0.5):  # a posterior that is a little narrower is often worth its price
                kl = nats + float(gaussian_kl(distance, head.numel(), deviation, prior).min())
                found.append((head, deviation, kl))
    return _lowest(found, inputs, labels, delta, len(DEVIATIONS))


def best_from_zero(inputs: Tensor, labels: Tensor, classes: int, nats: float, delta: float) -> Posterior:
    """The posterior that is certified lowest against a prior centred at 0, which has seen no example.

    Args:
        inputs: (N, D). labels: (N,). nats: price of the descriptor.
    """
    zero = inputs.new_zeros(inputs.shape[1], classes)
    targets = F.one_hot(labels, classes).to(inputs.dtype)
    penalty = best_penalty(inputs, targets)
    found = []
    for pull in _PULLS:
        head = ridge(inputs, targets, penalty * pull, zero)
        head = head - head.mean(1, keepdim=True)  # what all classes share decides nothing, and costs
        distance = float(head.square().sum())
        for ratio in _RATIOS:
            deviation = ratio * (distance / classes) ** 0.5
            if deviation > 0:
                found.append((head, deviation, nats + float(scale_free_kl(distance, head.numel(), deviation))))
    return _lowest(found, inputs, labels, delta, 1)


def _lowest(
    found: list[tuple[Tensor, float, float]], inputs: Tensor, labels: Tensor, delta: float, priors: int
) -> Posterior:
    """Cheapest first. A risk below ``lowest`` is certified iff kl(gibbs || lowest) is above the budget, so the
    inverse is only taken where it pays."""
    norms, n = inputs.norm(dim=1), len(labels)
    best, lowest = None, 1.0
    for head, deviation, kl in sorted(found, key=lambda item: item[2]):
        spent = float(budget(kl, n, delta, priors))
        if best and -math.log1p(-lowest) <= spent:
            break  # not even without an error could it, or a dearer one, be certified lower
        gibbs = gibbs_risk(inputs @ head, deviation * norms, labels)
        if best is None or (gibbs < lowest and float(bernoulli_kl(gibbs, lowest)) > spent):
            lowest = float(kl_upper(gibbs, spent))
            best = Posterior(head, deviation, kl, gibbs, lowest)
            lowest = min(lowest, 1 - 1e-12)
    if best is None:
        raise AssertionError("There is at least one candidate.")
    return best
