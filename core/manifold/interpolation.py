"""Where a descriptor lies on a map, found in the cube of descriptors.

UMAP can place new points by itself, but where then depends on which others are placed with it. Here a
point lies among the descriptors next to it, always at the same place, at once.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

_NEAREST = 8
_REACH = 1.2
_SAME = 1e-9


def place(points: np.ndarray, positions: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Interpolate positions on the map by inverse distance in the cube.

    The weights of Franke and Nielson (International Journal for Numerical Methods in Engineering 15,
    1980), which fall to zero at a radius: a descriptor of the map lies at its own place, and a
    descriptor that moves does not jump. The radius goes a fifth beyond the eighth nearest descriptor,
    so that all count where many are equally near, as in the middle of the cube.

    Args:
        points: (M, K) descriptors of the map.
        positions: (M, d) where they lie.
        wanted: (N, K) descriptors.

    Returns:
        (N, d)
    """
    apart = cdist(wanted, points)
    last = min(_NEAREST, len(points)) - 1
    radius = _REACH * np.partition(apart, last, 1)[:, last : last + 1] + _SAME
    near = np.maximum(apart, _SAME)
    weights = (np.maximum(radius - near, 0) / (radius * near)) ** 2
    return weights @ positions / weights.sum(1, keepdims=True)
