"""Choosing among finitely many classifiers is paid for: closed forms, and the union that may not be forgotten."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import rel_entr
from scipy.stats import beta, binom
from torch import Tensor

from core.bounds import certify, clopper_pearson, descriptor_alone, kl_upper, occam
from core.bounds.certificate import held_out_bound
from core.bounds.nearest_mean import NearestMean

DELTA, CLASSES = 0.05, 3


def fails(n: int, risk: float, count: int, nats: float) -> float:
    """With what probability a bound fails for one of ``count`` independent classifiers with this risk, exactly."""
    low = [errors for errors in range(n + 1) if occam(errors, n, nats, DELTA) < risk]
    one = float(binom.cdf(low[-1], n, risk)) if low else 0.0
    return 1 - (1 - one) ** count


@pytest.mark.parametrize(("n", "risk", "count"), [(50, 0.5, 64), (200, 0.3, 729), (250, 0.9, 46_656)])
def test_a_union_over_descriptors_that_is_paid_for_holds_and_an_unpaid_one_does_not(
    n: int, risk: float, count: int
) -> None:
    """The best of many classifiers looks better than it is: without ln m, nearly every sample breaks the bound."""
    assert fails(n, risk, count, math.log(count)) <= DELTA
    assert fails(n, risk, count, 0.0) > 0.5
    assert fails(n, risk, 1, 0.0) <= DELTA, "one that was fixed beforehand has nothing to pay"


@given(st.integers(1, 400), st.floats(0, 1), st.integers(1, 10**6), st.floats(0.001, 0.5))
def test_it_is_a_quantile_of_a_beta_distribution(n: int, share: float, count: int, delta: float) -> None:
    errors = round(share * n)
    expected = 1.0 if errors == n else float(beta.ppf(1 - delta / count, errors + 1, n - errors))
    assert occam(errors, n, math.log(count), delta) == pytest.approx(expected, abs=1e-9)
    assert occam(errors, n, 0.0, delta) == clopper_pearson(errors, n, delta)
    if errors < n:
        assert binom.cdf(errors, n, occam(errors, n, 0.0, delta)) == pytest.approx(delta, rel=1e-6)


@given(st.floats(0, 0.99), st.floats(1e-4, 1))
def test_the_inverse_of_the_divergence_is_the_root_that_scipy_finds(q: float, budget: float) -> None:
    def gap(p: float) -> float:
        return float(rel_entr(q, p) + rel_entr(1 - q, 1 - p)) - budget

    last = 1 - 1e-12
    expected = brentq(gap, q, last, xtol=1e-13) if gap(last) > 0 else 1.0
    assert float(kl_upper(q, budget)) == pytest.approx(expected, abs=1e-9)


def sample(count: int, seed: int, distance: float = 2.0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % CLASSES
    means = torch.eye(CLASSES, 5, dtype=torch.float64) * distance
    return means[labels] + torch.randn(count, 5, generator=generator, dtype=torch.float64), labels


def test_the_yardstick_of_a_descriptor_that_the_certified_images_chose_is_paid_for_too() -> None:
    (x, y), (v, w) = sample(60, 0), sample(90, 1)
    free, paid = (certify(x, y, v, w, CLASSES, descriptor_nats=nats) for nats in (0.0, math.log(729)))
    assert free.held_out_exact == held_out_bound(x, y, v, w, CLASSES)
    errors = next(k for k in range(91) if clopper_pearson(k, 90) == free.held_out_exact)
    assert paid.held_out_exact == pytest.approx(float(beta.ppf(1 - DELTA / 729, errors + 1, 90 - errors)), abs=1e-9)
    assert paid.held_out is not None and free.held_out is not None and paid.held_out > free.held_out


def test_the_descriptor_alone_is_certified_by_counting_the_errors_of_the_nearest_mean() -> None:
    (x, y), (v, w) = sample(30, 0), sample(80, 1)
    found = descriptor_alone(x, y, v, w, CLASSES, nats=math.log(64), fresh=sample(900, 2))
    centre = x.mean(0)
    ways = torch.nn.functional.normalize(x - centre)
    means = torch.stack([ways[y == c].mean(0) for c in range(CLASSES)])
    cosines = torch.nn.functional.cosine_similarity((v - centre)[:, None], means[None], dim=2)
    errors = int(cosines.argmax(1).ne(w).sum())
    assert (found.errors, found.n, found.nats) == (errors, 80, math.log(64)) and 0 < errors < 40
    assert found.bound == pytest.approx(float(beta.ppf(1 - DELTA / 64, errors + 1, 80 - errors)), abs=1e-9)
    assert found.fresh is not None and 0 < found.fresh < found.bound


def test_the_nearest_mean_does_not_see_a_scale_or_a_shift_of_the_features() -> None:
    (x, y), (v, _) = sample(30, 0), sample(80, 1)
    plain, moved = NearestMean.of(x, y, CLASSES), NearestMean.of(3 * x + 7, y, CLASSES)
    assert torch.equal(plain(v), moved(3 * v + 7))


def test_wrong_inputs_get_a_sentence() -> None:
    (x, y), (v, w) = sample(30, 0), sample(30, 1)
    with pytest.raises(ValueError, match="Class 2 has no prior image"):
        descriptor_alone(x[y < 2], y[y < 2], v, w, CLASSES, nats=0.0)
    with pytest.raises(ValueError, match="nats must be a finite number of at least 0"):
        occam(1, 10, -1.0)
