"""The inverse divergence and the hold-out bounds against scipy and closed forms."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize.elementwise import find_root
from scipy.stats import beta, binom, entropy

from core.bounds import bernoulli_kl, chernoff, clopper_pearson, kl_upper
from core.bounds.kl import fit_needed, kl_lower

Bound = Callable[[int, int, float], float]
risks = st.floats(0, 0.99)
nats = st.floats(1e-4, 5)


@given(risks, st.floats(0.01, 0.99))
def test_the_divergence_is_that_of_two_coins(q: float, p: float) -> None:
    assert float(bernoulli_kl(q, p)) == pytest.approx(entropy([q, 1 - q], [p, 1 - p]), abs=1e-12)
    assert bernoulli_kl(q, p) >= 2 * (q - p) ** 2 - 1e-12  # Pinsker


@given(risks, nats)
def test_the_inverse_is_the_root_that_another_method_finds(q: float, budget: float) -> None:
    assume(float(bernoulli_kl(q, 1 - 1e-9)) > budget)
    found = find_root(lambda p: bernoulli_kl(q, p) - budget, (q, 1 - 1e-9), tolerances={"xatol": 1e-14})
    assert float(kl_upper(q, budget)) == pytest.approx(float(found.x), abs=1e-10)
    assert bernoulli_kl(q, kl_upper(q, budget)) >= budget  # rounded to the safe side


def test_known_values_and_the_ends_of_the_range() -> None:
    assert float(kl_upper(0.0, 0.1)) == pytest.approx(1 - math.exp(-0.1), abs=1e-11)
    assert float(kl_upper(0.1, 0.01)) == pytest.approx(0.14767553929800, abs=1e-11)
    assert kl_upper([0.3, 1.0, 0.2, 0.5], [0.0, 1.0, np.inf, 80.0]).tolist() == [0.3, 1.0, 1.0, 1.0]
    assert kl_lower([0.3, 0.3], [0.0, 9.0]).tolist() == [0.3, 0.0]
    assert kl_upper(np.zeros((2, 1)), np.ones((1, 3))).shape == (2, 3)


@given(risks, risks, nats, nats)
def test_more_risk_or_more_nats_never_certify_less(q: float, r: float, few: float, more: float) -> None:
    q, r, few, more = min(q, r), max(q, r), min(few, more), max(few, more)
    assert q <= kl_upper(q, few) <= kl_upper(q, more) + 1e-11
    assert kl_upper(q, few) <= kl_upper(r, few) + 1e-11


@given(st.floats(0.001, 0.9), st.floats(1e-4, 1))
def test_the_fit_that_is_needed_certifies_exactly_the_risk(risk: float, budget: float) -> None:
    fit = float(fit_needed(risk, budget))
    if math.isnan(fit):
        assert kl_upper(0.0, budget) > risk
    else:
        assert float(kl_upper(fit, budget)) == pytest.approx(risk, abs=1e-7)


@given(st.integers(1, 400), st.floats(0, 1), st.floats(0.001, 0.5))
def test_hold_out_bounds_are_the_binomial_tail_and_its_chernoff_bound(n: int, share: float, delta: float) -> None:
    errors = round(share * n)
    exact = clopper_pearson(errors, n, delta)
    assert exact == pytest.approx(beta.ppf(1 - delta, errors + 1, n - errors) if errors < n else 1.0, abs=1e-9)
    assert errors == n or binom.cdf(errors, n, exact) == pytest.approx(delta, rel=1e-6)
    assert errors / n <= exact <= chernoff(errors, n, delta) + 1e-9


@pytest.mark.parametrize("bound", [chernoff, clopper_pearson])
@pytest.mark.parametrize("risk", [0.02, 0.3])
def test_hold_out_bounds_cover_as_often_as_they_promise(bound: Bound, risk: float) -> None:
    n, delta = 60, 0.1
    covered = sum(binom.pmf(k, n, risk) for k in range(n + 1) if bound(k, n, delta) >= risk)
    assert covered >= 1 - delta


def test_without_an_error_the_bound_is_one_minus_a_root_of_delta() -> None:
    assert clopper_pearson(0, 100, 0.05) == pytest.approx(1 - 0.05**0.01, abs=1e-9)
    assert chernoff(0, 100, 0.05) == pytest.approx(1 - 0.05**0.01, abs=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kl_upper(1.2, 0.1), "empirical risk must lie in"),
        (lambda: kl_upper(math.nan, 0.1), "must lie in"),
        (lambda: kl_upper(0.2, -1.0), "budget in nats"),
        (lambda: chernoff(3, 0), "number of examples must be a whole number"),
        (lambda: chernoff(3, 2), "more errors than examples"),
        (lambda: chernoff(-1, 2), "number of errors"),
        (lambda: clopper_pearson(1, 5, 1.0), "delta is the probability"),
    ],
)
def test_a_wrong_input_gets_a_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
