"""The other loss terms against plain loops in numpy, and at the points where they must vanish."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from torch import Tensor

from core.pretraining.losses import (
    RIDGE,
    content_loss,
    decorrelation_loss,
    erasure_loss,
    factor_loss,
    precision,
    standardise,
    variance_loss,
)
from tests.core.pretraining.runs import uniform
from tests.core.samples import normal


def whitened(count: int, size: int) -> Tensor:
    centred = normal(count, size) - normal(count, size).mean(0)
    return torch.linalg.qr(centred).Q * (count - 1) ** 0.5


def test_decorrelation_and_variance_are_zero_for_whitened_features_wherever_they_lie() -> None:
    features = whitened(50, 6) + 3
    assert float(decorrelation_loss(features)) == pytest.approx(0, abs=1e-12)
    assert float(variance_loss(features)) == pytest.approx(0, abs=1e-8)


@given(st.integers(0, 99))
def test_decorrelation_is_the_sum_of_squares_off_the_diagonal_of_the_covariance(seed: int) -> None:
    features = normal(20, 4, seed=seed)
    covariance = np.cov(features.numpy().T)
    expected = np.square(covariance - np.diag(np.diag(covariance))).sum() / 4
    assert float(decorrelation_loss(features)) == pytest.approx(expected)


@given(st.integers(0, 99))
def test_variance_is_the_squared_distance_of_the_mean_variance_from_one(seed: int) -> None:
    features = normal(20, 4, seed=seed) * torch.tensor([0.1, 1, 2, 0.5])
    expected = (features.numpy().var(0, ddof=1).mean() - 1) ** 2
    assert float(variance_loss(features)) == pytest.approx(expected)


def test_features_may_differ_in_loudness_and_collapsed_ones_lack_all_their_variance() -> None:
    loud = whitened(50, 4) * torch.tensor([1.5, 1.1, 0.7, 0.2236]).double()
    assert float(variance_loss(loud)) == pytest.approx(0, abs=1e-3)
    assert float(variance_loss(torch.ones(10, 4, dtype=torch.float64))) == 1


@given(scale=st.floats(0.1, 10), offset=st.floats(-3, 3))
def test_standardised_features_do_not_know_scale_and_offset(scale: float, offset: float) -> None:
    features = normal(20, 4)
    expected = (features.numpy() - features.numpy().mean(0)) / features.numpy().std(0)
    np.testing.assert_allclose(standardise(features * scale + offset).numpy(), expected, rtol=1e-3, atol=1e-4)


def test_the_precision_is_the_ridged_inverse_covariance_and_carries_no_gradient() -> None:
    features = 3 * normal(30, 4).requires_grad_()
    features = features - features.mean(0)
    metric = precision(features)
    covariance = np.cov(features.detach().numpy().T, ddof=0)
    expected = np.linalg.inv(covariance + RIDGE * covariance.diagonal().mean() * np.eye(4))
    np.testing.assert_allclose(metric.numpy(), expected, rtol=1e-6)
    assert not metric.requires_grad


IDENTITY = torch.eye(4, dtype=torch.float64)


def test_content_is_a_mean_squared_error() -> None:
    predicted, content = normal(6, 3), normal(6, 3, seed=1)
    assert float(content_loss(predicted, content)) == pytest.approx(np.square((predicted - content).numpy()).mean())


def factors(seed: int = 0) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor], Tensor]:
    predicted = (normal(5, 3, seed=seed), normal(5, 3, seed=seed + 1))
    position = (2 * uniform(5, 3, seed=seed + 2) - 1, 2 * uniform(5, 3, seed=seed + 3) - 1)
    return predicted, position, torch.tensor([0, 1, 2, 2, 1])


@given(st.integers(0, 99))
def test_the_factor_loss_equals_a_plain_loop(seed: int) -> None:
    predicted, position, moved = factors(seed)
    descriptor = uniform(3, seed=seed + 4)
    absolute = change = 0.0
    for n in range(5):
        for k in range(3):
            absolute += float((1 - descriptor[k]) * (predicted[0][n, k] - position[0][n, k]) ** 2) / 15
        k = int(moved[n])
        guess, truth = predicted[1][n, k] - predicted[0][n, k], position[1][n, k] - position[0][n, k]
        change += float((1 - descriptor[k]) * (guess - truth) ** 2) / 5
    assert float(factor_loss(predicted, position, moved, descriptor)) == pytest.approx(absolute + change)


def test_the_factor_loss_vanishes_where_all_is_ignored_and_where_all_is_read() -> None:
    predicted, position, moved = factors()
    assert float(factor_loss(predicted, position, moved, torch.ones(3, dtype=torch.float64))) == 0
    assert float(factor_loss(position, position, moved, torch.zeros(3, dtype=torch.float64))) == 0


@pytest.mark.parametrize("ignored", range(3))
def test_the_factor_loss_does_not_ask_for_an_ignored_factor(ignored: int) -> None:
    predicted, position, moved = factors()
    descriptor = torch.zeros(3, dtype=torch.float64).index_fill_(0, torch.tensor([ignored]), 1)
    wild = (predicted[0].clone(), predicted[1].clone())
    for part in wild:
        part[:, ignored] += 100
    before, after = (factor_loss(p, position, moved, descriptor) for p in (predicted, wild))
    assert float(after) == pytest.approx(float(before)) and float(before) > 0


def pairs_with_slope(slope: Tensor, count: int = 4000) -> tuple[Tensor, Tensor, Tensor]:
    """Anchors, positives and factor changes; features change by ``slope`` times the factor, and by noise."""
    position = 2 * uniform(2, count, len(slope), seed=3) - 1
    content, noise = normal(count, slope.shape[1], seed=1), normal(2, count, slope.shape[1], seed=2)
    anchor, positive = content + 0.5 * noise + position @ slope
    return anchor, positive, position[1] - position[0]


def test_erasure_is_the_r2_with_which_a_linear_reader_tells_the_factor() -> None:
    slope = torch.zeros(1, 4, dtype=torch.float64)
    slope[0, 1] = 1.5
    position = 2 * uniform(4000, 1, seed=3) - 1
    features = normal(4000, 4, seed=1) + position @ slope
    expected = LinearRegression().fit(features.numpy(), position[:, 0].numpy()).score(features, position[:, 0])
    positive = normal(4000, 4, seed=1) + (other := 2 * uniform(4000, 1, seed=4) - 1) @ slope
    both = standardise(torch.cat([features, positive]))
    metric = torch.linalg.inv(torch.cov(both.T))
    anchor, moved = both.chunk(2)
    ours = erasure_loss(anchor, moved, other - position, torch.ones(1, dtype=torch.float64), metric)
    assert float(ours) == pytest.approx(expected, abs=0.03)


def test_erasure_has_no_bias_when_features_do_not_follow_the_factors() -> None:
    ones, values = torch.ones(2, dtype=torch.float64), []
    for seed in range(300):
        shift = uniform(20, 2, seed=seed) - 0.5
        values.append(
            float(erasure_loss(normal(20, 4, seed=seed), normal(20, 4, seed=seed + 1000), shift, ones, IDENTITY))
        )
    # The plain squared norm has mean 2 x 2 axes x 4 dimensions / 20 / 2 = 0.4 here.
    assert abs(np.mean(values)) < 4 * np.std(values) / 300**0.5 < 0.1


def test_erasure_is_zero_when_every_feature_changes_by_the_same_amount() -> None:
    shift, anchor = uniform(30, 2), normal(30, 4)  # on average to one side
    ones = torch.ones(2, dtype=torch.float64)
    assert float(erasure_loss(anchor, anchor + 1, shift, ones, IDENTITY)) == pytest.approx(0, abs=1e-12)


def test_erasure_weighs_each_axis_by_its_coordinate() -> None:
    anchor, positive, shift = pairs_with_slope(normal(2, 4))
    both, first, second = (
        float(erasure_loss(anchor, positive, shift, torch.tensor(i, dtype=torch.float64), IDENTITY))
        for i in ((1.0, 0.25), (1.0, 0.0), (0.0, 1.0))
    )
    assert both == pytest.approx(first + 0.25 * second) and first > 0.1 and second > 0.1


def test_erasure_does_not_touch_factors_that_are_kept() -> None:
    slope = normal(2, 4)
    slope[1] = 0
    anchor, positive, shift = pairs_with_slope(slope)
    kept_first = torch.tensor([0.0, 1.0], dtype=torch.float64)
    assert float(erasure_loss(anchor, positive, shift, kept_first, IDENTITY)) == pytest.approx(0, abs=0.01)
