"""A bound that pays for the descriptor alone: its head is the nearest class mean, for which nothing is searched.

Descriptors come from a finite set that was fixed beforehand. Of the labelled images one half gives the class means
under every descriptor of the set; that makes a finite set of classifiers, fixed without the other half. All labels
may then choose the descriptor: :func:`core.bounds.holdout.occam` on the other half holds for all of the set at once,
and its price, ln of the set's size, is the whole complexity. The classifier is an ordinary one: nothing is drawn, and
no factor of two is paid for a vote. (The nearest mean of a few labelled images as a head: Snell, Swersky and Zemel,
"Prototypical networks for few-shot learning", NeurIPS 2017. The bound on it is derived here.)
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .checks import check_at_least, check_delta, check_sample
from .holdout import occam


@dataclass(frozen=True)
class NearestMean:
    """Names the class whose mean is nearest in angle, after the mean of all images is taken off.

    Attributes:
        centre: (D,). means: (C, D), of length 1.
    """

    centre: Tensor
    means: Tensor

    @classmethod
    def of(cls, features: Tensor, labels: Tensor, classes: int) -> NearestMean:
        """From features (M, D) and labels (M,) with at least one image of each class."""
        centre = features.mean(0)
        directions = F.normalize(features - centre)
        means = torch.stack([directions[labels == label].mean(0) for label in range(classes)])
        return cls(centre, F.normalize(means))

    def __call__(self, features: Tensor) -> Tensor:
        """(N, D) -> (N,), the classes."""
        return (F.normalize(features - self.centre) @ self.means.T).argmax(1)

    def errors(self, features: Tensor, labels: Tensor) -> int:
        """How many of N images are named wrongly."""
        return int(self(features).ne(labels).sum())


@dataclass(frozen=True)
class Alone:
    """What is certified of the nearest class mean under one descriptor.

    Attributes:
        bound: with probability at least 1 - delta the error on new images is no larger.
        errors: mistakes on the n certified images. nats: paid for the descriptor.
        fresh: share of mistakes on images that nothing else used; ``None`` where there are none.
    """

    bound: float
    errors: int
    n: int
    nats: float
    fresh: float | None = None


def descriptor_alone(
    features_prior: Tensor,
    labels_prior: Tensor,
    features_post: Tensor,
    labels_post: Tensor,
    classes: int,
    *,
    nats: float,
    delta: float = 0.05,
    fresh: tuple[Tensor, Tensor] | None = None,
) -> Alone:
    """Certify the nearest class mean under a descriptor that all labels may have chosen.

    Args:
        features_prior, labels_prior: (M, D) and (M,), at least one image of each class: the means.
        features_post, labels_post: (N, D) and (N,), under the same descriptor: what is certified.
        nats: ln of the number of descriptors there were to choose from; 0 for one that was fixed beforehand.
        delta: probability that the bound fails.
        fresh: features and labels of other images, to compare with.

    Raises:
        ValueError: shapes that do not fit, labels or numbers out of range, a class without a prior image.
    """
    check_delta(delta)
    check_at_least("nats", nats)
    prior, known = check_sample(features_prior, labels_prior, classes, "Prior features")
    post, labels = check_sample(features_post, labels_post, classes)
    if missing := [label for label in range(classes) if not bool((known == label).any())]:
        raise ValueError(f"Class {missing[0]} has no prior image, so it has no mean. Add one.")
    head = NearestMean.of(prior, known, classes)
    wrong, n = head.errors(post, labels), len(labels)
    others = None if fresh is None else head.errors(fresh[0].double(), fresh[1]) / len(fresh[1])
    return Alone(occam(wrong, n, nats, delta), wrong, n, nats, others)
