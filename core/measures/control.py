"""Does coordinate k of the descriptor control transformation k, and nothing else?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from core.checks import check_images
from core.descriptor import Descriptor
from core.measures.intraclass import MINIMUM_RANK, Intraclass, intraclass
from core.measures.response import collect

if TYPE_CHECKING:
    from core.model import AmortisedExtractor


@dataclass(frozen=True)
class Control:
    """The K x K control matrix with what is needed to believe it.

    Rows are descriptor coordinates k, columns transformations j; the other coordinates are at 0.5.

    Attributes:
        axes: names, in order.
        matrix: (K, K) C_kj = V_j(i_k = 0) - V_j(i_k = 1), whitened ratio (M1), in [-1, 1].
        matrix_own: the same in the features' own metric.
        low, high: (K, K) V_j at i_k = 0 and at i_k = 1, whitened; ``low_own``, ``high_own`` likewise.
        ratio, ratio_own: (K,) V_k(i_k = 0) / V_k(i_k = 1).
        monotone, monotone_own: (K,) Spearman correlation of i_k and V_k over the sweep.
        sweep: (S,) values of i_k; ``curves``, ``curves_own``: (K, S) V_k along it.
        rank: (K, S) effective rank along each sweep.
    """

    axes: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    low_own: np.ndarray
    high_own: np.ndarray
    sweep: np.ndarray
    curves: np.ndarray
    curves_own: np.ndarray
    rank: np.ndarray

    @property
    def matrix(self) -> np.ndarray:
        """(K, K), whitened."""
        return self.low - self.high

    @property
    def matrix_own(self) -> np.ndarray:
        """(K, K), own metric."""
        return self.low_own - self.high_own

    @property
    def ratio(self) -> np.ndarray:
        """(K,), whitened; how many times the transformation's share falls when it is ignored."""
        return np.diag(self.low) / np.diag(self.high).clip(1e-12)

    @property
    def ratio_own(self) -> np.ndarray:
        """(K,), own metric."""
        return np.diag(self.low_own) / np.diag(self.high_own).clip(1e-12)

    @property
    def monotone(self) -> np.ndarray:
        """(K,) Spearman correlation, whitened; -1 = every step of the slider lowers the share."""
        return _spearman(self.sweep, self.curves)

    @property
    def monotone_own(self) -> np.ndarray:
        """(K,) Spearman correlation, own metric."""
        return _spearman(self.sweep, self.curves_own)

    @property
    def leakage(self) -> float:
        """Off-diagonal share of the matrix: sum over j != k of |C_kj| over the sum of all |C_kj|, in [0, 1]."""
        return leakage(self.matrix)

    @property
    def valid(self) -> bool:
        """No setting on the sweeps has collapsed (effective rank of at least 4 everywhere)."""
        return bool(self.rank.min() >= MINIMUM_RANK)


def _spearman(sweep: np.ndarray, curves: np.ndarray) -> np.ndarray:
    from scipy.stats import spearmanr  # half a second to import: `import core` stays quick

    return np.array([spearmanr(sweep, curve).statistic for curve in curves])


def leakage(matrix: np.ndarray) -> float:
    """Off-diagonal share of the absolute entries of a square matrix, in [0, 1]."""
    size = np.abs(matrix)
    return float(1 - np.trace(size) / size.sum()) if size.sum() > 0 else 1.0


def control(
    model: AmortisedExtractor, images: Tensor, seed: int = 0, *, draws: int = 8, steps: int = 11
) -> Control:
    """Measure the control matrix on images.

    Args:
        model: the amortised extractor.
        images: (N, 3, H, W) in [0, 1], N >= 2; N >= 5 D is advised for the whitened ratio.
        seed: of the magnitudes.
        draws: J, strengths per image and transformation.
        steps: settings of i_k in each sweep.

    Raises:
        TypeError, ValueError: see :mod:`core.checks`; collapsed features raise ``ValueError``.
    """
    for result in control_steps(model, images, seed, draws=draws, steps=steps):
        if isinstance(result, Control):
            return result
    raise AssertionError("control_steps ends with its result")


def control_steps(
    model: AmortisedExtractor, images: Tensor, seed: int = 0, *, draws: int = 8, steps: int = 11
) -> Iterator[float | Control]:
    """As :func:`control`, yielding the share of work done in (0, 1) and at the end the result."""
    images = check_images(images, minimum=2)
    axes = model.transforms
    k, sweep = len(axes), np.linspace(0, 1, steps)
    ends = np.empty((2, k, k, 2))
    curves = np.empty((2, k, steps))
    rank = np.empty((k, steps))
    done, total = 0, k * (steps - 2) + 2 * k * k
    for row, axis in enumerate(axes):
        for column, value in enumerate(sweep):
            descriptor = Descriptor.constant(0.5, axes).replace(**{axis.name: float(value)})
            end = 0 if column == 0 else 1 if column == steps - 1 else None
            targets: Iterable[int] = range(k) if end is not None else (row,)
            for target in targets:
                ratio = measure(model, images, descriptor, target, draws, seed)
                if target == row:
                    curves[:, row, column] = ratio.whitened, ratio.own
                    rank[row, column] = ratio.rank
                if end is not None:
                    ends[end, row, target] = ratio.whitened, ratio.own
                done += 1
                yield min(done / total, 0.999)
    yield Control(
        axes=tuple(axis.name for axis in axes),
        low=ends[0, :, :, 0],
        high=ends[1, :, :, 0],
        low_own=ends[0, :, :, 1],
        high_own=ends[1, :, :, 1],
        sweep=sweep,
        curves=curves[0],
        curves_own=curves[1],
        rank=rank,
    )


def measure(
    model: AmortisedExtractor, images: Tensor, descriptor: Descriptor, target: int, draws: int, seed: int
) -> Intraclass:
    """Intraclass ratio (M1) of one transformation under one descriptor."""
    axis = model.transforms[target]
    features, _ = collect(lambda x: model.features(x, descriptor), images, axis, draws, seed + target)
    return intraclass(features)


