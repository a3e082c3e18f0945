"""Whether a map may be believed: how many neighbours are true, and how far distances keep their order."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

NEIGHBOURS = 10


@dataclass(frozen=True)
class Quality:
    """Three marks of a layout.

    Attributes:
        trustworthiness: in [0, 1]; below 1, points that are neighbours on the map are none in truth.
        continuity: in [0, 1]; below 1, true neighbours are torn apart on the map.
        shepard: rank correlation of all distances on the map with the true ones, in [-1, 1].
    """

    trustworthiness: float
    continuity: float
    shepard: float

    def as_dict(self) -> dict[str, float]:
        """For a file."""
        return asdict(self)


def told(positions: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(K,) how much of each value a place on the map tells: R2 of the mean over the tenth that lies nearest.

    Near points are neighbours in nearly everything, whatever a map shows; over a tenth of it, only what divides the map
    into regions is left.

    Args:
        positions: (M, d).
        values: (M, K), such as coordinates.
    """
    from scipy.spatial import cKDTree

    count = max(len(positions) // 10, 1)
    near = np.asarray(cKDTree(positions).query(positions, k=count + 1)[1])
    guessed = values[near[:, 1:]].mean(1)
    total = np.square(values - values.mean(0)).sum(0)
    return 1 - np.square(values - guessed).sum(0) / np.maximum(total, 1e-12)


def judge(truth: np.ndarray, positions: np.ndarray, neighbours: int = NEIGHBOURS) -> Quality:
    """Compare a layout with the points it was made from.

    Trustworthiness and continuity are those of Venna and Kaski (Neural Networks 19, 2006, Eqs. 1 and 2)
    with ``neighbours`` neighbours; the correlation is that of the Shepard diagram, over all pairs.

    Args:
        truth: (M, R), M > 2 * ``neighbours``; Euclidean distances between them are the true ones.
        positions: (M, 2) or (M, 3).
    """
    # Imported here, with scikit-learn: a second each, which nobody should wait for who only reads a map.
    from scipy.spatial.distance import pdist
    from scipy.stats import spearmanr
    from sklearn.manifold import trustworthiness

    return Quality(
        float(trustworthiness(truth, positions, n_neighbors=neighbours)),
        float(trustworthiness(positions, truth, n_neighbors=neighbours)),  # continuity: the spaces exchanged
        float(spearmanr(pdist(truth), pdist(positions)).statistic),
    )
