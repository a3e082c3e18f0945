"""The other loss terms against plain loops in numpy, and at the points where they must vanish."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from torch import Tensor

from core.measures.intraclass import intraclass
from core.pretraining.losses import (
    OWN,
    alignment_loss,
    content_loss,
    decorrelation_loss,
    distances,
    erasure_loss,
    factor_loss,
    precision,
    separation_loss,
    standardise,
    target_distance,
    variance_loss,
)
from tests.core.samples import normal


def uniform(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


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
    features = standardise(normal(30, 4).requires_grad_())
    metric = precision(features)
    expected = np.linalg.inv(np.cov(features.detach().numpy().T, ddof=0) + 0.1 * np.eye(4))
    np.testing.assert_allclose(metric.numpy(), expected, rtol=1e-9)
    assert not metric.requires_grad


IDENTITY = torch.eye(4, dtype=torch.float64)


def centred(features: Tensor) -> tuple[Tensor, Tensor]:
    """As :func:`distances` takes everything: as the features are, and standardised."""
    return features - features.mean(0), standardise(features)


def apart(one: Tensor, other: Tensor, metric: Tensor = IDENTITY) -> tuple[Tensor, Tensor]:
    """Distances of two views of the same images, among all of both."""
    raw, standard = centred(torch.cat([one, other]))
    changes = tuple(first - second for first, second in (raw.chunk(2), standard.chunk(2)))
    return distances((changes[0], changes[1]), (raw, standard), metric)


@given(st.integers(0, 99))
def test_distances_equal_a_plain_loop(seed: int) -> None:
    one, other = normal(6, 4, seed=seed), 3 * normal(6, 4, seed=seed + 100) + 1
    metric = precision(standardise(normal(30, 4, seed=seed)))
    raw, standard = (each.numpy() for each in centred(torch.cat([one, other])))
    for z, matrix, found in ((raw, np.eye(4), 0), (standard, metric.numpy(), 1)):
        typical = 2 * np.mean([row @ matrix @ row for row in z])
        expected = [(z[n] - z[n + 6]) @ matrix @ (z[n] - z[n + 6]) / typical for n in range(6)]
        np.testing.assert_allclose(apart(one, other, metric)[found].numpy(), expected, rtol=1e-6)


def test_two_images_are_at_distance_one_on_average_and_equal_ones_at_zero() -> None:
    features = normal(4000, 4)
    for found in apart(features[:2000], features[2000:]):
        assert float(found.mean()) == pytest.approx(1, abs=0.05)
    for found in apart(features, features):
        assert float(found.abs().max()) == 0


def test_alignment_estimates_the_intraclass_ratio_in_both_metrics() -> None:
    mixing = normal(4, 4, seed=7)
    mixing[:, 0] *= 0.2  # a quiet direction
    content, noise = normal(4000, 4, seed=1), 0.6 * normal(2, 4000, 4, seed=2)
    pairs = (content + noise) @ mixing
    expected = intraclass(pairs.transpose(0, 1))
    metric = torch.linalg.inv(torch.cov(standardise(pairs.flatten(0, 1)).T))
    own, whitened_ = apart(pairs[0], pairs[1], metric)
    assert float(own.mean()) == pytest.approx(expected.own, abs=0.01)
    assert float(whitened_.mean()) == pytest.approx(expected.whitened, abs=0.01)
    both = OWN * expected.own + (1 - OWN) * expected.whitened
    assert float(alignment_loss(own, whitened_)) == pytest.approx(both, abs=0.01) and 0 < OWN < 1


def test_shrinking_all_features_gains_nothing() -> None:
    features = normal(40, 4).requires_grad_()
    for loss in (
        alignment_loss(*apart(*features.chunk(2))),
        separation_loss(*apart(*features.chunk(2)), uniform(20), 2 * uniform(20), uniform(20) < 0),
    ):
        features.grad = None
        loss.backward()
        assert features.grad is not None
        assert float((features.grad * features.detach()).sum().abs() / features.grad.norm()) < 1e-4


@given(seed=st.integers(0, 99))
def test_separation_equals_a_plain_loop(seed: int) -> None:
    own, white, weight, target = (uniform(6, seed=4 * seed + part) for part in range(4))
    within, expected = uniform(6, seed=seed + 1000) < 0.5, 0.0
    for distance_, share in ((own, OWN), (white, 1 - OWN)):
        for n in range(6):
            missing = float(target[n] - distance_[n])
            expected += share * float(weight[n]) * max(0.0, -missing if within[n] else missing) / 6
    assert float(separation_loss(own, white, weight, target, within)) == pytest.approx(expected, abs=1e-9)


def test_separation_asks_kept_pairs_to_be_far_and_ignored_ones_to_be_near() -> None:
    ones = torch.ones(20, dtype=torch.float64)

    def loss(distance: float, within: bool, weight: float = 1) -> float:
        found = separation_loss(distance * ones, distance * ones, weight * ones, 0.6 * ones, ones > (not within))
        return float(found)

    assert loss(0, within=False) == pytest.approx(0.6) and loss(2, within=False) == 0
    assert loss(0, within=True) == 0 and loss(2, within=True) == pytest.approx(1.4)
    assert loss(0, within=False, weight=0) == 0 == loss(2, within=True, weight=0)


@pytest.mark.parametrize(("share", "within"), [(0.1, False), (0.9, True)])
def test_separation_pulls_a_pair_towards_its_target_from_either_side(share: float, within: bool) -> None:
    anchor = normal(20, 4)
    negative = (anchor + share * (normal(20, 4, seed=1) - anchor)).requires_grad_()
    weight, target = torch.ones(20, dtype=torch.float64), torch.full((20,), 0.3, dtype=torch.float64)
    separation_loss(*apart(anchor, negative), weight, target, torch.full((20,), within)).backward()
    assert negative.grad is not None
    outwards = float((negative.grad * (negative.detach() - anchor)).sum())
    assert (outwards > 0) == within and outwards != 0


changes = st.floats(0, 1)


def distance(change: float, ignored: float, margin: float = 0.6, ramp: float = 0.2) -> float:
    pair = torch.tensor([[change], [ignored]], dtype=torch.float64)
    return float(target_distance(pair[0], pair[1], margin, ramp)[0])


@given(change=changes, ramp=st.floats(0.01, 0.5), margin=st.floats(0.1, 1))
def test_nothing_has_to_move_at_one(change: float, ramp: float, margin: float) -> None:
    assert distance(change, 1.0, margin, ramp) == pytest.approx(0, abs=1e-6) and distance(change, 1.0, margin, 0) == 0


@given(ignored=st.floats(0, 0.75), ramp=st.floats(0.01, 0.5), margin=st.floats(0.1, 1))
def test_half_the_margin_is_asked_for_where_the_change_is_what_is_ignored(
    ignored: float, ramp: float, margin: float
) -> None:
    assert distance(ignored, ignored, margin, ramp) == pytest.approx(margin / 2)
    assert distance(ignored + ramp, ignored, margin, ramp) == pytest.approx(margin)
    assert distance(ignored - ramp, ignored, margin, ramp) == pytest.approx(0, abs=1e-9)


@given(change=changes, more=changes, ignored=changes, higher=changes, ramp=st.sampled_from([0.0, 0.05, 0.2, 0.5]))
def test_the_distance_rises_with_the_change_and_falls_with_what_is_ignored(
    change: float, more: float, ignored: float, higher: float, ramp: float
) -> None:
    here = distance(change, ignored, ramp=ramp)
    assert 0 <= here <= 0.6 + 1e-6
    assert distance(max(change, more), ignored, ramp=ramp) >= here - 1e-12
    assert distance(change, max(ignored, higher), ramp=ramp) <= here + 1e-12


def test_without_a_ramp_the_distance_is_a_step() -> None:
    assert [distance(change, 0.5, ramp=0) for change in (0.0, 0.49, 0.5, 0.51, 1.0)] == pytest.approx(
        [0, 0, 0, 0.6, 0.6]
    )


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
