"""Twenty labels a class: what features are worth to somebody with a few pictures."""

from __future__ import annotations

import numpy as np
from torch import Tensor

STRENGTHS = tuple(float(each) for each in 10.0 ** np.arange(-1, 6.01, 0.25))
"""Of the ridge, among which leave-one-out chooses."""


def ridge_marks(labelled: Tensor, targets: Tensor, test: Tensor, truth: Tensor) -> np.ndarray:
    """Which test images a ridge classifier on standardised features names rightly.

    Its strength is chosen by leave-one-out on the labelled ones.

    Args:
        labelled, test: features (N, D) and (M, D).
        targets, truth: classes (N,) and (M,).

    Returns:
        (M,) booleans.
    """
    from sklearn.linear_model import RidgeClassifierCV  # half a second to import: `import core` stays quick
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    head = make_pipeline(StandardScaler(), RidgeClassifierCV(STRENGTHS))
    head.fit(labelled.double().cpu().numpy(), targets.cpu().numpy())
    return head.predict(test.double().cpu().numpy()) == truth.cpu().numpy()


def shots(features: Tensor, labels: Tensor, count: int = 20, draws: int = 5, seed: int = 0) -> float:
    """Mean accuracy of :func:`ridge_marks` over draws of labelled images.

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
    y = labels.cpu().numpy()
    generator, scores = np.random.default_rng(seed), []
    for _ in range(draws):
        train = np.concatenate(
            [generator.choice(np.flatnonzero(y == each), count, replace=False) for each in np.unique(y)]
        )
        test = np.setdiff1d(np.arange(len(y)), train)
        marks = ridge_marks(features[train], labels[train], features[test], labels[test])
        scores.append(marks.mean())
    return float(np.mean(scores))


def check_shots(labels: Tensor, count: int = 20) -> None:
    """Refuse classes from which ``count`` images cannot be taken with some left over.

    Raises:
        ValueError: a class has too few.
    """
    least = int(labels.unique(return_counts=True)[1].min())
    if least <= count:
        raise ValueError(f"{count} labels a class need more images than that in each class; the smallest has {least}.")
