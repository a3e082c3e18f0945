"""The exact head against independent formulas: a Gaussian density, scikit-learn, and heads fitted N times."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from sklearn.linear_model import Ridge
from torch import Tensor

from core.adaptation.head import best_penalty, evidence, fit_head, left_out


def data(count: int, size: int, classes: int, seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(count, size, generator=generator, dtype=torch.float64)
    labels = (features[:, :classes] + 0.5 * torch.randn(count, classes, generator=generator)).argmax(1)
    if classes == 1:
        return features, features[:, :1] + 0.3 * torch.randn(count, 1, generator=generator)
    return features, torch.nn.functional.one_hot(labels, classes).double()


sizes = given(st.integers(6, 30), st.integers(1, 12), st.integers(1, 4), st.integers(0, 99))


@sizes
def test_evidence_is_the_density_of_the_targets_with_the_mean_projected_out(n: int, d: int, c: int, seed: int) -> None:
    d = max(d, c)
    features, targets = data(n, d, c, seed)
    penalty = 0.7
    # Coordinates in which the constant is gone, for rows and, because one-hot rows sum to one, for columns.
    rows = np.linalg.svd(np.ones((1, n)))[2][1:]
    columns = np.linalg.svd(np.ones((1, c)))[2][1:] if c > 1 else np.ones((1, 1))
    y = rows @ targets.numpy() @ columns.T
    x = rows @ features.numpy()
    shape = np.eye(n - 1) + x @ x.T / penalty
    noise = sum(column @ np.linalg.solve(shape, column) for column in y.T) / y.size
    if noise < 1e-9:
        return
    expected = sum(multivariate_normal.logpdf(column, cov=noise * shape) for column in y.T)
    assert float(evidence(features, targets, penalty)) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@sizes
def test_no_other_penalty_has_more_evidence(n: int, d: int, c: int, seed: int) -> None:
    features, targets = data(n, max(d, c), c, seed)
    best = best_penalty(features, targets)
    top = float(evidence(features, targets, best))
    assert all(float(evidence(features, targets, best * factor)) <= top + 1e-4 for factor in (0.2, 0.8, 1.25, 5))


@sizes
def test_the_head_is_scikit_learns_ridge(n: int, d: int, c: int, seed: int) -> None:
    features, targets = data(n, max(d, c), c, seed)
    head = fit_head(features, targets, 2.5)
    theirs = Ridge(alpha=2.5).fit(features.numpy(), targets.numpy())
    assert np.allclose(head(features).numpy(), theirs.predict(features.numpy()).reshape(n, -1), atol=1e-8)
    assert head.parameters == (max(d, c) + 1) * c


@sizes
def test_left_out_predictions_are_those_of_heads_fitted_without_the_image(n: int, d: int, c: int, seed: int) -> None:
    features, targets = data(n, max(d, c), c, seed)
    quick = left_out(features, targets, 1.5)
    for row in range(0, n, 5):
        others = torch.arange(n) != row
        slow = fit_head(features[others], targets[others], 1.5)(features[row])
        assert torch.allclose(quick[row], slow, atol=1e-8)


@sizes
def test_more_features_than_images_change_nothing_but_the_way_it_is_computed(n: int, d: int, c: int, seed: int) -> None:
    features, targets = data(n, max(d, c), c, seed)
    wide = torch.cat([features, torch.zeros(n, n + 5, dtype=features.dtype)], 1)
    assert float(evidence(wide, targets, 0.7)) == pytest.approx(float(evidence(features, targets, 0.7)), rel=1e-9)
    assert torch.allclose(left_out(wide, targets, 0.7), left_out(features, targets, 0.7), atol=1e-8)
    one, other = fit_head(wide, targets, 0.7), fit_head(features, targets, 0.7)
    assert torch.allclose(one(wide), other(features), atol=1e-8)
    tops = [float(evidence(each, targets, best_penalty(each, targets))) for each in (wide, features)]
    assert tops[0] == pytest.approx(tops[1], abs=1e-3)


def test_gradients_are_those_of_finite_differences_with_the_penalty_optimised_along() -> None:
    features, targets = data(20, 5, 3, 0)
    point = features.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(evidence(point, targets), point)
    for row, column in ((0, 0), (7, 3), (19, 4)):
        step = torch.zeros_like(features)
        step[row, column] = 1e-4
        slope = (evidence(features + step, targets) - evidence(features - step, targets)) / 2e-4
        assert float(gradient[row, column]) == pytest.approx(float(slope), rel=1e-3, abs=1e-4)


def test_useless_features_are_shrunk_away_and_invariant_ones_are_preferred() -> None:
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(60) % 2
    targets = torch.nn.functional.one_hot(labels, 2).double()
    signal = (2.0 * labels - 1)[:, None] + 0.5 * torch.randn(60, 1, generator=generator)
    noise = torch.randn(60, 8, generator=generator)
    plain = torch.cat([signal, 0.01 * noise], 1).double()
    disturbed = torch.cat([signal, 3 * noise], 1).double()
    assert evidence(plain, targets) > evidence(disturbed, targets) + 3
    assert best_penalty(noise.double(), targets) > 100 * best_penalty(plain, targets)
