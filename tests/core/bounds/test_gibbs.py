"""Exact Gibbs risk, Gaussian divergences and the theorem's constant, each against an independent computation."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm
from torch.distributions import Independent, Normal, kl_divergence

from core.bounds import Divergence, Grid, bernoulli_kl, pac_bayes
from core.bounds.gibbs import gibbs_errors, gibbs_risk
from core.bounds.pacbayes import budget, gaussian_kl, scale_free_kl


@given(st.integers(0, 999), st.floats(0.01, 30))
def test_two_classes_have_a_closed_form(seed: int, scale: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    outputs = torch.randn(20, 2, generator=generator, dtype=torch.float64)
    spread = scale * torch.rand(20, generator=generator, dtype=torch.float64) + 1e-3
    labels = torch.randint(2, (20,), generator=generator)
    gap = outputs.gather(1, labels[:, None])[:, 0] - outputs.gather(1, 1 - labels[:, None])[:, 0]
    expected = norm.sf(gap.numpy() / (math.sqrt(2) * spread.numpy()))
    assert np.allclose(gibbs_errors(outputs, spread, labels), expected, atol=1e-10)


@pytest.mark.parametrize("classes", [3, 10])
def test_quadrature_is_what_drawn_heads_do(classes: int) -> None:
    generator = torch.Generator().manual_seed(classes)
    features = torch.randn(30, 6, generator=generator)
    head = torch.randn(6, classes, generator=generator)
    labels = torch.randint(classes, (30,), generator=generator)
    drawn = head + 0.7 * torch.randn(20000, 6, classes, generator=generator)
    wrong = ((features @ drawn).argmax(-1) != labels).double().mean(0)
    exact = gibbs_errors(features @ head, 0.7 * features.norm(dim=1), labels)
    assert float((exact - wrong).abs().max()) < 5 * 0.5 / math.sqrt(20000)


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_more_nodes_change_nothing(classes: int) -> None:
    generator = torch.Generator().manual_seed(classes)
    outputs = 2 * torch.randn(100, classes, generator=generator)
    spread = (1.5 * torch.randn(100, generator=generator)).exp()
    labels = torch.randint(classes, (100,), generator=generator)
    difference = gibbs_errors(outputs, spread, labels) - gibbs_errors(outputs, spread, labels, nodes=200)
    assert float(difference.abs().max()) < 1e-6


def test_without_noise_it_is_the_ordinary_error_and_with_much_noise_it_is_chance() -> None:
    outputs = torch.tensor([[1.0, 0.0, 0.5], [0.0, 2.0, 1.0], [3.0, 1.0, 2.0]])
    labels = torch.tensor([0, 1, 2])
    assert gibbs_errors(outputs, torch.zeros(3), labels).tolist() == pytest.approx([0, 0, 1])
    assert gibbs_risk(outputs, torch.full((3,), 1e6), labels) == pytest.approx(2 / 3, abs=1e-5)


@given(st.integers(1, 40), st.floats(0.01, 3), st.floats(0.01, 3), st.integers(0, 99))
def test_the_gaussian_divergence_is_torchs(p: int, s: float, s0: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    one, two = torch.randn(2, p, generator=generator, dtype=torch.float64)
    q, prior = (Independent(Normal(m, torch.full((p,), d).double()), 1) for m, d in ((one, s), (two, s0)))
    expected = float(kl_divergence(q, prior))
    assert float(gaussian_kl(float((one - two).square().sum()), p, s, s0)) == pytest.approx(
        expected, rel=1e-6, abs=1e-6
    )


@given(st.floats(0.01, 100), st.integers(1, 500), st.floats(0.01, 10))
def test_no_scale_of_the_head_is_cheaper_than_the_closed_form_says(distance: float, p: int, s: float) -> None:
    least = float(scale_free_kl(distance, p, s))
    scales = np.geomspace(1e-4, 1e4, 4001)
    tried = gaussian_kl(scales**2 * distance, p, scales * s, 1.0)
    assert least <= tried.min() + 1e-9
    assert tried.min() == pytest.approx(least, rel=2e-3, abs=2e-3 * p)


def test_the_constant_of_the_theorem_holds_for_small_samples_too() -> None:
    for n in [*range(1, 60), 200, 1000]:
        k = np.arange(n + 1)
        moment = binom.pmf(k, n, k / n).sum()  # sum_k C(n, k) (k/n)^k (1 - k/n)^(n - k)
        assert moment <= 2 * math.sqrt(n) + 1e-9, n


@given(st.lists(st.floats(0.02, 0.98), min_size=2, max_size=8))
def test_the_moment_is_largest_when_all_examples_have_the_same_distribution(risks: list[float]) -> None:
    n, mean = len(risks), float(np.mean(risks))
    mixed = np.ones(1)
    for risk in risks:  # distribution of the number of errors
        mixed = np.convolve(mixed, [1 - risk, risk])
    k = np.arange(n + 1)
    grown = np.exp(n * bernoulli_kl(k / n, mean))
    assert mixed @ grown <= binom.pmf(k, n, mean) @ grown * (1 + 1e-9)


@given(st.floats(0, 0.9), st.floats(0, 50), st.integers(1, 5000), st.floats(0.001, 0.5))
def test_more_examples_fewer_nats_and_more_delta_certify_less_risk(r: float, kl: float, n: int, delta: float) -> None:
    bound = float(pac_bayes(r, kl, n, delta))
    assert r <= bound <= 1
    assert float(pac_bayes(r, kl, 2 * n + 6, delta)) <= bound + 1e-9
    assert float(pac_bayes(r, kl + 1, n, delta)) >= bound - 1e-9
    assert float(pac_bayes(r, kl, n, delta / 2)) >= bound - 1e-9
    assert float(pac_bayes(r, kl, n, delta, priors=4)) == pytest.approx(float(pac_bayes(r, kl + math.log(4), n, delta)))


def test_budget_by_hand() -> None:
    assert float(budget(3.0, 100, 0.05, priors=5)) == pytest.approx((3 + math.log(2 * 10 * 5 / 0.05)) / 100)


def test_a_grid_snaps_to_its_levels_and_costs_k_ln_q() -> None:
    grid = Grid(levels=11, axes=6)
    assert grid.nats == pytest.approx(6 * math.log(11))
    assert grid.snap([0.04, 0.06, 0.5, 1, 0, 0.97]) == pytest.approx((0, 0.1, 0.5, 1, 0, 1))
    assert Grid(2, 2).snap([0.49, 0.5]) == (0, 1)
    assert Divergence(1.0, 2.5).total == 3.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Grid(1, 6), "levels"),
        (lambda: Grid(3, 2).snap([0.5]), "must be 2 numbers"),
        (lambda: Grid(3, 1).snap([1.5]), "numbers in"),
        (lambda: Divergence(-1.0, 0.0), "divergence of the descriptor"),
        (lambda: pac_bayes(0.1, 1.0, 0), "number of examples"),
        (lambda: pac_bayes(0.1, -100.0, 10), "budget in nats"),
        (lambda: pac_bayes(0.1, 1.0, 10, 0.0), "delta"),
    ],
)
def test_a_wrong_input_gets_a_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
