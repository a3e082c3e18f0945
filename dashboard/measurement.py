"""How finely the page samples what :mod:`core.sensitivity` measures."""

from __future__ import annotations

import numpy as np

from core.sensitivity import strengths
from core.transforms import Axis

POINTS = 13
STRIDE = 2
"""Every second point of a curve is a picture of the filmstrip and carries the band."""

FRAMES = (POINTS + STRIDE - 1) // STRIDE
PROBES = 32
NEAREST = 5
"""Neighbours that are shown."""


def curve_strengths(axis: Axis) -> np.ndarray:
    """(POINTS,) strengths of a curve, in the axis' unit."""
    return strengths(axis, POINTS)


def frame_strengths(axis: Axis) -> np.ndarray:
    """(FRAMES,) strengths of the filmstrip: every second one of the curve."""
    return curve_strengths(axis)[::STRIDE]
