"""A small map of the descriptors that nobody has computed."""

from __future__ import annotations

import numpy as np

from core.evaluation.controls import untrained
from core.manifold import ExtractorMap, Layout, Settings
from core.manifold.quality import Quality
from core.manifold.sampling import wireframe
from tests.core.conftest import TINY

DIGEST = "tiny"


def small_map(checkpoint: str = DIGEST) -> ExtractorMap:
    """A map that nobody has computed: the cube's own coordinates as positions."""
    design = wireframe(6, 60)
    trust = Quality(0.97, 0.96, 0.8)
    layouts = [
        Layout(method, seed, design.points[:, :dimensions].copy(), trust)
        for method, dimensions, seed in (("pca", 2, 0), ("pca", 3, 0), ("umap", 2, 0), ("umap", 2, 1), ("umap", 3, 0))
    ]
    names = tuple(axis.name for axis in untrained(TINY).transforms)
    shares = np.array([0.5, 0.3, 0.1, 0.05], np.float32)
    return ExtractorMap(
        Settings(count=60),
        checkpoint,
        names,
        design.points,
        design.edges,
        1 - design.points,
        shares,
        tuple(layouts),
        {},
    )
