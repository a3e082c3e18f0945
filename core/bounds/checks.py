"""What every bound asks of its inputs, written once; each message is a sentence."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def check_delta(delta: float) -> float:
    """Return ``delta``, the probability that a bound may fail, if it lies in (0, 1); ``ValueError`` otherwise."""
    if not (isinstance(delta, int | float) and 0 < delta < 1):
        raise ValueError(f"delta is the probability that the bound fails and must lie in (0, 1); got {delta!r}.")
    return float(delta)


def check_count(name: str, value: int, least: int = 1) -> int:
    """Return ``value`` if it is a whole number of at least ``least``; ``ValueError`` otherwise."""
    if isinstance(value, bool) or not (isinstance(value, int) or float(value).is_integer()) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}; got {value!r}.")
    return int(value)


def check_at_least(name: str, value: float, least: float = 0.0, *, strict: bool = False) -> float:
    """Return ``value`` if it is finite and at least (``strict``: above) ``least``; ``ValueError`` otherwise."""
    value = float(value)
    if not math.isfinite(value) or value < least or (strict and value == least):
        raise ValueError(
            f"{name} must be a finite number {'above' if strict else 'of at least'} {least:g}; got {value}."
        )
    return value


def check_sample(features: Tensor, labels: Tensor, classes: int, name: str = "Features") -> tuple[Tensor, Tensor]:
    """Features and labels of one sample in float64 and int64.

    Args:
        features: (N, D), finite.
        labels: (N,), whole numbers in [0, classes).
        classes: C >= 2.
        name: begins the messages.

    Raises:
        ValueError: empty, wrong shapes, numbers that are not finite, or labels outside the range.
    """
    check_count("The number of classes", classes, 2)
    if features.ndim != 2 or min(features.shape) < 1:
        raise ValueError(f"{name} must have shape (N, D) with N, D >= 1; got {tuple(features.shape)}.")
    if labels.shape != features.shape[:1]:
        raise ValueError(f"{name} of {len(features)} examples need as many labels; got shape {tuple(labels.shape)}.")
    if labels.is_floating_point() or int(labels.min()) < 0 or int(labels.max()) >= classes:
        raise ValueError(f"Labels must be whole numbers from 0 to {classes - 1}; got {labels.unique().tolist()[:5]}.")
    if not bool(torch.isfinite(features).all()):
        raise ValueError(f"{name} must be finite; got NaN or infinity. Check how they were computed.")
    return features.detach().double(), labels.detach().long()
