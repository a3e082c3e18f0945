"""How far the features of one picture move while it is transformed, on a scale where 1 is another picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.checks import check_images
from core.descriptor import DescriptorLike
from core.measures.cosine import MINIMUM_SPREAD
from core.model import AmortisedExtractor, to_input
from core.transforms import Axis


@dataclass(frozen=True)
class Sensitivity:
    """Sensitivity of one picture along one axis under one descriptor.

    Attributes:
        axis: the transformation.
        strengths: (S,) in the axis' unit.
        similarity: (S,) centred cosine of the picture's features with the untransformed ones, in [-1, 1].
        picture: (S,) (1 - similarity) / spread; 0 = unmoved, 1 = as different as another picture.
        probes: (P, S) the same for each probe image.
        spread: mean distance 1 - cosine between different probe images, in [0, 2].
    """

    axis: Axis
    strengths: np.ndarray
    similarity: np.ndarray
    picture: np.ndarray
    probes: np.ndarray
    spread: float

    @property
    def collapsed(self) -> bool:
        """Different pictures look alike to this extractor, so no invariance may be claimed."""
        return self.spread < MINIMUM_SPREAD

    @property
    def area(self) -> float:
        """Mean sensitivity of the picture over the axis' range, the one-number summary."""
        return float(self.picture.mean())


def strengths(axis: Axis, count: int = 21) -> np.ndarray:
    """``count`` evenly spaced magnitudes over the axis' range that contain the identity.

    Raises:
        ValueError: fewer than 3.
    """
    if count < 3:
        raise ValueError(f"At least 3 strengths are needed to draw a curve; got {count}.")
    values = np.linspace(axis.low, axis.high, count)
    values[np.abs(values).argmin()] = 0.0
    return values


def sensitivity(
    model: AmortisedExtractor,
    picture: Tensor,
    descriptor: DescriptorLike,
    axis: Axis,
    probes: Tensor,
    at: Sequence[float] | np.ndarray | None = None,
) -> Sensitivity:
    """Measure the sensitivity curve of a picture and of probe images.

    Features are centred by the mean over the untransformed probes under the same descriptor, because
    the cosine of uncentred features is close to 1 for any two pictures (interface to M2 in
    :mod:`core.measures`).

    Args:
        model: the amortised extractor.
        picture: (3, H, W) in [0, 1].
        descriptor: K numbers.
        axis: what is done to the picture.
        probes: (P, 3, h, w) other images, P >= 2: the band and the meaning of 1.
        at: strengths in the axis' unit; default :func:`strengths`.

    Raises:
        TypeError, ValueError: see :mod:`core.checks`.
    """
    check_images(picture[None])
    probes = to_input(check_images(probes, minimum=2))
    values = strengths(axis) if at is None else np.asarray(at, dtype=float)
    moved = to_input(sweep(picture, axis, values))
    clean = torch.cat([to_input(picture[None]), probes])
    crowd = probes.repeat_interleave(len(values), 0)
    crowd = axis.apply(crowd, torch.tensor(values, dtype=crowd.dtype).repeat(len(probes)))
    features = model.features(torch.cat([clean, moved, crowd]), descriptor)
    features = F.normalize(features - features[1 : len(clean)].mean(0), dim=1)
    own, others, rest = features[0], features[1 : len(clean)], features[len(clean) :]
    count = len(probes)
    spread = float(1 - ((others @ others.T).sum() - count) / (count * (count - 1)))
    similarity = (rest[: len(values)] @ own).numpy()
    cosines = (rest[len(values) :].view(count, len(values), -1) * others[:, None]).sum(-1).numpy()
    scale = max(spread, 1e-6)
    return Sensitivity(axis, values, similarity, (1 - similarity) / scale, (1 - cosines) / scale, spread)


def sweep(picture: Tensor, axis: Axis, values: Sequence[float] | np.ndarray) -> Tensor:
    """One picture (3, H, W) at several strengths, (S, 3, H, W), at its own resolution."""
    return axis.apply(picture.expand(len(values), -1, -1, -1), torch.as_tensor(np.asarray(values), dtype=picture.dtype))
