"""Onset: up to which change a slider ignores its transformation; its scale says that this is its own number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from ..axes.descriptor import Descriptor
from ..axes.transforms import Axis
from ..checks import check_images
from ..eigen import eigh
from .control import MIDDLE, Extracts
from .intraclass import MINIMUM_RANK, effective_rank
from .response import Moved, Prepare, move_to

STEPS = 12
"""Changes that are measured: 1/12, 2/12, ... of the axis' range."""

LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)
JUDGED = (0.25, 0.5, 0.75)
"""Settings of i_k that are measured, and those whose onset is held against them."""

HALF = 0.5
MINIMUM_MOVEMENT = 0.02
"""Less than this, at every change, is no movement of which half could be asked for."""

METRICS = ("own", "whitened")


@dataclass(frozen=True)
class Onset:
    """The calibration of one slider, in two metrics (``"own"`` and ``"whitened"``).

    Attributes:
        axis: its name.
        changes: (S,) changes d, as shares of the axis' range.
        levels: (L,) settings of i_k, the first is 0.
        moves: by metric, (L, N, S): what each image moves at each setting and change, before normalisation.
        spreads: by metric, (L, N): what each image adds to the variance that it is normalised by.
        rank: (L,) effective rank of the features.
    """

    axis: str
    changes: np.ndarray
    levels: np.ndarray
    moves: dict[str, np.ndarray]
    spreads: dict[str, np.ndarray]
    rank: np.ndarray

    def curves(self, metric: str = "own", picks: np.ndarray | None = None) -> np.ndarray:
        """(L, S) movement at each change: 0 = none, 1 = as far as two pictures of the set are apart on average.

        Args:
            metric: which.
            picks: (R, N) images, with repetitions; then the curves of each row, (R, L, S).
        """
        moves, spreads = self.moves[metric], self.spreads[metric]
        if picks is None:
            return moves.mean(1) / (2 * spreads.mean(1)[:, None])
        count = moves.shape[1]
        weights = np.stack([np.bincount(pick, minlength=count) for pick in picks]) / picks.shape[1]
        return np.einsum("rn,lns->rls", weights, moves) / (2 * np.einsum("rn,ln->rl", weights, spreads))[..., None]

    def noticed(self, metric: str = "own") -> bool:
        """Whether i_k = 0 moves enough at any change for half of it to mean something."""
        return bool(self.curves(metric)[0].max() >= MINIMUM_MOVEMENT)

    @property
    def collapsed(self) -> bool:
        """At some setting too few directions are in use to speak of invariance."""
        return bool(self.rank.min() < MINIMUM_RANK)

    def onsets(self, metric: str = "own") -> np.ndarray:
        """(L,) onset_k(i) for each setting, in [0, 1]; all 0 if nothing is noticed even where it is kept."""
        return self._onsets(self.curves(metric), metric)

    def error(self, metric: str = "own") -> float:
        """The largest abs(onset_k(i) - i) over :data:`JUDGED`, in [0, 1]; the figure that has a bar."""
        return float(self._errors(self.onsets(metric)))

    def bootstrap(self, seed: int, repeats: int = 1000, metric: str = "own") -> tuple[np.ndarray, np.ndarray]:
        """Resample images: onsets (repeats, L) and errors (repeats,), the same images at every setting."""
        count = self.moves[metric].shape[1]
        picks = np.random.default_rng(seed).integers(count, size=(repeats, count))
        onsets = self._onsets(self.curves(metric, picks), metric)
        return onsets, self._errors(onsets)

    def _onsets(self, curves: np.ndarray, metric: str) -> np.ndarray:
        if not self.noticed(metric):
            return np.zeros(curves.shape[:-1])
        return crossing(self.changes, curves / curves[..., :1, :].clip(1e-12))

    def _errors(self, onsets: np.ndarray) -> np.ndarray:
        judged = [number for number, level in enumerate(self.levels) if level in JUDGED]
        return np.abs(onsets - self.levels)[..., judged].max(-1)


def crossing(changes: np.ndarray, ratios: np.ndarray, level: float = HALF) -> np.ndarray:
    """The change at which each curve first reaches ``level``, between two changes by a straight line.

    Args:
        changes: (S,), rising.
        ratios: (..., S).
        level: to be reached.

    Returns:
        (...); 0 where the smallest change reaches it already, 1 where none does.
    """
    over = ratios >= level
    first = over.argmax(-1)
    before = np.maximum(first - 1, 0)
    low, high = (np.take_along_axis(ratios, at[..., None], -1)[..., 0] for at in (before, first))
    share = (level - low) / np.where(high > low, high - low, 1.0)
    found = changes[before] + share * (changes[first] - changes[before])
    return np.where(over.any(-1), np.where(first == 0, 0.0, found), 1.0)


