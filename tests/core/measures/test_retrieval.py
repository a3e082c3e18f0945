"""Retrieval, effective rank and the linear probe on features whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.measures import effective_rank, identity_retrieval, linear_probe
from tests.core.samples import normal


def test_every_image_is_found_again_among_distinct_ones() -> None:
    gallery = normal(100, 8)
    assert bool(identity_retrieval(gallery, gallery).all())
    assert bool(identity_retrieval(gallery, gallery + 1e-3 * normal(100, 8, seed=1)).all())


def test_retrieval_by_noise_is_chance() -> None:
    hits = torch.stack([identity_retrieval(normal(50, 8, seed=s), normal(50, 8, seed=s + 500)) for s in range(100)])
    chance = 1 / 50
    assert float(hits.double().mean()) == pytest.approx(chance, abs=4 * (chance * (1 - chance) / hits.numel()) ** 0.5)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1])
def test_retrieval_of_collapsed_features_is_zero(value: float) -> None:
    gallery = torch.full((50, 8), value)
    assert not bool(identity_retrieval(gallery, gallery).any())


def test_retrieval_equals_a_plain_search_in_the_whitened_metric() -> None:
    gallery = normal(60, 5) * torch.tensor([10.0, 1, 1, 1, 0.1], dtype=torch.float64)
    queries = gallery + torch.tensor([3.0, 0.3, 0.3, 0.3, 0.03], dtype=torch.float64) * normal(60, 5, seed=1)
    x, q = gallery.numpy(), queries.numpy()
    values, vectors = np.linalg.eigh(np.cov(x.T))
    root = vectors / np.sqrt(values + 1e-3 * values.mean())
    a, b = ((part - x.mean(0)) @ root for part in (q, x))
    cosines = (a / np.linalg.norm(a, axis=1, keepdims=True)) @ (b / np.linalg.norm(b, axis=1, keepdims=True)).T
    expected = cosines.argmax(1) == np.arange(60)
    assert 0.1 < expected.mean() < 0.999
    assert identity_retrieval(gallery, queries).tolist() == expected.tolist()


@pytest.mark.parametrize("gallery, queries", [((5,), (5,)), ((1, 3), (1, 3)), ((5, 3), (4, 3)), ((5, 3), (5, 4))])
def test_retrieval_refuses_shapes_that_do_not_fit(gallery: tuple[int, ...], queries: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="Gallery and queries must both have shape"):
        identity_retrieval(torch.zeros(gallery), torch.zeros(queries))


@pytest.mark.parametrize("directions", [1, 3, 8])
def test_the_effective_rank_counts_equal_directions(directions: int) -> None:
    centred = normal(100, directions) - normal(100, directions).mean(0)
    basis = torch.linalg.qr(normal(8, 8, seed=1)).Q[:directions]
    assert effective_rank(torch.linalg.qr(centred).Q @ basis + 3) == pytest.approx(directions)


def test_the_effective_rank_of_unequal_directions_is_the_exponent_of_their_entropy() -> None:
    centred = normal(100, 4) - normal(100, 4).mean(0)
    variance = torch.tensor([8.0, 4.0, 2.0, 2.0], dtype=torch.float64)
    p = variance / variance.sum()
    expected = float(torch.exp(-(p * p.log()).sum()))
    assert effective_rank(torch.linalg.qr(centred).Q * variance.sqrt()) == pytest.approx(expected)
    assert effective_rank(torch.ones(10, 4)) == 1


def test_the_linear_probe_reads_separable_classes_and_guesses_on_noise() -> None:
    labels, truth = torch.arange(120) % 3, torch.arange(90) % 3
    centres = 6 * torch.eye(3, dtype=torch.float64)
    easy = linear_probe(centres[labels] + normal(120, 3), labels, centres[truth] + normal(90, 3, seed=1), truth)
    assert easy.shape == (90,) and easy.dtype == bool and easy.mean() > 0.97
    blind = linear_probe(normal(120, 3), labels, normal(90, 3, seed=1), truth)
    assert abs(blind.mean() - 1 / 3) < 4 * (2 / 9 / 90) ** 0.5
