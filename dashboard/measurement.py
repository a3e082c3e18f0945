"""Feature movement for the pages, split by what it depends on so that sliding recomputes only features.

The formula is :func:`core.sensitivity.sensitivity`'s (a test compares the two); the split is ours.
Transformed pictures depend on the picture, the band on the probe images, and neither on the
descriptor, so each is prepared once and only the network runs while a person slides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.measures import effective_rank
from core.measures.cosine import MINIMUM_SPREAD
from core.measures.intraclass import MINIMUM_RANK
from core.model import to_input
from core.sensitivity import strengths, sweep
from core.transforms import Axis

Features = Callable[[Tensor], Tensor]

POINTS = 13
STRIDE = 2
"""Every second point of a curve is a picture of the filmstrip and carries the band."""

PROBES = 32
_WORKING_SIDE = 128  # four times the extractor's input: a blur of 512 pixels takes 2 s, of 128 a fiftieth


def curve_strengths(axis: Axis) -> np.ndarray:
    """(POINTS,) strengths of a curve, in the axis' unit."""
    return strengths(axis, POINTS)


def frame_strengths(axis: Axis) -> np.ndarray:
    """(F,) strengths of the filmstrip: every second one of the curve."""
    return curve_strengths(axis)[::STRIDE]


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
        """Different pictures look alike, so nothing may be said about what is ignored."""
        return self.spread < MINIMUM_SPREAD or self.rank < MINIMUM_RANK

    def movement(self, similarity: np.ndarray) -> np.ndarray:
        """Similarities as distances on the scale where 1 is another picture."""
        return (1 - similarity) / max(self.spread, 1e-6)


def background(features: Features, probes: Tensor) -> Background:
    """Measure untransformed probe images (P, 3, 32, 32), P >= 2."""
    raw = features(probes)
    centre = raw.mean(0)
    originals = F.normalize(raw - centre, dim=1)
    count = len(probes)
    spread = 1 - float((originals @ originals.T).sum() - originals.square().sum()) / (count * (count - 1))
    return Background(centre, originals, spread, effective_rank(raw))


def picture_inputs(pixels: Tensor, axes: Sequence[Axis]) -> Tensor:
    """What the extractor sees of a picture along every axis, (K, POINTS, 3, 32, 32)."""
    small = _shrink(pixels)
    return torch.stack([to_input(sweep(small, axis, curve_strengths(axis))) for axis in axes])


def crowd_inputs(probes: Tensor, axis: Axis) -> Tensor:
    """Probe images along one axis at the strengths of the filmstrip, (P, F, 3, 32, 32)."""
    values = torch.as_tensor(frame_strengths(axis), dtype=probes.dtype)
    moved = axis.apply(probes.repeat_interleave(len(values), 0), values.repeat(len(probes)))
    return moved.unflatten(0, (len(probes), len(values)))


def picture_similarity(features: Features, inputs: Tensor, axes: Sequence[Axis], ground: Background) -> np.ndarray:
    """Centred cosine (K, POINTS) of the picture's features with those of the untransformed picture."""
    moved = _centred(features(inputs.flatten(0, 1)), ground).unflatten(0, inputs.shape[:2])
    identity = int(np.flatnonzero(curve_strengths(axes[0]) == 0)[0])  # the same picture on every axis
    return (moved @ moved[0, identity]).numpy()


def crowd_similarity(features: Features, inputs: Tensor, ground: Background) -> np.ndarray:
    """Centred cosine (P, F) of each probe image's features with those of itself untransformed."""
    moved = _centred(features(inputs.flatten(0, 1)), ground).unflatten(0, inputs.shape[:2])
    return (moved * ground.originals[:, None]).sum(-1).numpy()


def _centred(raw: Tensor, ground: Background) -> Tensor:
    return F.normalize(raw - ground.centre, dim=1)


def _shrink(pixels: Tensor) -> Tensor:
    if min(pixels.shape[-2:]) <= _WORKING_SIDE:
        return pixels
    size = (_WORKING_SIDE, _WORKING_SIDE)
    return F.interpolate(pixels[None], size, mode="bilinear", antialias=True, align_corners=False)[0].clamp(0, 1)
