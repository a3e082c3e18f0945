"""How far features move while a picture is transformed, on a scale where 1 is another picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..axes.descriptor import DescriptorLike
from ..axes.transforms import Axis
from ..checks import check_images
from ..measures.response import in_batches
from ..model.amortised import AmortisedExtractor, to_size
from .background import Background, background, crowd_pixels
from .grid import strengths

WORKING = 2
"""Pictures are shrunk to twice the side of the backbone's input before they are transformed for it: it sees no more
either way, and transforming costs a time in proportion to the area."""


def sweep(picture: Tensor, axis: Axis, values: Sequence[float] | np.ndarray) -> Tensor:
    """One picture (3, H, W) at several strengths, (S, 3, H, W), at its own resolution."""
    return axis.apply(picture.expand(len(values), -1, -1, -1), torch.as_tensor(np.asarray(values), dtype=picture.dtype))


def working_copy(pixels: Tensor, side: int) -> Tensor:
    """A picture (3, H, W) at :data:`WORKING` times ``side``, or as it is where a side is no longer than that."""
    if min(pixels.shape[-2:]) <= WORKING * side:
        return pixels
    return to_size(pixels[None], WORKING * side)[0]


def seen(pixels: Tensor, axes: Sequence[Axis], count: int, side: int) -> Tensor:
    """What a backbone sees of a picture (3, H, W) along every axis, (K, count, 3, side, side)."""
    small = working_copy(pixels, side)
    return torch.stack([to_size(sweep(small, axis, strengths(axis, count)), side) for axis in axes])


def similarity_to_itself(raw: Tensor, axes: Sequence[Axis], ground: Background) -> np.ndarray:
    """Centred cosine (K, S) of a picture's features (K, S, D) along every axis with those of the unmoved picture."""
    identity = int(np.flatnonzero(strengths(axes[0], raw.shape[1]) == 0)[0])  # the same picture on every axis
    return ground.cosine(raw, F.normalize(raw[0, identity] - ground.centre, dim=0))


@dataclass(frozen=True)
class Sensitivity:
    """Sensitivity of one picture along one axis under one descriptor.

    Attributes:
        axis: the transformation.
        strengths: (S,) in the axis' unit.
        similarity: (S,) centred cosine of the picture's features with the untransformed ones, in [-1, 1].
        picture: (S,) (1 - similarity) / spread; 0 = unmoved, 1 = as different as another picture.
        probes: (P, S) the same for each probe image.
        ground: what other pictures look like to this extractor.
    """

    axis: Axis
    strengths: np.ndarray
    similarity: np.ndarray
    picture: np.ndarray
    probes: np.ndarray
    ground: Background

    @property
    def area(self) -> float:
        """Mean sensitivity of the picture over the axis' range, the one-number summary."""
        return float(self.picture.mean())


def sensitivity(
    model: AmortisedExtractor,
    picture: Tensor,
    descriptor: DescriptorLike,
    axis: Axis,
    probes: Tensor,
    count: int = 21,
) -> Sensitivity:
    """Measure the sensitivity curve of a picture and of probe images.

    Features are centred by the mean over the untransformed probes under the same descriptor, because
    the cosine of uncentred features is close to 1 for any two pictures.

    Args:
        model: the amortised extractor.
        picture: (3, H, W) in [0, 1].
        descriptor: K numbers.
        axis: what is done to the picture.
        probes: (P, 3, h, w) other images, P >= 2: the band and the meaning of 1.
        count: number of strengths.

    Raises:
        TypeError, ValueError: see :mod:`core.checks`.
    """
    check_images(picture[None])
    probes = to_size(check_images(probes, minimum=2), model.input_size)
    values, weights = strengths(axis, count), model.frozen_weights(descriptor)
    ground = background(lambda images: model.features_with(images, weights), probes)
    raw = model.features_with(seen(picture, (axis,), count, model.input_size)[0], weights)
    similarity = similarity_to_itself(raw[None], (axis,), ground)[0]
    moved = in_batches(lambda images: model.features_with(images, weights), crowd_pixels(probes, axis, values))
    crowd = ground.cosine(moved.unflatten(0, (len(probes), count)), ground.originals[:, None])
    return Sensitivity(axis, values, similarity, ground.movement(similarity), ground.movement(crowd), ground)
