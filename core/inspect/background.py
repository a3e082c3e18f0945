"""Other pictures: the meaning of 0 and of 1 for one extractor, and the band in which most of them move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..axes.transforms import Axis
from ..backbones.base import Prepared, joined
from ..measures.intraclass import MINIMUM_RANK, effective_rank
from ..measures.response import Features, Images, Prepare, in_batches
from .grid import FRAMES, frame_strengths


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
        return (F.normalize(features - self.centre, dim=-1) * reference).sum(-1).cpu().numpy()


def background(features: Features, probes: Images) -> Background:
    """Measure untransformed probe images, P >= 2."""
    return background_of(features(probes))


def background_of(raw: Tensor) -> Background:
    """The same from their features (P, D).

    Raises:
        ValueError: fewer than 2.
    """
    count = len(raw)
    if count < 2:
        raise ValueError(f"At least 2 other pictures are needed to say what a large difference is; got {count}.")
    centre = raw.mean(0)
    originals = F.normalize(raw - centre, dim=1)
    spread = 1 - float((originals @ originals.T).sum() - originals.square().sum()) / (count * (count - 1))
    return Background(centre, originals, spread, effective_rank(raw))


def crowd_pixels(probes: Tensor, axis: Axis, values: Sequence[float] | np.ndarray) -> Tensor:
    """Probe images (P, 3, H, W) along one axis at F strengths, (P F, 3, H, W); those of one image together."""
    at = torch.as_tensor(np.asarray(values), dtype=probes.dtype)
    return axis.apply(probes.repeat_interleave(len(at), 0), at.repeat(len(probes)))


@dataclass(frozen=True)
class Crowd:
    """Probe images as they are and at every frame of every axis, prepared: nothing in here depends on a descriptor.

    Attributes:
        axes: K of them.
        probes: P images.
        moved: K P F images: for each axis each image at each of F frames.
    """

    axes: tuple[Axis, ...]
    probes: Prepared
    moved: Prepared

    @classmethod
    def of(cls, prepare: Prepare, probes: Tensor, axes: tuple[Axis, ...]) -> Crowd:
        """From pixels (P, 3, H, W)."""
        moved = [prepare(crowd_pixels(probes, axis, frame_strengths(axis))) for axis in axes]
        return cls(axes, prepare(probes), joined(moved))

    def similarity(self, features: Features, ground: Background, number: int) -> np.ndarray:
        """Centred cosine (P, F) of the images moved along an axis with themselves unmoved."""
        return ground.cosine(self._raw(features, number), ground.originals[:, None])

    def bands(self, features: Features, ground: Background) -> np.ndarray:
        """(2, K, F) tenth and ninetieth percentile of the images' movement along every axis."""
        moved = [ground.movement(self.similarity(features, ground, number)) for number in range(len(self.axes))]
        return np.stack([np.percentile(each, (10, 90), axis=0) for each in moved], 1)

    def recognised(self, features: Features, ground: Background, number: int) -> float:
        """Share of the images that, changed as far as an axis goes, are still nearest to themselves.

        The check beside a claim of invariance: an extractor that ignores a change and is worth something
        still tells *which* picture was changed. Ties count as not recognised. In [0, 1], 1 / P by chance.
        """
        ends = [frame for frame in (0, FRAMES - 1) if frame_strengths(self.axes[number])[frame] != 0]
        raw = self._raw(features, number)[:, ends]
        similarity = torch.from_numpy(ground.cosine(raw[:, :, None], ground.originals))  # (P, ends, P)
        own = torch.eye(len(self.probes), dtype=torch.bool)[:, None]
        best_other = similarity.masked_fill(own, -2).amax(-1)
        return float((similarity.masked_fill(~own, -2).amax(-1) > best_other + 1e-6).float().mean())

    def _raw(self, features: Features, number: int) -> Tensor:
        """(P, F, D)."""
        size = len(self.probes) * FRAMES
        raw = in_batches(features, self.moved[slice(number * size, (number + 1) * size)])
        return raw.unflatten(0, (len(self.probes), FRAMES))
