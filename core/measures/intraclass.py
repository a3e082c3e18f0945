"""M1, the intraclass ratio: which share of the features' variance a transformation causes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..eigen import eigh

MINIMUM_RANK = 4.0
"""Below this effective rank an extractor has collapsed and no statement on invariance is made."""


@dataclass(frozen=True)
class Intraclass:
    """The ratio in two metrics.

    Attributes:
        own: tr(S_W) / tr(S_T) in [0, 1]; the features' own metric.
        whitened: V of :func:`intraclass`, in [0, 1]; quiet directions count as much as loud ones.
        rank: effective rank of S_T, in [1, D].
        images: (N,) each image's share of tr(S_W), and ...
        between: (N,) its share of the variance between images; both for bootstrap intervals.
        whitened_images, whitened_between: the same in the whitened metric.
    """

    own: float
    whitened: float
    rank: float
    images: Tensor
    between: Tensor
    whitened_images: Tensor
    whitened_between: Tensor

    @property
    def collapsed(self) -> bool:
        """Too few directions are in use to speak of invariance."""
        return self.rank < MINIMUM_RANK

    @property
    def invariance(self) -> float | None:
        """1 - V in [0, 1], or ``None`` where the features have collapsed."""
        return None if self.collapsed else 1 - self.whitened


def intraclass(features: Tensor) -> Intraclass:
    """Variance within images over total variance, in the features' own metric and whitened.

        S_W = 1/(N(J-1)) sum_nj (z_nj - z_n)(z_nj - z_n)'
        S_B = 1/(N-1) sum_n (z_n - z)(z_n - z)' - S_W / J
        S_T = S_W + S_B
        V   = tr((S_T + eps)^-1 S_W) / tr((S_T + eps)^-1 S_T),   eps = 1e-3 tr(S_T) / D

    The intraclass correlation of a one-way random effects model (Shrout and Fleiss, 1979, ICC(1)),
    in its multivariate form; V = 1 - ICC for D = 1. V does not change under invertible linear maps
    (as eps -> 0), so rescaling cannot game it; collapse can, hence the rank beside it.

    Args:
        features: (N, J, D), N >= 2 images, J >= 2 draws of the transformation.

    Raises:
        ValueError: wrong shape, or features that do not vary at all.
    """
    if features.ndim != 3 or features.shape[0] < 2 or features.shape[1] < 2:
        raise ValueError(
            f"Features must have shape (N, J, D) with at least 2 images and 2 draws each; got {tuple(features.shape)}."
        )
    z = features.double()
    count, draws, size = z.shape
    means = z.mean(1)
    centred = means - means.mean(0)
    residual = z - means[:, None]
    within = torch.einsum("njd,nje->de", residual, residual) / (count * (draws - 1))
    between = centred.T @ centred / (count - 1) - within / draws
    total = within + _positive_part(between)
    trace = float(total.trace())
    if not trace > 1e-12 * max(1.0, float(z.square().mean())):
        raise ValueError(
            "The features are the same for every image and strength, so invariance is undefined: "
            "the extractor has collapsed. Check its weights."
        )
    precision = torch.linalg.inv(total + 1e-3 * trace / size * torch.eye(size, dtype=z.dtype, device=z.device))
    whitened = float((precision * within).sum() / (precision * total).sum())
    whitened_residual = torch.einsum("njd,de,nje->n", residual, precision, residual) / (draws - 1)
    whitened_centred = torch.einsum("nd,de,ne->n", centred, precision, centred)
    return Intraclass(
        own=float(within.trace()) / trace,
        whitened=whitened,
        rank=_entropy_rank(eigh(total)[0]),
        images=residual.square().sum((1, 2)) / (draws - 1),
        between=centred.square().sum(1) * count / (count - 1),
        whitened_images=whitened_residual,
        whitened_between=whitened_centred * count / (count - 1),
    )


def bootstrap_ratio(within: Tensor, between: Tensor, draws: int, generator: torch.Generator, repeats: int) -> Tensor:
    """Resample images; (repeats,) ratios tr(S_W) / tr(S_T) from the per-image shares of an :class:`Intraclass`."""
    count = len(within)
    picks = torch.randint(count, (repeats, count), generator=generator)
    return ratio_of(within[picks].mean(1), between[picks].mean(1), draws)


def ratio_of(within: Tensor, between: Tensor, draws: int) -> Tensor:
    """tr(S_W) / tr(S_T) from the mean squared residual within an image and the mean squared distance between images.

    Args:
        within, between: (...,), of each set of images.
        draws: J, which S_B is corrected for: an image's mean over J draws still has S_W / J in it.
    """
    return within / (within + (between - within / draws).clamp(min=0)).clamp(min=1e-300)


def effective_rank(features: Tensor) -> float:
    """exp of the entropy of the covariance's normalised eigenvalues, in [1, D].

    Roy and Vetterli, "The effective rank", EUSIPCO 2007, Definition 1, on the covariance.

    Args:
        features: (N, D).
    """
    centred = features.double() - features.double().mean(0)
    return _entropy_rank(torch.linalg.svdvals(centred).square())


def _entropy_rank(eigenvalues: Tensor) -> float:
    p = eigenvalues.clamp(min=0)
    if not p.sum() > 0:
        return 1.0  # nothing varies: not one direction is in use
    p = p / p.sum()
    return float(torch.exp(-(p * p.clamp(min=1e-300).log()).sum()))


def _positive_part(matrix: Tensor) -> Tensor:
    values, vectors = eigh(matrix)
    return (vectors * values.clamp(min=0)) @ vectors.T
