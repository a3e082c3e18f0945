"""Linear probe: how much of an image's class a linear head reads from frozen features."""

from __future__ import annotations

import numpy as np
from torch import Tensor


def linear_probe(train: Tensor, labels: Tensor, test: Tensor, truth: Tensor, seed: int = 0) -> np.ndarray:
    """Fit a logistic regression on frozen features and mark each test image.

    The penalty is chosen by 3-fold cross-validation on the training half, never on the test half.

    Args:
        train, test: (N, D) and (M, D) features.
        labels, truth: (N,) and (M,) classes.

    Returns:
        (M,) booleans: classified correctly.
    """
    from sklearn.linear_model import LogisticRegressionCV  # a second to import: `import core` stays quick
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    head = make_pipeline(
        StandardScaler(),
        LogisticRegressionCV(
            Cs=(1e-3, 1e-2, 1e-1),
            cv=3,
            random_state=seed,
            max_iter=300,
            l1_ratios=(0.0,),
            scoring="accuracy",
            use_legacy_attributes=False,
        ),
    )
    head.fit(train.cpu().numpy(), labels.cpu().numpy())
    return head.predict(test.cpu().numpy()) == truth.cpu().numpy()
