"""M2, the normalised centred cosine: the measure of the papers' radar plots, made safe."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..eigen import eigh
from .intraclass import MINIMUM_RANK, effective_rank

MINIMUM_SPREAD = 0.2
"""Different images must differ by at least this centred cosine distance for S to mean anything."""


@dataclass(frozen=True)
class CosineInvariance:
    """Attributes:
    value: S in (-inf, 1]; 1 = invariant, 0 = as different as another image.
    spread: 1 - c0, the mean distance between different images.
    rank: effective rank of the clean features; centring hides a collapse from the spread, not from the rank.
    images: (N,) what each image alone has for S; their mean is S. For bootstrap intervals, c0 being kept.
    """

    value: float
    spread: float
    rank: float
    images: Tensor

    @property
    def collapsed(self) -> bool:
        """Different images are (almost) the same to this extractor, or differ in too few directions."""
        return self.spread < MINIMUM_SPREAD or self.rank < MINIMUM_RANK


def cosine_invariance(clean: Tensor, moved: Tensor, components: int | None = None) -> CosineInvariance:
    """Mean cosine between an image and its transformed version, on the scale where another image is 0.

        S = (mean cos(a_n, b_n) - c0) / (1 - c0),   c0 = mean over n != m of cos(a_n, b_m)

    with a, b the features centred and whitened by the clean features' statistics, as in the
    reference implementation's synthetic invariance evaluation (Ericsson, Gouk and Hospedales, BMVC
    2022; Chavhan et al., arXiv 2302.12712, Figure 1). The normalisation by c0 is ours: a raw cosine
    is near 1 for any positive features.

    Whitening needs many more images than directions: with as many, every direction of the sample is as large as any
    other, most of them noise, and S comes out near 0 for whatever is measured. Then give ``components``.

    Args:
        clean: (N, D) features of N > 1 images.
        moved: (N, D) or (N, J, D) features of their transformed versions.
        components: leading principal components of the clean features to work in; default: all D directions.

    Raises:
        ValueError: shapes that do not fit.
    """
    moved = moved if moved.ndim == 3 else moved[:, None]
    if clean.ndim != 2 or len(clean) < 2 or clean.shape != moved[:, 0].shape:
        raise ValueError(
            f"Expected clean features (N, D), N > 1, and moved ones (N, D) or (N, J, D); "
            f"got {tuple(clean.shape)} and {tuple(moved.shape)}."
        )
    rank = effective_rank(clean)
    mean, root = whitener(clean)
    if components is not None:
        root = root[:, -components:]  # its columns belong to rising variances
    a = torch.nn.functional.normalize((clean.double() - mean) @ root, dim=-1)
    b = torch.nn.functional.normalize((moved.double() - mean) @ root, dim=-1)
    count, draws = moved.shape[:2]
    each = (a[:, None] * b).sum(-1).mean(1)
    same = each.mean()
    everything = torch.einsum("nd,mjd->", a, b)
    other = (everything - same * count * draws) / (count * (count - 1) * draws)
    images = (each - other) / (1 - other).clamp(min=1e-12)
    return CosineInvariance(float(images.mean()), float(1 - other), rank, images)


def whitener(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (D,) and inverse square root (D, D) of the covariance, ridge 1e-3 of its mean variance; float64."""
    z = features.double()
    mean = z.mean(0)
    covariance = (z - mean).T @ (z - mean) / max(1, len(z) - 1)
    ridge = 1e-3 * covariance.trace() / len(covariance)
    values, vectors = eigh(covariance)
    return mean, vectors * (values.clamp(min=0) + ridge).clamp(min=1e-300).rsqrt()
