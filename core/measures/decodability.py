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
    from sklearn.model_selection import KFold  # a second to import: `import core` stays quick

    x, t = features.double().cpu().numpy(), magnitudes.double().cpu().numpy()
    squares = np.empty((len(x), 2))
    for train, test in KFold(folds, shuffle=True, random_state=seed).split(x):
        weights, offset = ridge(x[train].reshape(-1, x.shape[2]), t[train].ravel())
        guess = x[test] @ weights + offset
        squares[test] = np.stack([((guess - t[test]) ** 2).sum(1), ((t[test] - t[train].mean()) ** 2).sum(1)], 1)
    return r_squared(squares), squares


def ridge(x: np.ndarray, t: np.ndarray, penalties: np.ndarray = _PENALTIES) -> tuple[np.ndarray, float]:
    """Ridge regression on standardised columns, its penalty chosen by the exact leave-one-out error.

    What scikit-learn's ``StandardScaler`` and ``RidgeCV`` give, from an eigendecomposition of D x D numbers instead of
    a singular value decomposition of all rows: a seventh of the time, and an evaluation fits hundreds of them.

    Args:
        x: (N, D). t: (N,).
        penalties: to choose from.

    Returns:
        Weights (D,) and offset: the guess for rows x is ``x @ weights + offset``.
    """
    mean, scale = x.mean(0), x.std(0)
    scale = np.where(scale > 1e-12 * np.abs(mean).clip(1e-12), scale, 1.0)  # a constant column says nothing
    z = (x - mean) / scale
    values, vectors = np.linalg.eigh(z.T @ z)
    rows = z @ vectors
    towards, squared = rows.T @ (t - t.mean()), rows**2
    best = (np.inf, towards)
    for penalty in penalties:
        inverse = 1 / (values.clip(0) + penalty)
        residual = t - t.mean() - rows @ (towards * inverse)
        leverage = squared @ inverse + 1 / len(x)
        error = float(np.square(residual / (1 - leverage).clip(1e-12)).mean())
        best = min(best, (error, towards * inverse), key=lambda pair: pair[0])
    weights = vectors @ best[1] / scale
    return weights, float(t.mean() - mean @ weights)


def r_squared(squares: np.ndarray) -> float:
    """max(0, 1 - error / deviation) from rows of (squared error, squared deviation)."""
    error, deviation = squares.sum(0)
    return float(max(0.0, 1 - error / deviation)) if deviation > 0 else 0.0


def paired_bootstrap(first: np.ndarray, second: np.ndarray, seed: int, repeats: int = 1000) -> Tensor:
    """(repeats,) differences of R2 between two settings, resampling the same images in both."""
    generator = np.random.default_rng(seed)
    picks = generator.integers(len(first), size=(repeats, len(first)))
    return torch.tensor([r_squared(first[p]) - r_squared(second[p]) for p in picks])
