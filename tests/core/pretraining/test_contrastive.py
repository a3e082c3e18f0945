"""The contrastive loss against a plain loop in numpy, and what a hard negative of each weight does to it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from core.pretraining.losses import contrastive_loss
from tests.core.samples import normal


def cosine(x: np.ndarray, y: np.ndarray) -> float:
    return float(x @ y / np.linalg.norm(x) / np.linalg.norm(y))


def nt_xent(
    anchor: Tensor, positive: Tensor, negative: Tensor, weight: list[float], temperature: float, hardness: float = 0.2
) -> float:
    """SimCLR's Eq. 1 row by row, with hardness * b * weight copies of the hard negative in the anchor's denominator."""
    a, p, n = anchor.numpy(), positive.numpy(), negative.numpy()
    centre = np.concatenate([a, p]).mean(0)
    a, p, n = a - centre, p - centre, n - centre
    rows = [*a, *p]
    size, total = len(a), 0.0
    for i, row in enumerate(rows):
        partner = rows[(i + size) % (2 * size)]
        denominator = sum(math.exp(cosine(row, other) / temperature) for j, other in enumerate(rows) if j != i)
        if i < size:
            denominator += weight[i] * size * hardness * math.exp(cosine(row, n[i]) / temperature)
        total -= math.log(math.exp(cosine(row, partner) / temperature) / denominator)
    return total / len(rows)


@given(
    size=st.integers(2, 7),
    temperature=st.sampled_from([0.05, 0.2, 1.0]),
    weight=st.lists(st.floats(0.01, 1), min_size=7, max_size=7),
    hardness=st.sampled_from([0.2, 1.0]),
    seed=st.integers(0, 99),
)
def test_the_contrastive_loss_equals_a_plain_loop(
    size: int, temperature: float, weight: list[float], hardness: float, seed: int
) -> None:
    a, b, c = (normal(size, 5, seed=seed + 100 * part) for part in range(3))
    ours = contrastive_loss(a, b, c, torch.tensor(weight[:size], dtype=torch.float64), temperature, hardness)
    assert float(ours) == pytest.approx(nt_xent(a, b, c, weight, temperature, hardness), rel=1e-9)


@pytest.mark.parametrize("temperature", [0.02, 0.05, 0.2, 1.0])
def test_a_hard_negative_of_weight_zero_is_left_out(temperature: float) -> None:
    anchor, positive = normal(6, 5), normal(6, 5, seed=1)
    ours = contrastive_loss(anchor, positive, anchor, torch.zeros(6, dtype=torch.float64), temperature, 0.2)
    alone = nt_xent(anchor, positive, anchor, [0.0] * 6, temperature)
    assert float(ours) == pytest.approx(alone, rel=1e-4)


def test_a_group_without_hard_negatives_still_has_gradients() -> None:
    anchor, positive = (normal(6, 5, seed=seed).requires_grad_() for seed in (0, 1))
    contrastive_loss(anchor, positive, anchor, torch.zeros(6, dtype=torch.float64), 0.2, 0.2).backward()
    for leaf in (anchor, positive):
        assert leaf.grad is not None and bool(leaf.grad.isfinite().all()) and leaf.grad.abs().max() > 0


@given(shift=st.floats(-5, 5), scale=st.floats(0.1, 10))
def test_the_contrastive_loss_ignores_a_common_offset_and_scale(shift: float, scale: float) -> None:
    views = [normal(6, 5, seed=part) for part in range(3)]
    weight = torch.full((6,), 0.5, dtype=torch.float64)
    moved = [scale * (view + shift) for view in views]
    before, after = (float(contrastive_loss(a, b, c, weight, 0.2, 0.2)) for a, b, c in (views, moved))
    assert after == pytest.approx(before)


def test_the_contrastive_loss_falls_as_positives_approach_and_rises_as_hard_negatives_do() -> None:
    anchor, other, weight = normal(8, 5), normal(8, 5, seed=1), torch.ones(8, dtype=torch.float64)
    near, far = 0.9 * anchor + 0.1 * other, 0.1 * anchor + 0.9 * other
    assert contrastive_loss(anchor, near, far, weight, 0.2, 0.2) < contrastive_loss(anchor, far, far, weight, 0.2, 0.2)
    assert contrastive_loss(anchor, near, far, weight, 0.2, 0.2) < contrastive_loss(
        anchor, near, anchor, weight, 0.2, 0.2
    )
