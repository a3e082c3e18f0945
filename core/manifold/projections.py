"""Points of many dimensions on a plane or in space: PCA, and UMAP (McInnes, Healy and Melville, arXiv 1802.03426)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.linalg import orthogonal_procrustes

from .quality import Quality, judge

DISTANCES = ("euclidean", "cosine")
COMPONENTS = 64
"""Representations are reduced to so many principal components first; what is lost is far below UMAP's blur."""


@dataclass(frozen=True)
class Reduced:
    """Representations as principal components.

    Attributes:
        values: (M, R) R <= :data:`COMPONENTS`, by falling variance.
        explained: (R,) each component's share of the variance of the fingerprints.
    """

    values: np.ndarray
    explained: np.ndarray


@dataclass(frozen=True)
class Layout:
    """Positions of all points.

    Attributes:
        method: ``"umap"`` or ``"pca"``.
        seed: of UMAP; 0 for PCA, which has none.
        positions: (M, 2) or (M, 3), float32.
        trust: how far they may be believed.
    """

    method: str
    seed: int
    positions: np.ndarray
    trust: Quality

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return self.positions.shape[1]

    @property
    def title(self) -> str:
        """For a table."""
        seed = f", seed {self.seed}" if self.method == "umap" else ""
        return f"{self.method.upper()} in {self.dimensions} dimensions{seed}"


def reduce(rows: np.ndarray, distance: str) -> Reduced:
    """Principal components of (M, F) fingerprints.

    Args:
        rows: fingerprints.
        distance: ``"euclidean"``, or ``"cosine"``, which compares only the direction in which a
            fingerprint departs from the mean of all.

    Raises:
        ValueError: ``distance`` is none of :data:`DISTANCES`.
    """
    if distance not in DISTANCES:
        raise ValueError(f"There is no distance called {distance!r}. Known: {', '.join(DISTANCES)}.")
    from sklearn.decomposition import PCA  # a second that only those pay who compute a map
    from sklearn.preprocessing import normalize

    count = min(COMPONENTS, *rows.shape)
    pca = PCA(count, svd_solver="full" if rows.shape[1] <= 512 else "randomized", random_state=0)
    values = pca.fit_transform(rows)
    if distance == "cosine":
        values = normalize(values)
    return Reduced(values.astype(np.float32), pca.explained_variance_ratio_.astype(np.float32))


def pca_layout(reduced: Reduced, dimensions: int) -> Layout:
    """The first principal components."""
    positions = np.ascontiguousarray(reduced.values[:, :dimensions])
    return Layout("pca", 0, positions, judge(reduced.values, positions))


def umap_layout(reduced: Reduced, dimensions: int, neighbours: int, seed: int) -> Layout:
    """UMAP, turned to lie like PCA: a layout has no up and no left of its own, and like this two compare.

    Args:
        reduced: fingerprints.
        dimensions: 2 or 3.
        neighbours: of each point that UMAP looks at; more of them show the whole rather than the detail.
        seed: same seed, same layout.
    """
    import umap  # compiles for half a minute: only those who compute a map pay

    threads = torch.get_num_threads()
    found = umap.UMAP(
        n_neighbors=neighbours, n_components=dimensions, min_dist=0.1, random_state=seed, n_jobs=1
    ).fit_transform(reduced.values)
    torch.set_num_threads(threads)  # numba has set as many as there are cores, for all of the process
    positions = _turned(np.asarray(found, np.float64), reduced.values[:, :dimensions])
    return Layout("umap", seed, positions, judge(reduced.values, positions))


def _turned(positions: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Centred, turned and mirrored, not stretched."""
    centred = positions - positions.mean(0)
    rotation, _ = orthogonal_procrustes(centred, like - like.mean(0))
    return (centred @ rotation).astype(np.float32)
