"""Does coordinate k of the descriptor control transformation k, and nothing else?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
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


MIDDLE = 0.5
"""Where the other coordinates are while one is turned."""


@dataclass(frozen=True)
class Column:
    """One transformation under all descriptors.

    Attributes:
        curve: along the sweep of its own coordinate.
        ends: ``ends[0][k]`` is at i_k = 0 and ``ends[1][k]`` at i_k = 1, for the coordinate k of every axis.
        elsewhere: by the place of the other coordinates, at 0 and at 1 of its own.
    """

    curve: list[Intraclass]
    ends: tuple[list[Intraclass], list[Intraclass]]
    elsewhere: Mapping[float, tuple[Intraclass, Intraclass]]


@dataclass(frozen=True)
class Control:
    """The K x K control matrix with what is needed to believe it.

    Rows are descriptor coordinates k, columns transformations j; the other coordinates are at :data:`MIDDLE`.
    Every figure exists in two metrics, ``"whitened"`` (M1) and ``"own"``.

    Attributes:
        axes: names, in order.
        sweep: (S,) values of i_k, from 0 to 1.
        curves: ``curves[k][s]`` is transformation k measured at i_k = sweep[s].
        ends: ``ends[0][k][j]`` is transformation j measured at i_k = 0, ``ends[1][k][j]`` at i_k = 1.
        draws: J, strengths per image.
        elsewhere: ``elsewhere[v][end][k]`` is transformation k at i_k = ``end``, the other coordinates at v.
    """

    axes: tuple[str, ...]
    sweep: np.ndarray
    curves: list[list[Intraclass]]
    ends: tuple[list[list[Intraclass]], list[list[Intraclass]]]
    draws: int
    elsewhere: Mapping[float, tuple[list[Intraclass], list[Intraclass]]] = field(default_factory=dict)

    @classmethod
    def of(cls, axes: Sequence[Axis], sweep: np.ndarray, columns: Sequence[Column], draws: int) -> Control:
        """From what was measured of each transformation, in their order."""
        k = range(len(axes))
        ends = tuple([[column.ends[end][row] for column in columns] for row in k] for end in (0, 1))
        elsewhere = {
            value: (
                [column.elsewhere[value][0] for column in columns],
                [column.elsewhere[value][1] for column in columns],
            )
            for value in columns[0].elsewhere
        }
        names = tuple(axis.name for axis in axes)
        return cls(names, sweep, [column.curve for column in columns], (ends[0], ends[1]), draws, elsewhere)

    def pair(self, k: int, others: float = MIDDLE) -> tuple[Intraclass, Intraclass]:
        """Transformation k at i_k = 0 and at i_k = 1, the other coordinates at ``others``."""
        if others == MIDDLE:
            return self.ends[0][k][k], self.ends[1][k][k]
        return self.elsewhere[others][0][k], self.elsewhere[others][1][k]

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

    def ratio(self, metric: str = "whitened", others: float = MIDDLE) -> np.ndarray:
        """(K,) V_k(i_k = 0) / V_k(i_k = 1): how many times less the transformation counts when ignored.

        Args:
            metric: ``"whitened"`` or ``"own"``.
            others: where the other coordinates are; what is in ``elsewhere`` besides :data:`MIDDLE`.
        """
        pairs = [self.pair(k, others) for k in range(len(self.axes))]
        return np.array([getattr(kept, metric) / max(getattr(ignored, metric), 1e-12) for kept, ignored in pairs])

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


def control(
    model: Extracts, images: Tensor, seed: int = 0, *, draws: int = 8, steps: int = 11, others: Sequence[float] = ()
) -> Control:
    """Measure the control matrix on images.

    Args:
        model: the amortised extractor.
        images: (N, 3, H, W) in [0, 1], N >= 2; N >= 5 D is advised for the whitened ratio.
        seed: of the magnitudes.
        draws: J, strengths per image and transformation.
        steps: settings of i_k in each sweep, at least 2.
        others: where else the other coordinates are put while i_k is 0 and 1, such as 0 and 1.

    Raises:
        TypeError, ValueError: see :mod:`core.checks`; collapsed features raise ``ValueError``.
    """
    for result in control_steps(model, images, seed, draws=draws, steps=steps, others=others):
        if isinstance(result, Control):
            return result
    raise AssertionError("control_steps ends with its result")


def control_steps(
    model: Extracts, images: Tensor, seed: int = 0, *, draws: int = 8, steps: int = 11, others: Sequence[float] = ()
) -> Iterator[float | Control]:
    """As :func:`control`, yielding the share of work done in (0, 1) and at the end the result."""
    images = check_images(images, minimum=2)
    if steps < 2:
        raise ValueError(f"A sweep needs at least 2 settings of a coordinate, 0 and 1; got {steps}.")
    axes, sweep = model.transforms, np.linspace(0, 1, steps)
    columns: list[Column] = []
    done, total = 0, len(axes) * column_length(len(axes), steps, len(others))
    # One transformation after the other, because moved images are the same for every descriptor.
    for target in range(len(axes)):
        moved = move(model.prepare, images, axes[target], draws, seed + target)
        work = column_steps(axes, target, sweep, others, partial(measure, model, moved))
        for found in work:
            if isinstance(found, Column):
                columns.append(found)
            else:
                done += 1
                yield done / (total + 1)
    yield Control.of(axes, sweep, columns, draws)


def column_length(count: int, steps: int, others: int) -> int:
    """How many descriptors :func:`column_steps` measures: K axes, settings of a sweep, other places."""
    return steps + 2 * (count - 1) + 2 * others


def column_steps(
    axes: tuple[Axis, ...],
    target: int,
    sweep: np.ndarray,
    others: Sequence[float],
    measured: Callable[[Descriptor], Intraclass],
) -> Iterator[Descriptor | Column]:
    """Measure one transformation under every descriptor that the matrix needs; yields each, and then the column.

    Args:
        axes, sweep, others: see :func:`control`; the sweep begins at 0 and ends at 1.
        target: which transformation.
        measured: its ratio under a descriptor.
    """

    def at(row: int, value: float, rest: float = MIDDLE) -> Descriptor:
        return Descriptor.constant(rest, axes).replace(**{axes[row].name: value})

    found: dict[Descriptor, Intraclass] = {}
    asked = [at(target, float(value)) for value in sweep]
    asked += [at(row, end) for row in range(len(axes)) for end in (0.0, 1.0) if row != target]
    asked += [at(target, end, rest) for rest in others for end in (0.0, 1.0)]
    for descriptor in asked:
        found[descriptor] = measured(descriptor)
        yield descriptor
    yield Column(
        [found[at(target, float(value))] for value in sweep],
        ([found[at(row, 0.0)] for row in range(len(axes))], [found[at(row, 1.0)] for row in range(len(axes))]),
        {rest: (found[at(target, 0.0, rest)], found[at(target, 1.0, rest)]) for rest in others},
    )


def measure(model: Extracts, moved: Moved, descriptor: Descriptor) -> Intraclass:
    """Intraclass ratio (M1) of moved images under one descriptor."""
    return intraclass(moved.under(lambda images: model.features(images, descriptor)))
