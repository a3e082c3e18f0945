"""The intraclass ratio on features whose variance components are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator, Tensor

from core import AXES
from core.measures import intraclass
from core.measures.intraclass import bootstrap_ratio
from core.measures.response import draw_magnitudes
from tests.core.samples import normal


def two_level(count: int = 2000, draws: int = 8, size: int = 16, seed: int = 0) -> tuple[Tensor, Tensor, float]:
    """Features A a_n + sigma w_nj; returns them, the covariance A A' and sigma."""
    mixing, sigma = normal(size, size, seed=seed + 50) / size**0.5, 0.5
    between = normal(count, size, seed=seed + 1) @ mixing.T
    return between[:, None] + sigma * normal(count, draws, size, seed=seed + 2), mixing @ mixing.T, sigma


def test_the_intraclass_ratio_finds_known_variance_components() -> None:
    features, between, sigma = two_level()
    within = sigma**2 * torch.eye(16, dtype=torch.float64)
    total = between + within
    ridged = torch.linalg.inv(total + 1e-3 * total.trace() / 16 * torch.eye(16, dtype=torch.float64))
    measured = intraclass(features)
    assert measured.own == pytest.approx(float(within.trace() / total.trace()), rel=0.02)
    assert measured.whitened == pytest.approx(float((ridged @ within).trace() / (ridged @ total).trace()), rel=0.02)
    shares = torch.linalg.eigvalsh(total) / total.trace()
    assert measured.rank == pytest.approx(float(torch.exp(-(shares * shares.log()).sum())), rel=0.02)
    assert not measured.collapsed and measured.invariance == 1 - measured.whitened


@given(scale=st.floats(1e-3, 1e3), offset=st.floats(-10, 10))
def test_the_intraclass_ratio_ignores_scale_and_offset(scale: float, offset: float) -> None:
    features = two_level(50, 4, 6)[0]
    first, second = intraclass(features), intraclass(scale * (features + offset))
    assert second.whitened == pytest.approx(first.whitened, rel=1e-6)
    assert second.own == pytest.approx(first.own, rel=1e-6)
    assert second.rank == pytest.approx(first.rank, rel=1e-6)


def test_the_whitened_ratio_does_not_change_under_an_invertible_map_and_the_own_one_does() -> None:
    features = two_level(400, 6, 8)[0]
    left, right = (torch.linalg.qr(normal(8, 8, seed=seed)).Q for seed in (7, 8))
    mapped = features @ (left @ torch.diag(torch.linspace(1, 3, 8, dtype=torch.float64)) @ right)
    assert intraclass(mapped).whitened == pytest.approx(intraclass(features).whitened, rel=0.01)
    loud = features * torch.tensor([30.0] + [1.0] * 7, dtype=torch.float64)
    assert abs(intraclass(loud).own / intraclass(features).own - 1) > 0.1


@given(st.integers(2, 12), st.integers(2, 6), st.floats(0, 2), st.integers(0, 99))
def test_in_one_dimension_the_ratio_is_one_minus_the_icc_of_an_anova(
    count: int, draws: int, spread: float, seed: int
) -> None:
    table = (spread * normal(count, 1, seed=seed) + normal(count, draws, seed=seed + 100)).numpy()
    means = table.mean(1)
    mean_square_between = draws * ((means - table.mean()) ** 2).sum() / (count - 1)
    mean_square_within = ((table - means[:, None]) ** 2).sum() / (count * (draws - 1))
    icc = (mean_square_between - mean_square_within) / (mean_square_between + (draws - 1) * mean_square_within)
    measured = intraclass(torch.from_numpy(table)[:, :, None])
    assert measured.own == pytest.approx(1 - max(0, icc))  # a negative variance counts as none
    assert measured.whitened == pytest.approx(1 - max(0, icc))
    assert measured.rank == pytest.approx(1)


def test_the_ratio_is_zero_without_and_one_with_nothing_but_the_transformation() -> None:
    alone = normal(60, 1, 6).expand(-1, 5, -1)
    assert intraclass(alone).whitened == pytest.approx(0, abs=1e-12)
    noise = normal(4000, 4, 6)
    assert intraclass(noise).own == pytest.approx(1, abs=0.02)


def test_features_in_one_direction_have_collapsed_and_say_nothing() -> None:
    measured = intraclass(normal(50, 4, 1) * normal(16, seed=1))
    assert measured.collapsed and measured.invariance is None and measured.rank == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, -1e6])
def test_constant_features_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"same for every image and strength.*collapsed"):
        intraclass(torch.full((5, 4, 3), value))


@pytest.mark.parametrize("shape", [(5, 4), (1, 4, 3), (5, 1, 3), (5, 4, 3, 1)])
def test_features_of_a_wrong_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape \(N, J, D\) with at least 2 images and 2 draws"):
        intraclass(torch.zeros(shape))


def test_the_bootstrap_scatters_about_the_ratio_as_widely_as_repeated_experiments() -> None:
    measured = intraclass(two_level(200, 4, 6)[0])
    for point, parts in (
        (measured.own, (measured.images, measured.between)),
        (measured.whitened, (measured.whitened_images, measured.whitened_between)),
    ):
        boot = bootstrap_ratio(*parts, 4, Generator().manual_seed(0), 1000)
        assert boot.shape == (1000,)
        assert float(boot.mean()) == pytest.approx(point, rel=0.02)
    boot = bootstrap_ratio(measured.images, measured.between, 4, Generator().manual_seed(0), 1000)
    repeated = np.std([intraclass(fresh(seed)).own for seed in range(100)])
    assert float(boot.std()) == pytest.approx(repeated, rel=0.4)


def fresh(seed: int) -> Tensor:
    """Other images under the same model as ``two_level(200, 4, 6)``."""
    mixing = normal(6, 6, seed=50) / 6**0.5
    return (normal(200, 6, seed=1000 + seed) @ mixing.T)[:, None] + 0.5 * normal(200, 4, 6, seed=2000 + seed)


def test_the_intraclass_ratio_of_drawn_magnitudes_is_their_share_of_the_variance() -> None:
    axis = AXES[0]
    content = torch.randn(8000, 1, 1, generator=torch.Generator().manual_seed(0)) * axis.width
    features = content + draw_magnitudes(axis, 8000, 4, 0)[:, :, None]
    assert intraclass(features).own == pytest.approx((1 / 12) / (1 + 1 / 12), rel=0.05)
