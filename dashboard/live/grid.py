"""How finely the page samples what :mod:`core.inspect.picture_report` measures."""

from __future__ import annotations

import numpy as np

from core.axes.transforms import Axis
from core.inspect.picture_report import FRAMES, NEAREST, POINTS, PROBES, STRIDE
from core.inspect.sensitivity import strengths

__all__ = ["FRAMES", "NEAREST", "POINTS", "PROBES", "STRIDE", "curve_strengths", "frame_strengths"]


def curve_strengths(axis: Axis) -> np.ndarray:
    """(POINTS,) strengths of a curve, in the axis' unit."""
    return strengths(axis, POINTS)


def frame_strengths(axis: Axis) -> np.ndarray:
    """(FRAMES,) strengths of the filmstrip: every second one of the curve."""
    return curve_strengths(axis)[::STRIDE]
