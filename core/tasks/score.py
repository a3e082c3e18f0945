"""A score on test images, with what a reader needs to judge it: how many, how sure, and what is trivial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import betaincinv, stdtrit
from torch import Tensor

CONFIDENCE = 0.95
_UNEVEN = 1.25


@dataclass(frozen=True)
class Score:
    """Of one method on one set of test images.

    Attributes:
        value: accuracy in [0, 1], or R2 <= 1 of a quantity.
        tests: number of test images.
        majority: accuracy of naming the most frequent class of these images every time; ``None`` for a quantity.
        balanced: mean over the classes of the share of their images that is named rightly (balanced accuracy);
            ``None`` for a quantity, and where the classes are about equally frequent.
    """

    value: float
    tests: int
    majority: float | None = None
    balanced: float | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """See :func:`exact_interval`; ``None`` for a quantity."""
        return None if self.majority is None else exact_interval(self.value, self.tests)

    def sentence(self, name: str) -> str:
        """For a person; ``name`` is what the score is called."""
        return sentence(name, self.value, self.interval, self.tests, self.majority, self.balanced)


def sentence(
    name: str,
    value: float,
    interval: Sequence[float] | None,
    tests: int,
    majority: float | None,
    balanced: float | None,
) -> str:
    """A score with what it takes to judge it, in one sentence.

    Args:
        name: ``"accuracy"`` or ``"R²"``. value: the score.
        interval: 95 %, or ``None``. tests, majority, balanced: see :class:`Score`.
    """
    span = f" [95 % interval {interval[0]:.3f} to {interval[1]:.3f}]" if interval else ""
    text = f"{name[0].upper()}{name[1:]} {value:.3f}{span} on {tests:,} test images"
    if majority is not None:
        text += f"; naming their most frequent class every time would score {majority:.3f}"
    if balanced is not None:
        text += f"; balanced accuracy, each class counting the same: {balanced:.3f}"
    return f"{text}."


def accuracy(outputs: Tensor, targets: Tensor, classes: int) -> Score:
    """The score of naming the class of the largest output.

    Args:
        outputs: (N, C). targets: (N,), in [0, C).
        classes: C.
    """
    right = outputs.argmax(1) == targets
    counts = torch.bincount(targets, minlength=classes)
    there = counts > 0
    recalls = (torch.bincount(targets[right], minlength=classes) / counts.clamp(min=1))[there]
    uneven = float(counts.max()) > _UNEVEN * float(counts[there].float().mean())
    return Score(
        int(right.sum()) / len(targets),
        len(targets),
        float(counts.max()) / len(targets),
        float(recalls.mean()) if uneven else None,
    )


def determination(outputs: Tensor, targets: Tensor) -> Score:
    """R2 of outputs (N, 1) against a quantity (N,)."""
    error = (outputs[:, 0] - targets).square().mean()
    return Score(float(1 - error / targets.var(correction=0).clamp(min=1e-12)), len(targets))


def exact_interval(share: float, count: int) -> tuple[float, float] | None:
    """95 % interval of a share of ``count`` independent images (Clopper and Pearson, Biometrika 26, 1934).

    ``None`` if the number of images is not known, which is 0.
    """
    if not count:
        return None
    right, tail = round(share * count), (1 - CONFIDENCE) / 2
    low = betaincinv(right, count - right + 1, tail) if right else 0.0
    high = betaincinv(right + 1, count - right, 1 - tail) if right < count else 1.0
    return float(low), float(high)


def mean_interval(values: Sequence[float], lowest: float = 0.0) -> list[float] | None:
    """95 % interval of the mean by Student's t, [low, high], clipped to [``lowest``, 1]; ``None`` for one value."""
    if len(values) < 2:
        return None
    half = float(stdtrit(len(values) - 1, 0.5 + CONFIDENCE / 2)) * float(np.std(values, ddof=1))
    half /= len(values) ** 0.5
    mean = float(np.mean(values))
    return [max(mean - half, lowest), min(mean + half, 1.0)]
