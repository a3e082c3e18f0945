"""Which descriptors the map shows: points of the cube [0, 1]^K, with the edges that join neighbours.

Edges make a map honest: where it folds they cross, where it tears they are long.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np


@dataclass(frozen=True)
class Design:
    """A set of descriptors.

    Attributes:
        points: (M, K) in [0, 1], float32, all different; the corners are among them.
        edges: (E, 2) indices of points that are neighbours along one axis.
    """

    points: np.ndarray
    edges: np.ndarray


def wireframe(axes: int, least: int) -> Design:
    """All corners, and equally many points on every edge of the cube.

    The cube drawn as one draws it on paper. Its points lie on lines, so a plane can hold it nearly
    undistorted, which no plane can do for a filled cube of more than two axes.

    Args:
        axes: K.
        least: number of points at the least.
    """
    ends = np.array(list(product((0.0, 1.0), repeat=axes)))
    cube = [(low, high) for low, high in product(range(len(ends)), repeat=2) if _next_to(ends, low, high)]
    inner = max(-(-(least - len(ends)) // len(cube)), 0)
    points = list(ends)
    edges: list[tuple[int, int]] = []
    for low, high in cube:
        chain = [low, *range(len(points), len(points) + inner), high]
        for step in range(1, inner + 1):
            points.append(ends[low] + (ends[high] - ends[low]) * step / (inner + 1))
        edges += pairwise(chain)
    return Design(np.array(points, np.float32), np.array(edges, np.int32))


def _next_to(ends: np.ndarray, low: int, high: int) -> bool:
    """``high`` has exactly one coordinate more at 1."""
    step = ends[high] - ends[low]
    return bool(step.sum() == 1 and (step >= 0).all())


def lattice(axes: int, least: int) -> Design:
    """Every combination of three values per axis, more if that is too few points; filled up with Sobol points."""
    levels = 3
    while (levels + 1) ** axes <= least:
        levels += 1
    grid = np.array(list(product(np.linspace(0, 1, levels), repeat=axes)), np.float32)
    number = np.arange(len(grid)).reshape((levels,) * axes)
    edges = [
        np.stack([np.delete(number, -1, axis).ravel(), np.delete(number, 0, axis).ravel()], 1) for axis in range(axes)
    ]
    return Design(np.concatenate([grid, _spread(axes, least - len(grid))]), np.concatenate(edges).astype(np.int32))


def scattered(axes: int, least: int) -> Design:
    """All corners and Sobol points, which fill the cube evenly; no edges."""
    ends = np.array(list(product((0.0, 1.0), repeat=axes)), np.float32)
    return Design(np.concatenate([ends, _spread(axes, least - len(ends))]), np.empty((0, 2), np.int32))


def _spread(axes: int, count: int) -> np.ndarray:
    if count <= 0:
        return np.empty((0, axes), np.float32)
    from scipy.stats import qmc  # takes a second, and who only reads a map needs none of it

    sequence = qmc.Sobol(axes, scramble=True, rng=np.random.default_rng(0))
    return sequence.random_base2(int(np.ceil(np.log2(count))))[:count].astype(np.float32)


DESIGNS: dict[str, Callable[[int, int], Design]] = {
    "wireframe": wireframe,
    "lattice": lattice,
    "scattered": scattered,
}
