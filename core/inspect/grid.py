"""How finely a picture's response is sampled: the points of a curve, the frames of a filmstrip, the other pictures."""

from __future__ import annotations

import numpy as np

from ..axes.transforms import Axis

POINTS = 13
STRIDE = 2
"""Every second point of a curve is a picture of the filmstrip and carries the band."""

FRAMES = (POINTS + STRIDE - 1) // STRIDE
PROBES = 32
NEAREST = 5
"""Neighbours that are shown."""


def strengths(axis: Axis, count: int = 21) -> np.ndarray:
    """(count,) evenly spaced magnitudes over the axis' range that contain the identity.

    Raises:
        ValueError: fewer than 3.
    """
    if count < 3:
        raise ValueError(f"At least 3 strengths are needed to draw a curve; got {count}.")
    values = np.linspace(axis.low, axis.high, count)
    values[np.abs(values).argmin()] = 0.0
    return values


def curve_strengths(axis: Axis) -> np.ndarray:
    """(POINTS,) strengths of a curve, in the axis' unit."""
    return strengths(axis, POINTS)


def frame_strengths(axis: Axis) -> np.ndarray:
    """(FRAMES,) strengths of the filmstrip: every second one of the curve."""
    return curve_strengths(axis)[::STRIDE]
