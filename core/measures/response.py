"""Features of transformed images: the raw material of every measure."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..axes.transforms import Axis
from ..checks import check_images

Features = Callable[[Tensor], Tensor]
_BATCH = 512


def in_batches(features: Features, images: Tensor) -> Tensor:
    """Apply ``features`` to (N, 3, H, W) images in pieces that fit the processor's cache; (N, D)."""
    return torch.cat([features(piece) for piece in images.split(_BATCH)])


def draw_magnitudes(axis: Axis, images: int, draws: int, seed: int) -> Tensor:
    """(images, draws) independent uniform magnitudes in the axis' unit.

    Independent, because the variance components of M1 assume it: one draw from each of J equal
    slices would inflate the variance within images by 14 % at J = 8.
    """
    generator = torch.Generator().manual_seed(seed)
    return axis.low + axis.width * torch.rand(images, draws, generator=generator)


def collect(features: Features, images: Tensor, axis: Axis, draws: int = 8, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Transform every image ``draws`` times along one axis, the rest as in the photograph.

    Args:
        features: images (n, 3, H, W) -> features (n, D).
        images: (N, 3, H, W) in [0, 1].
        axis: the transformation.
        draws: J.
        seed: of the magnitudes.

    Returns:
        features (N, J, D) and magnitudes (N, J).
    """
    images = check_images(images)
    magnitudes = draw_magnitudes(axis, len(images), draws, seed).to(images.device)
    moved = [features(axis.apply(piece, t)) for piece, t in _pieces(images, magnitudes)]
    return torch.cat(moved).view(len(images), draws, -1).float(), magnitudes


def _pieces(images: Tensor, magnitudes: Tensor) -> list[tuple[Tensor, Tensor]]:
    draws = magnitudes.shape[1]
    size = max(1, _BATCH // draws)
    return [
        (piece.repeat_interleave(draws, 0), t.flatten())
        for piece, t in zip(images.split(size), magnitudes.split(size), strict=True)
    ]
