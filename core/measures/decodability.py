"""M3, decodability: how well a linear reader tells the strength of a transformation from features."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

_PENALTIES = np.logspace(-2, 5, 15)


def decodability(features: Tensor, magnitudes: Tensor, folds: int = 5, seed: int = 0) -> tuple[float, np.ndarray]:
    """Cross-validated R2 of a ridge regression from features to the magnitude; images disjoint between folds.

    Linear readability of a transformation's parameter, as in Lenc and Vedaldi (CVPR 2015) and
    AugSelf (arXiv 2111.09613). It catches a factor that is quiet but not removed.

    Args:
        features: (N, J, D).
        magnitudes: (N, J).
        folds: number of folds over images.
        seed: of the split.

    Returns:
        max(0, R2) in [0, 1], and per image the pair (squared error, squared deviation from the
        mean), (N, 2), for bootstrap intervals.

    Raises:
        ValueError: shapes that do not fit, or fewer images than folds.
    """
    if features.ndim != 3 or features.shape[:2] != magnitudes.shape or len(features) < folds:
        raise ValueError(
            f"Expected features (N, J, D) and magnitudes (N, J) with N >= {folds}; "
            f"got {tuple(features.shape)} and {tuple(magnitudes.shape)}."
        )
    from sklearn.linear_model import RidgeCV  # a second to import: `import core` stays quick
    from sklearn.model_selection import KFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, t = features.double().cpu().numpy(), magnitudes.double().cpu().numpy()
    squares = np.empty((len(x), 2))
    for train, test in KFold(folds, shuffle=True, random_state=seed).split(x):
        reader = make_pipeline(StandardScaler(), RidgeCV(alphas=_PENALTIES))
        reader.fit(x[train].reshape(-1, x.shape[2]), t[train].ravel())
        guess = reader.predict(x[test].reshape(-1, x.shape[2])).reshape(t[test].shape)
        squares[test] = np.stack([((guess - t[test]) ** 2).sum(1), ((t[test] - t[train].mean()) ** 2).sum(1)], 1)
    return r_squared(squares), squares


def r_squared(squares: np.ndarray) -> float:
    """max(0, 1 - error / deviation) from rows of (squared error, squared deviation)."""
    error, deviation = squares.sum(0)
    return float(max(0.0, 1 - error / deviation)) if deviation > 0 else 0.0


def paired_bootstrap(first: np.ndarray, second: np.ndarray, seed: int, repeats: int = 1000) -> Tensor:
    """(repeats,) differences of R2 between two settings, resampling the same images in both."""
    generator = np.random.default_rng(seed)
    picks = generator.integers(len(first), size=(repeats, len(first)))
    return torch.tensor([r_squared(first[p]) - r_squared(second[p]) for p in picks])
