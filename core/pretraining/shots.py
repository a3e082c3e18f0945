"""Twenty labels a class: what features are worth to somebody with a few pictures."""

from __future__ import annotations

import numpy as np
from torch import Tensor

PENALTIES = tuple(10.0**power for power in np.arange(-1, 5.1, 0.5))


def shots(features: Tensor, labels: Tensor, count: int = 20, draws: int = 5, seed: int = 0) -> float:
    """Mean accuracy of a ridge classifier on standardised features; its strength is chosen by leave-one-out.

    Args:
        features: (N, D).
        labels: (N,) of C classes with more than ``count`` images each.
        count: labelled images a class; all others are marked.
        draws: of labelled images.
        seed: of the draws.

    Raises:
        ValueError: a class has too few.
    """
    check_shots(labels, count)
    from sklearn.linear_model import RidgeClassifierCV  # half a second to import: `import core` stays quick
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = features.double().cpu().numpy(), labels.cpu().numpy()
    generator, scores = np.random.default_rng(seed), []
    for _ in range(draws):
        train = np.concatenate(
            [generator.choice(np.flatnonzero(y == each), count, replace=False) for each in np.unique(y)]
        )
        test = np.setdiff1d(np.arange(len(y)), train)
        head = make_pipeline(StandardScaler(), RidgeClassifierCV(PENALTIES)).fit(x[train], y[train])
        scores.append(head.score(x[test], y[test]))
    return float(np.mean(scores))


def check_shots(labels: Tensor, count: int = 20) -> None:
    """Refuse classes from which ``count`` images cannot be taken with some left over.

    Raises:
        ValueError: a class has too few.
    """
    least = int(labels.unique(return_counts=True)[1].min())
    if least <= count:
        raise ValueError(f"{count} labels a class need more images than that in each class; the smallest has {least}.")
