"""The head on a model's features, which trusts a branch less than a pretrained network before it has seen a label.

Banded ridge regression (Nunez-Elizalde, Huth and Gallant, NeuroImage 197, 2019): weights on unlike groups of features
have unlike prior variances. The branch was trained to move or to stay, and tells less of classes than a network that
was trained on them. The objective that finds the descriptor hears both alike, for it goes by how the branch answers. A
nearest class mean has no prior, and reads features as they are.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Protocol

from torch import Tensor

from .head import Head, fit_head, left_out

TRUST = 1 / 16
"""Prior variance of weights on the branch's features, over that on the others. Chosen on development tasks, README, for
the loudness of :data:`core.backbones.gated_tail.GATING`: half of both is the same to a head while gates are open."""


class HasBranch(Protocol):
    """A network that says which of its features are a branch's."""

    @property
    def beside(self) -> Tensor | None:
        """Orthonormal directions (D, P), see :meth:`core.backbones.base.Backbone.beside`."""


def weighed(network: HasBranch, features: Tensor, trust: float = TRUST) -> Tensor:
    """Features as a ridge head reads them: times the root of its weights' prior covariance, which is symmetric.

    Weights (C, D) that were fitted to these are, weighed once more, those for the features as they are.

    Args:
        network: whose features they are.
        features: (N, D).
        trust: prior variance of weights on the branch, over that of others.

    Returns:
        (N, D); of a network without a branch, they themselves.
    """
    if network.beside is None:
        return features
    branch = network.beside.to(features)
    return features - (1 - math.sqrt(trust)) * (features @ branch) @ branch.T


def read(network: HasBranch, features: Tensor, targets: Tensor, trust: float = TRUST) -> tuple[Head, Tensor]:
    """The head of a fit, and what it would say of each image had it not seen it.

    Args:
        network: whose features they are.
        features: (N, D) of the labelled images, as they are.
        targets: (N, C), one-hot or one quantity.
        trust: see :func:`weighed`.

    Returns:
        The head, for features as they are, with the penalty that has the most evidence; and (N, C).
    """
    heard = weighed(network, features, trust)
    head = fit_head(heard, targets)
    others = left_out(heard, targets, head.penalty)
    return replace(head, weight=weighed(network, head.weight.T, trust).T.contiguous(), trust=trust), others
