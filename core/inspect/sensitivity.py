"""How far features move while a picture is transformed, on a scale where 1 is another picture.

The steps are split by what they depend on: transformed pictures do not depend on the descriptor, so
a program in which a person slides descriptors prepares them once (:func:`picture_inputs`,
:func:`crowd_inputs`) and runs the network alone. :func:`sensitivity` does all of it for one axis.
"""

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
from ..measures.intraclass import MINIMUM_RANK, effective_rank
from ..measures.response import Features
from ..model.amortised import AmortisedExtractor, to_input

WORKING_SIDE = 64
"""Pictures are shrunk to twice the extractor's input before they are transformed for it: the network
sees 32 pixels either way, and transforming costs a time in proportion to the area."""


def strengths(axis: Axis, count: int = 21) -> np.ndarray:
    """(count,) evenly spaced magnitudes over the axis' range that contain the identity.

    Raises:
        ValueError: fewer than 3.
    """
    if count < 3:
        raise ValueError(f"At least 3 strengths are needed to draw a curve; got {count}.")
    values = np.linspace(axis.low, axis.high, count)
    values[np.abs(values).argmin()] = 0.0
    return values


def sweep(picture: Tensor, axis: Axis, values: Sequence[float] | np.ndarray) -> Tensor:
    """One picture (3, H, W) at several strengths, (S, 3, H, W), at its own resolution."""
    return axis.apply(picture.expand(len(values), -1, -1, -1), torch.as_tensor(np.asarray(values), dtype=picture.dtype))


@dataclass(frozen=True)
class Background:
    """What different pictures look like to one extractor: the meaning of 0 and of 1.

    Attributes:
        centre: (D,) mean feature of the untransformed probe images.
        originals: (P, D) their centred features, of length 1.
        spread: mean distance 1 - cosine between different probe images.
        rank: effective rank of their features, at most P - 1.
    """

    centre: Tensor
    originals: Tensor
    spread: float
    rank: float

    @property
    def collapsed(self) -> bool:
        """Too few directions are in use to speak of invariance.

        The spread of centred features stays near 1 even where nothing but noise is left of them,
        so the rank decides.
        """
        return self.rank < MINIMUM_RANK

    def movement(self, similarity: np.ndarray) -> np.ndarray:
        """Similarities as distances on the scale where 1 is another picture."""
        return (1 - similarity) / max(self.spread, 1e-6)

    def cosine(self, features: Tensor, reference: Tensor) -> np.ndarray:
        """Cosine of centred features (..., D) with unit-length references that broadcast against them."""
        return (F.normalize(features - self.centre, dim=-1) * reference).sum(-1).numpy()


def background(features: Features, probes: Tensor) -> Background:
    """Measure untransformed probe images (P, 3, 32, 32), P >= 2."""
    raw = features(check_images(probes, minimum=2))
    centre = raw.mean(0)
    originals = F.normalize(raw - centre, dim=1)
    count = len(probes)
    spread = 1 - float((originals @ originals.T).sum() - originals.square().sum()) / (count * (count - 1))
    return Background(centre, originals, spread, effective_rank(raw))


def working_copy(pixels: Tensor) -> Tensor:
    """A picture (3, H, W) at :data:`WORKING_SIDE`, or as it is where a side is no longer than that."""
    if min(pixels.shape[-2:]) <= WORKING_SIDE:
        return pixels
    size = (WORKING_SIDE, WORKING_SIDE)
    return F.interpolate(pixels[None], size, mode="bilinear", antialias=True, align_corners=False)[0].clamp(0, 1)


def picture_inputs(pixels: Tensor, axes: Sequence[Axis], count: int) -> Tensor:
    """What the extractor sees of a picture (3, H, W) along every axis, (K, count, 3, 32, 32)."""
    small = working_copy(pixels)
    return torch.stack([to_input(sweep(small, axis, strengths(axis, count))) for axis in axes])


def crowd_inputs(probes: Tensor, axis: Axis, values: Sequence[float] | np.ndarray) -> Tensor:
    """Probe images (P, 3, 32, 32) along one axis at S strengths, (P, S, 3, 32, 32)."""
    at = torch.as_tensor(np.asarray(values), dtype=probes.dtype)
    moved = axis.apply(probes.repeat_interleave(len(at), 0), at.repeat(len(probes)))
    return moved.unflatten(0, (len(probes), len(at)))


def picture_similarity(features: Features, inputs: Tensor, axes: Sequence[Axis], ground: Background) -> np.ndarray:
    """Centred cosine (K, S) of the features of ``picture_inputs`` with those of the untransformed picture."""
    raw = features(inputs.flatten(0, 1)).unflatten(0, inputs.shape[:2])
    identity = int(np.flatnonzero(strengths(axes[0], inputs.shape[1]) == 0)[0])  # the same picture on every axis
    return ground.cosine(raw, F.normalize(raw[0, identity] - ground.centre, dim=0))


def crowd_similarity(features: Features, inputs: Tensor, ground: Background) -> np.ndarray:
    """Centred cosine (P, S) of the features of ``crowd_inputs`` with those of the same image untransformed."""
    raw = features(inputs.flatten(0, 1)).unflatten(0, inputs.shape[:2])
    return ground.cosine(raw, ground.originals[:, None])


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
    probes = to_input(check_images(probes, minimum=2))
    values = strengths(axis, count)

    def features(images: Tensor) -> Tensor:
        return model.features(images, descriptor)

    ground = background(features, probes)
    similarity = picture_similarity(features, picture_inputs(picture, (axis,), count), (axis,), ground)[0]
    crowd = crowd_similarity(features, crowd_inputs(probes, axis, values), ground)
    return Sensitivity(axis, values, similarity, ground.movement(similarity), ground.movement(crowd), ground)
