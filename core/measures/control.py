"""Does coordinate k of the descriptor control transformation k, and nothing else?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from torch import Tensor

from ..axes.descriptor import Descriptor, DescriptorLike
from ..axes.transforms import Axis
from ..backbones.base import Prepared
from ..checks import check_images
from .intraclass import MINIMUM_RANK, Intraclass, intraclass
from .response import Images, Moved, move


class Extracts(Protocol):
    """Anything with axes and features: the amortised extractor, or a reference such as raw pixels."""

    transforms: tuple[Axis, ...]

    def prepare(self, images: Tensor) -> Prepared:
        """What can be done with images (N, 3, H, W) in [0, 1] whatever the descriptor is."""

    def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
        """Images or prepared ones, and a descriptor -> (N, D)."""


@dataclass(frozen=True)
class Control:
    """The K x K control matrix with what is needed to believe it.

    Rows are descriptor coordinates k, columns transformations j; the other coordinates are at 0.5.
    Every figure exists in two metrics, ``"whitened"`` (M1) and ``"own"``.

    Attributes:
        axes: names, in order.
        sweep: (S,) values of i_k, from 0 to 1.
        curves: ``curves[k][s]`` is transformation k measured at i_k = sweep[s].
        ends: ``ends[0][k][j]`` is transformation j measured at i_k = 0, ``ends[1][k][j]`` at i_k = 1.
        draws: J, strengths per image.
    """

    axes: tuple[str, ...]
    sweep: np.ndarray
    curves: list[list[Intraclass]]
    ends: tuple[list[list[Intraclass]], list[list[Intraclass]]]
    draws: int

    def shares(self, end: int, metric: str = "whitened") -> np.ndarray:
        """(K, K) share V_j of the variance at i_k = ``end`` (0 or 1), in [0, 1]."""
        return np.array([[getattr(cell, metric) for cell in row] for row in self.ends[end]])

    def along(self, metric: str = "whitened") -> np.ndarray:
        """(K, S) share V_k along the sweep of i_k."""
        return np.array([[getattr(cell, metric) for cell in row] for row in self.curves])

    @property
    def matrix(self) -> np.ndarray:
        """(K, K) C_kj = V_j(i_k = 0) - V_j(i_k = 1), whitened, in [-1, 1]."""
        return self.shares(0) - self.shares(1)

    def ratio(self, metric: str = "whitened") -> np.ndarray:
        """(K,) V_k(i_k = 0) / V_k(i_k = 1): how many times less the transformation counts when ignored."""
        return np.diag(self.shares(0, metric)) / np.diag(self.shares(1, metric)).clip(1e-12)

    def monotone(self, metric: str = "whitened") -> np.ndarray:
        """(K,) Spearman correlation of i_k and V_k; -1 = every step of the slider lowers the share."""
        return spearman(self.sweep, self.along(metric))

    @property
    def rank(self) -> np.ndarray:
        """(K, S) effective rank along each sweep."""
        return np.array([[cell.rank for cell in row] for row in self.curves])

    @property
    def leakage(self) -> float:
        """Off-diagonal share of the matrix: sum over j != k of |C_kj| over the sum of all |C_kj|, in [0, 1]."""
        return leakage(self.matrix)

    @property
    def valid(self) -> bool:
        """No setting on the sweeps has collapsed (effective rank of at least 4 everywhere)."""
        return bool(self.rank.min() >= MINIMUM_RANK)


def spearman(sweep: np.ndarray, curves: np.ndarray) -> np.ndarray:
    """Rank correlation of ``sweep`` (S,) with each row of ``curves`` (K, S); (K,), 0 for a constant row."""
    from scipy.stats import spearmanr  # half a second to import: `import core` stays quick

    return np.array([spearmanr(sweep, curve).statistic if np.ptp(curve) > 0 else 0.0 for curve in curves])


def leakage(matrix: np.ndarray) -> float:
    """Off-diagonal share of the absolute entries of a square matrix, in [0, 1]."""
    size = np.abs(matrix)
    return float(1 - np.trace(size) / size.sum()) if size.sum() > 0 else 1.0


def control(model: Extracts, images: Tensor, seed: int = 0, *, draws: int = 8, steps: int = 11) -> Control:
    """Measure the control matrix on images.

    Args:
        model: the amortised extractor.
        images: (N, 3, H, W) in [0, 1], N >= 2; N >= 5 D is advised for the whitened ratio.
        seed: of the magnitudes.
        draws: J, strengths per image and transformation.
        steps: settings of i_k in each sweep, at least 2.

    Raises:
        TypeError, ValueError: see :mod:`core.checks`; collapsed features raise ``ValueError``.
    """
    for result in control_steps(model, images, seed, draws=draws, steps=steps):
        if isinstance(result, Control):
            return result
    raise AssertionError("control_steps ends with its result")


def control_steps(
    model: Extracts, images: Tensor, seed: int = 0, *, draws: int = 8, steps: int = 11
) -> Iterator[float | Control]:
    """As :func:`control`, yielding the share of work done in (0, 1) and at the end the result."""
    images = check_images(images, minimum=2)
    if steps < 2:
        raise ValueError(f"A sweep needs at least 2 settings of a coordinate, 0 and 1; got {steps}.")
    axes, sweep = model.transforms, np.linspace(0, 1, steps)
    k = range(len(axes))
    curves: list[list[Intraclass]] = []
    columns: tuple[list[list[Intraclass]], list[list[Intraclass]]] = ([], [])
    done, total = 0, len(axes) * (steps - 2) + 2 * len(axes) ** 2
    # One transformation after the other, because moved images are the same for every descriptor.
    for target in k:
        moved = move(model.prepare, images, axes[target], draws, seed + target)
        found: dict[tuple[int, float], Intraclass] = {}
        for row in k:
            for value in map(float, sweep if row == target else (0.0, 1.0)):
                descriptor = Descriptor.constant(0.5, axes).replace(**{axes[row].name: value})
                found[row, value] = measure(model, moved, descriptor)
                done += 1
                yield done / (total + 1)
        curves.append([found[target, float(value)] for value in sweep])
        for end, column in enumerate(columns):
            column.append([found[row, float(end)] for row in k])
    ends = tuple([[column[target][row] for target in k] for row in k] for column in columns)
    yield Control(tuple(axis.name for axis in axes), sweep, curves, (ends[0], ends[1]), draws)


def measure(model: Extracts, moved: Moved, descriptor: Descriptor) -> Intraclass:
    """Intraclass ratio (M1) of moved images under one descriptor."""
    return intraclass(moved.under(lambda images: model.features(images, descriptor)))