def ladder(prepare: Prepare, images: Tensor, axis: Axis, seed: int = 0, steps: int = STEPS) -> Moved:
    """Every image at strengths that are equally far apart, for :func:`onset`; once, for every descriptor.

    Each image's ladder begins at a random height below its first step, so that the pairs that are j steps apart have
    strengths (a, a + j / steps) with a uniform in all that fits. Both ends of the range are added as the last two,
    because the full range has one pair.

    Args:
        prepare: of the model that is measured.
        images: (N, 3, H, W) in [0, 1].
        axis: the transformation.
        seed: of the heights.
        steps: S.

    Returns:
        N (S + 2) images.
    """
    images = check_images(images, minimum=2)
    generator = torch.Generator().manual_seed(seed)
    start = torch.rand(len(images), 1, generator=generator)
    shares = torch.cat([(start + torch.arange(steps)) / steps, torch.zeros_like(start), torch.ones_like(start)], 1)
    return move_to(prepare, images, axis, axis.low + axis.width * shares)


def onset(
    model: Extracts,
    moved: Moved,
    number: int,
    levels: Sequence[float] = LEVELS,
    features: Callable[[Descriptor], Tensor] | None = None,
) -> Onset:
    """Movement against the size of a change, at several settings of one slider, the others at 0.5.

        m_i(d)     = mean || z(a + d) - z(a) ||^2 / (2 tr S_T),   S_T: covariance over images and strengths, at i
        onset_k(i) = the largest d up to which m_i < m_0 / 2

    A slider says that i = 0.5 ignores changes up to half the range (:class:`core.axes.descriptor.Descriptor`); then
    onset(i) = i. Dividing by the variance at the same descriptor makes m_i free of the features' scale and rotation,
    and 1 for pictures that have nothing in common, so features that shrink with i gain nothing. A collapse to few
    directions does not either: it is flagged (:attr:`Onset.collapsed`), no variance at all is refused, and an
    extractor that is deaf to the transformation at i = 0 has onset 0 everywhere.

    It is judged in the features' own metric. What a person sees of a change - the curve, the neighbours, the distance
    to another picture - is a length in it, and the sentence is about lengths. Whitening asks another question: whether
    a trace is left in any direction, however quiet, which :func:`core.measures.intraclass` and
    :func:`core.measures.decodability` answer. There one quiet direction that notices small changes would decide the
    onset of a slider that hardly moves; and it needs many times as many images as directions. Both are reported.

    Args:
        model: what is measured.
        moved: from :func:`ladder`, along the axis.
        number: k, of that axis.
        levels: settings of i_k; the first is 0.
        features: of ``moved`` under a descriptor, (N, S + 2, D), if they are at hand; default: made here.

    Raises:
        ValueError: the first level is not 0, or the features do not vary at all.
    """
    axis = model.transforms[number]
    if not levels or levels[0] != 0:
        raise ValueError(f"Onset compares settings with 0, so the first of them must be 0; got {tuple(levels)}.")
    make = features or (lambda point: moved.under(partial(model.features, descriptor=point)))
    base = Descriptor.constant(MIDDLE, model.transforms)
    found = [_movement(make(base.replace(**{axis.name: level}))) for level in levels]
    steps = moved.magnitudes.shape[1] - 2
    return Onset(
        axis.name,
        np.arange(1, steps + 1) / steps,
        np.array(levels),
        {metric: np.stack([each[0][metric] for each in found]) for metric in METRICS},
        {metric: np.stack([each[1][metric] for each in found]) for metric in METRICS},
        np.array([each[2] for each in found]),
    )


def _movement(features: Tensor) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], float]:
    """Features (N, S + 2, D) -> by metric what images move (N, S) and spread (N,), and the effective rank."""
    z = features.double()
    flat = z[:, :-2].flatten(0, 1)  # strengths uniform in the range; the two ends would count too much
    centred = flat - flat.mean(0)
    covariance = centred.T @ centred / len(flat)
    trace = float(covariance.trace())
    if not trace > 1e-12 * max(1.0, float(z.square().mean())):
        raise ValueError(
            "The features are the same for every image and strength, so no change can be small or large: "
            "the extractor has collapsed. Check its weights."
        )
    size = len(covariance)
    values, vectors = eigh(covariance)
    root = vectors * (values.clamp(min=0) + 1e-3 * trace / size).rsqrt()
    moves, spreads = {}, {}
    for metric, points in (("own", z - flat.mean(0)), ("whitened", (z - flat.mean(0)) @ root)):
        moves[metric] = _pairs(points).numpy()
        spreads[metric] = points[:, :-2].square().sum(2).mean(1).cpu().numpy()
    return moves, spreads, effective_rank(flat)


def _pairs(points: Tensor) -> Tensor:
    """(N, S) mean squared distance of the points of a ladder that are 1, 2, ..., S - 1 steps apart, and of its ends."""
    steps = points.shape[1] - 2
    apart = [(points[:, lag:steps] - points[:, : steps - lag]).square().sum(2).mean(1) for lag in range(1, steps)]
    return torch.stack([*apart, (points[:, -1] - points[:, -2]).square().sum(1)], 1).cpu()
