"""Other pictures: the meaning of 0 and of 1 for one extractor, and the band in which most of them move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

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


class Crowd:
    """Probe images as they are and at every frame of every axis, prepared: nothing in here depends on a descriptor.

    A frame is prepared when it is first asked for, once for all threads; :meth:`fill` prepares what is left.

    Args:
        prepare: of the model.
        pixels: (P, 3, S, S), the images.
        axes: K of them.
        probes: the images prepared, where they have been already.
    """

    def __init__(
        self, prepare: Prepare, pixels: Tensor, axes: tuple[Axis, ...], probes: Prepared | None = None
    ) -> None:
        self.axes, self._prepare, self._pixels = axes, prepare, pixels
        self.probes = prepare(pixels) if probes is None else probes
        self._frames: dict[tuple[int, int], Prepared] = {}
        self._lock = Lock()

    def fill(self) -> Iterator[int]:
        """Prepare all frames, one after the other; the number of each axis as soon as its frames are all there."""
        for number in range(len(self.axes)):
            for frame in self._moving(number):
                self.frame(number, frame)
                yield number

    @property
    def ready(self) -> int:
        """Images that are prepared, of :attr:`total`; without those that have not been moved."""
        return len(self._frames) * len(self._pixels)

    @property
    def total(self) -> int:
        """Images that can be prepared."""
        return sum(len(self._moving(number)) for number in range(len(self.axes))) * len(self._pixels)

    def has(self, number: int) -> bool:
        """Whether all frames of an axis are prepared."""
        return all((number, frame) in self._frames for frame in self._moving(number))

    def frame(self, number: int, frame: int) -> Prepared:
        """The P images at one frame of an axis."""
        strength = float(frame_strengths(self.axes[number])[frame])
        if strength == 0:
            return self.probes
        with self._lock:
            if (number, frame) not in self._frames:
                moved = crowd_pixels(self._pixels, self.axes[number], [strength])
                self._frames[number, frame] = self._prepare(moved)
            return self._frames[number, frame]

    @property
    def kept(self) -> tuple[Prepared, ...]:
        """What it holds now."""
        return (self.probes, *self._frames.copy().values())

    def similarity(self, features: Features, ground: Background, number: int) -> np.ndarray:
        """Centred cosine (P, F) of the images moved along an axis with themselves unmoved."""
        found, moving = np.ones((len(self.probes), FRAMES), np.float32), self._moving(number)
        found[:, moving] = ground.cosine(self._raw(features, number, moving), ground.originals[:, None])
        return found

    def band(self, features: Features, ground: Background, number: int) -> np.ndarray:
        """(2, F) tenth and ninetieth percentile of the images' movement along one axis."""
        return np.percentile(ground.movement(self.similarity(features, ground, number)), (10, 90), axis=0)

    def bands(self, features: Features, ground: Background) -> np.ndarray:
        """(2, K, F) the same along every axis."""
        return np.stack([self.band(features, ground, number) for number in range(len(self.axes))], 1)

    def recognised(self, features: Features, ground: Background, number: int) -> float:
        """Share of the images that, changed as far as an axis goes, are still nearest to themselves.

        The check beside a claim of invariance: an extractor that ignores a change and is worth something
        still tells *which* picture was changed. Ties count as not recognised. In [0, 1], 1 / P by chance.
        """
        raw = self._raw(features, number, [frame for frame in (0, FRAMES - 1) if frame in self._moving(number)])
        similarity = torch.from_numpy(ground.cosine(raw[:, :, None], ground.originals))  # (P, ends, P)
        own = torch.eye(len(self.probes), dtype=torch.bool)[:, None]
        best_other = similarity.masked_fill(own, -2).amax(-1)
        return float((similarity.masked_fill(~own, -2).amax(-1) > best_other + 1e-6).float().mean())

    def _moving(self, number: int) -> list[int]:
        """Frames of an axis but for that of the unmoved picture."""
        return np.flatnonzero(frame_strengths(self.axes[number]) != 0).tolist()

    def _raw(self, features: Features, number: int, frames: Sequence[int]) -> Tensor:
        """(P, frames, D)."""
        raw = in_batches(features, joined([self.frame(number, frame) for frame in frames]))
        return raw.unflatten(0, (len(frames), len(self.probes))).transpose(0, 1)
