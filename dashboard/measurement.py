"""How finely the page samples what :mod:`core.look` measures."""

from __future__ import annotations

import numpy as np

from core.look import FRAMES, NEAREST, POINTS, PROBES, STRIDE
from core.sensitivity import strengths
from core.transforms import Axis

__all__ = ["FRAMES", "NEAREST", "POINTS", "PROBES", "STRIDE", "curve_strengths", "frame_strengths"]


def curve_strengths(axis: Axis) -> np.ndarray:
    """(POINTS,) strengths of a curve, in the axis' unit."""
    return strengths(axis, POINTS)


def frame_strengths(axis: Axis) -> np.ndarray:
    """(FRAMES,) strengths of the filmstrip: every second one of the curve."""
    return curve_strengths(axis)[::STRIDE]
