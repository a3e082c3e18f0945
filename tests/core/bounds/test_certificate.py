"""Certificates hold on fresh data, say when they are vacuous, and refuse what does not fit."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from core.bounds import Certificate, certify, contours, kl_upper, margin_bound, pac_bayes, point_of
from core.bounds.gibbs import gibbs_risk
from core.bounds.rademacher import MARGINS, margins_of
from core.certificates import halves

CLASSES, SIZE = 3, 4
DELTA = 0.05
Draw = Callable[[torch.Generator], Certificate]


def sample(count: int, generator: torch.Generator, distance: float = 1.5) -> tuple[Tensor, Tensor]:
    """Gaussian classes around the corners of a simplex."""
    labels = torch.randint(CLASSES, (count,), generator=generator)
    means = torch.eye(CLASSES, SIZE, dtype=torch.float64) * distance
    return means[labels] + torch.randn(count, SIZE, generator=generator, dtype=torch.float64), labels


FRESH = sample(1000, torch.Generator().manual_seed(999))


def with_prior(generator: torch.Generator, n: int = 120) -> Certificate:
    x, y = sample(n, generator)
    return certify(x[: n // 2], y[: n // 2], x[n // 2 :], y[n // 2 :], CLASSES, delta=DELTA)


def without_prior(generator: torch.Generator, n: int = 60) -> Certificate:
    return certify(None, None, *sample(n, generator), CLASSES, delta=DELTA)


@pytest.mark.slow
@pytest.mark.parametrize("draw", [partial(with_prior, n=40), partial(without_prior, n=40)])
def test_the_bound_holds_on_fresh_data_in_at_least_95_of_100_samples(draw: Draw) -> None:
    generator = torch.Generator().manual_seed(0)
    held, flattered = 0, 0
    for _ in range(200):
        found = draw(generator)
        risk = gibbs_risk(*found.outputs(FRESH[0]), FRESH[1])
        held += risk <= found.bound
        flattered += risk > found.gibbs
    assert held >= 190
    assert flattered >= 60  # the empirical risk itself would not do


def test_the_margin_bound_holds_for_the_ordinary_head_and_is_vacuous_here() -> None:
    generator = torch.Generator().manual_seed(1)
    for _ in range(20):
        x, y = sample(100, generator)
        head = torch.eye(SIZE, CLASSES, dtype=torch.float64)
        found = margin_bound(x, y, head, CLASSES, descriptors=64, delta=DELTA, radius=2.0)
        assert found.value >= float((FRESH[0] @ head).argmax(1).ne(FRESH[1]).double().mean())
        assert found.vacuous and found.value > 1
        assert found.confidence == pytest.approx(3 * math.sqrt(math.log(2 * 64 * MARGINS / DELTA) / 200))
        assert found.value == found.empirical + found.complexity + found.confidence


def test_the_choice_of_a_descriptor_is_covered_by_its_price() -> None:
    """Forty descriptors with useless features: choosing the best on the certified images must fool nobody."""
    generator = torch.Generator().manual_seed(2)
    candidates, n, held, fooled = 40, 30, 0, 0
    for _ in range(200):
        wrong = torch.rand(candidates, n, generator=generator).lt(0.5).double().mean(1)
        best = float(wrong.min())  # empirical risk of the best of forty coins; every true risk is a half
        held += bool(pac_bayes(best, math.log(candidates), n, DELTA) >= 0.5)
        fooled += bool(kl_upper(best, math.log(1 / DELTA) / n) < 0.5)
    assert held >= 190 and fooled >= 40


def test_parts_of_a_certificate_fit_together() -> None:
    generator = torch.Generator().manual_seed(3)
    for found in (with_prior(generator, 600), without_prior(generator, 300)):
        again = pac_bayes(found.gibbs, found.kl.total, found.n, found.delta, found.priors)
        assert found.bound == pytest.approx(float(again), abs=1e-9)
        assert found.gibbs <= found.bound < found.chance and not found.vacuous
        assert found.vote_bound == min(1, 2 * found.bound)
        assert point_of("head", found).verdict.startswith("With probability 95\u00a0%")
        assert all(sentence.endswith(".") for sentence in found.conditions)
        assert any("drawn anew" in sentence and "twice" in sentence for sentence in found.conditions)
    assert found.held_out is None and found.seen == 0 and found.kl.weights > 1
    assert "before any" in " ".join(found.conditions)


def test_the_yardstick_comes_with_a_prior_and_is_exact_below_chernoff() -> None:
    found = with_prior(torch.Generator().manual_seed(4), 600)
    assert found.held_out is not None and found.held_out_exact is not None
    assert found.held_out_exact <= found.held_out <= found.bound + 0.05
    assert found.seen == found.n == 300 and found.priors > 1


def test_a_descriptor_that_saw_the_certified_images_costs_its_price() -> None:
    x, y = sample(200, torch.Generator().manual_seed(5))
    free = certify(x[:100], y[:100], x[100:], y[100:], CLASSES)
    paid = certify(x[:100], y[:100], x[100:], y[100:], CLASSES, descriptor_nats=6 * math.log(11))
    assert free.bound < paid.bound and paid.kl.descriptor == pytest.approx(6 * math.log(11))
    assert "cost 14.4 nats" in " ".join(paid.conditions) and "without the 100" in " ".join(free.conditions)


@given(st.integers(0, 50), st.integers(10, 60))
def test_noise_as_features_is_certified_for_nothing_and_the_certificate_says_so(seed: int, n: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2 * n, SIZE, generator=generator)
    y = torch.arange(2 * n) % 2
    for found in (certify(x[:n], y[:n], x[n:], y[n:], 2), certify(None, None, x, y, 2)):
        assert found.bound <= 1
        if found.bound >= found.chance:
            assert found.vacuous and point_of("head", found).verdict.startswith("Vacuous:")


def test_more_labels_certify_less_risk() -> None:
    x, y = sample(2000, torch.Generator().manual_seed(6))
    bounds = [certify(x[:n], y[:n], x[n : 2 * n], y[n : 2 * n], CLASSES).bound for n in (50, 200, 1000)]
    assert bounds == sorted(bounds, reverse=True)


def test_scaling_the_features_changes_nothing() -> None:
    x, y = sample(200, torch.Generator().manual_seed(7))
    for scale in (1e-3, 1e3):
        one = certify(x[:100], y[:100], x[100:], y[100:], CLASSES)
        two = certify(scale * x[:100], y[:100], scale * x[100:], y[100:], CLASSES)
        assert two.bound == pytest.approx(one.bound, rel=1e-3)


def test_the_complexity_is_above_the_supremum_over_heads() -> None:
    """Without the loss: sup over heads of norm 1 of a signed sum, in closed form."""
    generator = torch.Generator().manual_seed(8)
    x = torch.nn.functional.normalize(torch.randn(50, 5, generator=generator), dim=1)
    signs = torch.randint(2, (4000, 50, CLASSES), generator=generator) * 2.0 - 1
    supremum = torch.einsum("mnc,nd->mcd", signs, x).flatten(1).norm(dim=1).mean() / 50
    found = margin_bound(x, torch.arange(50) % CLASSES, torch.ones(5, CLASSES), CLASSES)
    contraction = 2 * math.sqrt(2) * math.sqrt(2) / found.margin  # twice, vectors, and how fast the ramp moves
    assert 0.8 * found.complexity < contraction * float(supremum) <= found.complexity


def test_the_margin_does_not_move_faster_than_the_outputs() -> None:
    generator = torch.Generator().manual_seed(9)
    one, two = torch.randn(2, 5000, 4, generator=generator)
    labels = torch.randint(4, (5000,), generator=generator)
    moved = (margins_of(one, labels) - margins_of(two, labels)).abs()
    assert float((moved / (one - two).norm(dim=1)).max()) <= math.sqrt(2) + 1e-5


def test_contours_pass_through_the_points_that_they_certify() -> None:
    found = without_prior(torch.Generator().manual_seed(10), 300)
    point = point_of("head", found, held_out=0.2)
    line = contours([found.bound], [point.complexity, 5.0], found.n, found.delta, found.priors)
    assert line.shape == (1, 2)
    assert line[0, 0] == pytest.approx(point.gibbs_upper, abs=1e-6) and np.isnan(line[0, 1])
    document = point.document()
    assert document["method"] == "head" and document["prior"] == "initial" and not document["vacuous"]


X, Y = sample(20, torch.Generator().manual_seed(11))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: certify(X, None, X, Y, 3), "one of the two is missing"),
        (lambda: certify(X[:, :2], Y, X, Y, 3), "one extractor"),
        (lambda: certify(X, 0 * Y, X, Y, 3), "single class"),
        (lambda: certify(X, Y, X, Y, 2), "whole numbers from 0 to 1"),
        (lambda: certify(X, Y, X, Y[:5], 3), "as many labels"),
        (lambda: certify(X, Y, X[:0], Y[:0], 3), "shape"),
        (lambda: certify(X, Y, X / 0, Y, 3), "must be finite"),
        (lambda: certify(X, Y, X, Y.float(), 3), "whole numbers"),
        (lambda: certify(X, Y, X, Y, 1), "number of classes"),
        (lambda: certify(X, Y, X, Y, 3, delta=2.0), "delta is the probability"),
        (lambda: certify(X, Y, X, Y, 3, descriptor_nats=-1.0), "descriptor_nats"),
        (lambda: margin_bound(X, Y, torch.zeros(SIZE, 3), 3), "not all zeros"),
        (lambda: margin_bound(X, Y, torch.ones(2, 3), 3), "head must have shape"),
        (lambda: margin_bound(X, Y, torch.ones(SIZE, 3), 3, 0), "number of descriptors"),
        (lambda: halves(3, 0), "number of labelled images"),
        (lambda: halves(10, 0, 0.01), "leaves one half"),
    ],
)
def test_a_wrong_input_gets_a_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
