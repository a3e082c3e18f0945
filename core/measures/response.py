"""Features of transformed images: the raw material of every measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ..axes.transforms import Axis
from ..backbones.base import Prepared, joined
from ..checks import check_images

Images = Tensor | Prepared
"""Pixels (N, 3, H, W) in [0, 1], or what a model's stem has made of them."""

Features = Callable[[Images], Tensor]
"""N images -> features (N, D)."""

Prepare = Callable[[Tensor], Prepared]
"""Pixels -> what does not depend on the descriptor; see :meth:`core.model.amortised.AmortisedExtractor.prepare`."""

_BATCH = 512


def in_batches(features: Features, images: Images) -> Tensor:
    """Apply ``features`` to N images in pieces that fit the processor's cache; (N, D)."""
    return torch.cat([features(piece) for piece in images.split(_BATCH)])


@dataclass(frozen=True)
class Moved:
    """N images, each transformed J times along one axis: once, for the features of every descriptor.

    Attributes:
        images: N J of them, prepared; those of one image follow each other.
        magnitudes: (N, J), in the axis' unit.
    """

    images: Prepared
    magnitudes: Tensor

    def under(self, features: Features) -> Tensor:
        """Features (N, J, D)."""
        found = in_batches(features, self.images).to(self.magnitudes.device)
        return found.view(*self.magnitudes.shape, -1).float()


def draw_magnitudes(axis: Axis, images: int, draws: int, seed: int) -> Tensor:
    """(images, draws) independent uniform magnitudes in the axis' unit.

    Independent, because the variance components of M1 assume it: one draw from each of J equal
    slices would inflate the variance within images by 14 % at J = 8.
    """
    generator = torch.Generator().manual_seed(seed)
    return axis.low + axis.width * torch.rand(images, draws, generator=generator)


def move(prepare: Prepare, images: Tensor, axis: Axis, draws: int = 8, seed: int = 0) -> Moved:
    """Transform every image ``draws`` times along one axis, the rest as in the photograph.

    Args:
        prepare: of the model that is measured.
        images: (N, 3, H, W) in [0, 1].
        axis: the transformation.
        draws: J.
        seed: of the magnitudes.
    """
    images = check_images(images)
    return move_to(prepare, images, axis, draw_magnitudes(axis, len(images), draws, seed))


def move_to(prepare: Prepare, images: Tensor, axis: Axis, magnitudes: Tensor) -> Moved:
    """Transform every image (N, 3, H, W) once for each of its magnitudes (N, J), in the axis' unit."""
    draws = magnitudes.shape[1]
    magnitudes = magnitudes.to(images.device)
    pieces = zip(images.split(_piece(draws)), magnitudes.split(_piece(draws)), strict=True)
    moved = [prepare(axis.apply(piece.repeat_interleave(draws, 0), t.flatten())) for piece, t in pieces]
    return Moved(joined(moved), magnitudes)


def _piece(draws: int) -> int:
    return max(1, _BATCH // draws)
