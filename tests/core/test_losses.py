"""Loss terms against plain loops in numpy, and at the points where they must vanish."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from core.losses import (
    alignment_loss,
    contrastive_loss,
    decorrelation_loss,
    erasure_loss,
    factor_loss,
    variance_loss,
)


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def uniform(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def cosine(x: np.ndarray, y: np.ndarray) -> float:
    return float(x @ y / np.linalg.norm(x) / np.linalg.norm(y))


def nt_xent(anchor: Tensor, positive: Tensor, negative: Tensor, weight: list[float], temperature: float) -> float:
    """SimCLR's Eq. 1 row by row, with b / 5 * weight copies of the hard negative in the anchor's denominator."""
    a, p, n = anchor.numpy(), positive.numpy(), negative.numpy()
    centre = np.concatenate([a, p]).mean(0)
    a, p, n = a - centre, p - centre, n - centre
    rows = [*a, *p]
    size, total = len(a), 0.0
    for i, row in enumerate(rows):
        partner = rows[(i + size) % (2 * size)]
        denominator = sum(math.exp(cosine(row, other) / temperature) for j, other in enumerate(rows) if j != i)
        if i < size:
            denominator += weight[i] * size / 5 * math.exp(cosine(row, n[i]) / temperature)
        total -= math.log(math.exp(cosine(row, partner) / temperature) / denominator)
    return total / len(rows)


@given(
    size=st.integers(2, 7),
    temperature=st.sampled_from([0.05, 0.2, 1.0]),
    weight=st.lists(st.floats(0.01, 1), min_size=7, max_size=7),
    seed=st.integers(0, 99),
)
def test_the_contrastive_loss_equals_a_plain_loop(
    size: int, temperature: float, weight: list[float], seed: int
) -> None:
    views = [normal(size, 5, seed=seed + 100 * part) for part in range(3)]
    ours = contrastive_loss(*views, torch.tensor(weight[:size], dtype=torch.float64), temperature)
    assert float(ours) == pytest.approx(nt_xent(*views, weight, temperature), rel=1e-9)


@pytest.mark.parametrize("temperature", [0.02, 0.05, 0.2, 1.0])
def test_a_hard_negative_of_weight_zero_is_left_out(temperature: float) -> None:
    anchor, positive = normal(6, 5), normal(6, 5, seed=1)
    ours = contrastive_loss(anchor, positive, anchor, torch.zeros(6, dtype=torch.float64), temperature)
    alone = nt_xent(anchor, positive, anchor, [0.0] * 6, temperature)
    assert float(ours) == pytest.approx(alone, rel=1e-4)


def test_a_group_without_hard_negatives_still_has_gradients() -> None:
    anchor, positive = (normal(6, 5, seed=seed).requires_grad_() for seed in (0, 1))
    contrastive_loss(anchor, positive, anchor, torch.zeros(6, dtype=torch.float64), 0.2).backward()
    for leaf in (anchor, positive):
        assert leaf.grad is not None and bool(leaf.grad.isfinite().all()) and leaf.grad.abs().max() > 0


@given(shift=st.floats(-5, 5), scale=st.floats(0.1, 10))
def test_the_contrastive_loss_ignores_a_common_offset_and_scale(shift: float, scale: float) -> None:
    views = [normal(6, 5, seed=part) for part in range(3)]
    weight = torch.full((6,), 0.5, dtype=torch.float64)
    moved = [scale * (view + shift) for view in views]
    assert float(contrastive_loss(*moved, weight, 0.2)) == pytest.approx(float(contrastive_loss(*views, weight, 0.2)))


def test_the_contrastive_loss_falls_as_positives_approach_and_rises_as_hard_negatives_do() -> None:
    anchor, other, weight = normal(8, 5), normal(8, 5, seed=1), torch.ones(8, dtype=torch.float64)
    near, far = 0.9 * anchor + 0.1 * other, 0.1 * anchor + 0.9 * other
    assert contrastive_loss(anchor, near, far, weight, 0.2) < contrastive_loss(anchor, far, far, weight, 0.2)
    assert contrastive_loss(anchor, near, far, weight, 0.2) < contrastive_loss(anchor, near, anchor, weight, 0.2)


def whitened(count: int, size: int) -> Tensor:
    centred = normal(count, size) - normal(count, size).mean(0)
    return torch.linalg.qr(centred).Q * (count - 1) ** 0.5


def test_decorrelation_and_variance_are_zero_for_whitened_features_wherever_they_lie() -> None:
    features = whitened(50, 6) + 3
    assert float(decorrelation_loss(features)) == pytest.approx(0, abs=1e-12)
    assert float(variance_loss(features)) == pytest.approx(0, abs=1e-12)


@given(st.integers(0, 99))
def test_decorrelation_is_the_sum_of_squares_off_the_diagonal_of_the_covariance(seed: int) -> None:
    features = normal(20, 4, seed=seed)
    covariance = np.cov(features.numpy().T)
    expected = np.square(covariance - np.diag(np.diag(covariance))).sum() / 4
    assert float(decorrelation_loss(features)) == pytest.approx(expected)


@given(st.integers(0, 99))
def test_variance_is_the_squared_distance_of_each_variance_from_one(seed: int) -> None:
    features = normal(20, 4, seed=seed)
    expected = np.square(features.numpy().var(0, ddof=1) - 1).mean()
    assert float(variance_loss(features)) == pytest.approx(expected)


def test_collapsed_features_lack_all_their_variance() -> None:
    assert float(variance_loss(torch.ones(10, 4, dtype=torch.float64))) == pytest.approx(1)


@given(scale=st.floats(0.1, 10), offset=st.floats(-3, 3))
def test_alignment_is_zero_for_identical_features_up_to_scale_and_offset(scale: float, offset: float) -> None:
    anchor = normal(20, 4)
    assert float(alignment_loss(anchor, scale * anchor + offset)) == pytest.approx(0, abs=1e-9)


def test_alignment_weighs_a_quiet_dimension_like_a_loud_one() -> None:
    anchor, positive = normal(20, 4), normal(20, 4, seed=1)
    scale = torch.tensor([0.1, 1.0, 10.0, 3.0], dtype=torch.float64)
    assert float(alignment_loss(anchor * scale, positive * scale)) == pytest.approx(
        float(alignment_loss(anchor, positive))
    )


@given(st.integers(0, 99))
def test_alignment_is_one_minus_the_mean_correlation(seed: int) -> None:
    anchor, positive = normal(20, 4, seed=seed), normal(20, 4, seed=seed + 100)
    correlations = [np.corrcoef(anchor[:, d], positive[:, d])[0, 1] for d in range(4)]
    assert float(alignment_loss(anchor, positive)) == pytest.approx(1 - np.mean(correlations))


def test_opposite_features_have_alignment_two() -> None:
    assert float(alignment_loss(normal(20, 4), -normal(20, 4))) == pytest.approx(2)


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


def design() -> Tensor:
    """All combinations of two factors at three levels: (9, 2), centred and uncorrelated."""
    levels = torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64)
    return torch.cartesian_prod(levels, levels)


def test_erasure_is_zero_when_features_change_independently_of_the_factors() -> None:
    shift = design()
    anchor = normal(9, 4)
    even = shift.square() @ normal(2, 4, seed=1)  # follows the size of a change, not its direction
    ones = torch.ones(2, dtype=torch.float64)
    assert float(erasure_loss(anchor, anchor + even, shift, ones)) == pytest.approx(0, abs=1e-12)
    assert float(erasure_loss(anchor, anchor + shift @ normal(2, 4), shift, ones)) > 0.1


def test_erasure_is_zero_when_every_feature_changes_by_the_same_amount() -> None:
    shift = uniform(30, 2)  # on average to one side
    anchor = normal(30, 4)
    ones = torch.ones(2, dtype=torch.float64)
    assert float(erasure_loss(anchor, anchor + 1, shift, ones)) == pytest.approx(0, abs=1e-12)


def test_erasure_is_the_squared_covariance_in_units_of_the_factor() -> None:
    shift, slope, descriptor = design(), normal(2, 4), torch.tensor([0.25, 1.0], dtype=torch.float64)
    anchor = normal(9, 4)
    variance = 2 / 3  # of -1, 0, 1
    expected = sum(float(i) * variance * float(row.square().mean()) for i, row in zip(descriptor, slope, strict=True))
    assert float(erasure_loss(anchor, anchor + shift @ slope, shift, descriptor)) == pytest.approx(expected)


def test_erasure_does_not_touch_factors_that_are_kept() -> None:
    shift = design()
    anchor, slope = normal(9, 4), normal(2, 4)
    slope[1] = 0
    kept_first = torch.tensor([0.0, 1.0], dtype=torch.float64)
    assert float(erasure_loss(anchor, anchor + shift @ slope, shift, kept_first)) == pytest.approx(0, abs=1e-12)
