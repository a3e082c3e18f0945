"""What an extractor does, as numbers: the same pictures go through every one of them.

A handful of pictures is shown as it is and moved once along every axis, so that one pass tells both
how an extractor arranges pictures and what it notices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..backbones import Prepared
from ..inspect.probes import probe_images
from ..model.amortised import AmortisedExtractor
from ..parallel import spread

Progress = Callable[[str, float], None]

KINDS = ("features", "sensitivity", "weights")
"""What descriptors are compared by; see :class:`Representations`."""

IMAGES = 256
_WEIGHTS = 16_384
"""Entries drawn from all weights: distances between fewer differ by about 1 % from those between all."""
TOGETHER = 32
"""Descriptors that are sent at a time to run elsewhere: the model and the pictures go with them."""


@dataclass(frozen=True)
class Probe:
    """Pictures that every extractor is shown.

    Attributes:
        images: (1 + K) P of them, prepared: P pictures as they are, then P for each axis, moved along it.
        pictures: P.
    """

    images: Prepared
    pictures: int


@dataclass(frozen=True)
class Representations:
    """One row per descriptor.

    Attributes:
        features: (M, N (N + 1) / 2) cosines between all N images, centred by the unmoved ones, and of
            length 1. They do not change when feature space is turned, which no linear head would notice;
            the squared distance of two rows is 2 - 2 CKA (Kornblith et al., arXiv 1905.00414, Eq. 4,
            on features of length 1).
        sensitivity: (M, K) how far features move along each axis; 0 = unmoved, 1 = another picture.
        weights: (M, W) entries of the generated weights, the same ones for all.
    """

    features: np.ndarray
    sensitivity: np.ndarray
    weights: np.ndarray

    def of(self, kind: str) -> np.ndarray:
        """The rows of one of :data:`KINDS`."""
        return {"features": self.features, "sensitivity": self.sensitivity, "weights": self.weights}[kind]


def probe(model: AmortisedExtractor, seed: int, images: int = IMAGES) -> Probe:
    """At least ``images`` images for a model; the strengths are uniform over each axis' range."""
    axes = model.transforms
    count = -(-images // (1 + len(axes)))
    pictures = probe_images(count, seed, model.input_size)
    generator = torch.Generator().manual_seed(seed)
    places = torch.rand(len(axes), count, generator=generator)
    moved = [axis.apply(pictures, axis.low + axis.width * place) for axis, place in zip(axes, places, strict=True)]
    return Probe(model.prepare(torch.cat([pictures, *moved])), count)


def take_representations(
    model: AmortisedExtractor,
    points: np.ndarray,
    probe: Probe,
    progress: Progress,
    jobs: int = 1,
    scheduler: str | None = None,
    *,
    least_weights: int = _WEIGHTS,
) -> Representations:
    """Run the probe through the extractor of every point.

    Args:
        model: any amortised extractor.
        points: (M, K) in [0, 1].
        probe: see :func:`probe`.
        progress: called with a text and the share that is done; may raise to stop.
        jobs, scheduler: see :func:`core.parallel.spread`.
        least_weights: entries of the weights that are kept; all if there are fewer.
    """
    count = len(probe.images)
    features = np.empty((len(points), count * (count + 1) // 2), np.float32)
    sensitivity = np.empty((len(points), len(model.transforms)), np.float32)
    weights = []
    found = spread(partial(_one, model, probe, least_weights), points, jobs, scheduler, together=TOGETHER)
    for number, (structure, movement, entries) in enumerate(found):
        features[number], sensitivity[number] = structure, movement
        weights.append(entries)
        progress("extractors", (number + 1) / len(points))
    return Representations(features, sensitivity, np.stack(weights))


def _one(
    model: AmortisedExtractor, probe: Probe, least_weights: int, point: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows of one descriptor (K,)."""
    images = probe.images
    with torch.inference_mode(), half_precision(images.device):
        generated = model.weights(torch.tensor(point, device=images.device))
        flat = torch.cat([value.float().flatten() for value in generated.values()])
        entries = flat[_draw(len(flat), least_weights)].cpu().numpy()
        found = model.extract(images, generated).float().cpu()
        rows = F.normalize(found - found[: probe.pictures].mean(0), dim=1)
        return _structure(rows), _movement(rows, probe.pictures), entries


def half_precision(where: torch.device) -> torch.autocast:
    """Twice as fast where the processor has it, and moves the features by less than 1 %."""
    has = where.type == "cuda" or bool(torch.cpu.get_capabilities().get("avx512_bf16"))
    return torch.autocast(where.type, torch.bfloat16, enabled=has)


@lru_cache(maxsize=4)
def _draw(count: int, least: int) -> Tensor:
    return torch.randperm(count, generator=torch.Generator().manual_seed(0))[:least]


def _structure(rows: Tensor) -> np.ndarray:
    upper = torch.triu_indices(len(rows), len(rows)).unbind()
    # Off the diagonal each cosine stands for two entries of the matrix.
    cosines = (rows @ rows.T).float()[upper] * torch.where(upper[0] == upper[1], 1.0, 2**0.5)
    return F.normalize(cosines, dim=0).numpy()


def _movement(rows: Tensor, pictures: int) -> np.ndarray:
    """(K,) mean distance of the moved pictures from the unmoved, relative to that between different pictures."""
    originals, moved = rows[:pictures], rows[pictures:].unflatten(0, (-1, pictures))
    total = originals.sum(0).square().sum() - originals.square().sum()
    spread = 1 - total / (pictures * (pictures - 1))
    return ((1 - (moved * originals).sum(2).mean(1)) / spread.clamp(min=1e-6)).numpy()
