"""Distances of pairs in two metrics, and the terms that ask for them, against plain loops and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from core.measures.intraclass import intraclass
from core.pretraining.losses import (
    OWN,
    alignment_loss,
    distances,
    precision,
    separation_loss,
    target_distance,
)
from tests.core.pretraining.runs import uniform
from tests.core.samples import normal

IDENTITY = torch.eye(4, dtype=torch.float64)


def apart(one: Tensor, other: Tensor, metric: Tensor = IDENTITY) -> tuple[Tensor, Tensor]:
    """Distances of two views of the same images, among all of both."""
    everything = torch.cat([one, other])
    return distances(one - other, everything - everything.mean(0), metric)


@given(st.integers(0, 99))
def test_distances_equal_a_plain_loop(seed: int) -> None:
    one, other = normal(6, 4, seed=seed), 3 * normal(6, 4, seed=seed + 100) + 1
    metric = precision(normal(30, 4, seed=seed))
    z = torch.cat([one, other]).numpy()
    z = z - z.mean(0)
    for matrix, found in ((np.eye(4), 0), (metric.numpy(), 1)):
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
    metric = torch.linalg.inv(torch.cov(pairs.flatten(0, 1).T))
    own, whitened_ = apart(pairs[0], pairs[1], metric)
    assert float(own.mean()) == pytest.approx(expected.own, abs=0.01)
    assert float(whitened_.mean()) == pytest.approx(expected.whitened, abs=0.01)
    both = OWN * expected.own + (1 - OWN) * expected.whitened
    assert float(alignment_loss(own, whitened_)) == pytest.approx(both, abs=0.01) and 0 < OWN < 1


def test_what_is_ignored_has_to_leave_the_features_and_not_only_become_quieter() -> None:
    """A direction in which pairs differ counts less, whitened, only once it is far below the ridge."""
    content = normal(4000, 4, seed=1)

    def whitened(loudness: float) -> float:
        views = []
        for seed in (2, 3):
            view = content.clone()
            view[:, 0] = loudness * normal(4000, seed=seed)
            views.append(view)
        everything = torch.cat(views)
        return float(apart(views[0], views[1], precision(everything - everything.mean(0)))[1].mean())

    loud, quiet, gone = (whitened(each) for each in (1.0, 0.5, 0.01))
    assert loud == pytest.approx(0.25, abs=0.02) and quiet == pytest.approx(loud, abs=0.02) and gone < 0.01


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
