"""The head that trusts a branch less: a ridge whose penalty is larger in the branch's directions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
import torch
from sklearn.linear_model import Ridge
from torch import Tensor

from core.adaptation.head import fit_head
from core.adaptation.reading import TRUST, read, weighed


@dataclass(frozen=True)
class Network:
    """As far as a head is concerned."""

    beside: Tensor | None


def drawn(features: int = 12, branch: int = 4, images: int = 40) -> tuple[Network, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    basis = torch.linalg.qr(torch.randn(features, features, generator=generator, dtype=torch.float64)).Q
    x = torch.randn(images, features, generator=generator, dtype=torch.float64)
    y = torch.randn(images, 2, generator=generator, dtype=torch.float64)
    return Network(basis[:, :branch]), x, y


def test_the_head_is_a_ridge_with_a_larger_penalty_on_the_branch() -> None:
    network, x, y = drawn()
    head, _ = read(network, x, y)
    assert head.trust == TRUST
    branch = network.beside
    assert branch is not None
    # Tikhonov: (X'X + penalty P) W = X'Y, with P = 1 / TRUST in the branch's directions and 1 in the others.
    precision = torch.eye(x.shape[1]) + (1 / TRUST - 1) * branch @ branch.T
    centred, targets = x - x.mean(0), y - y.mean(0)
    weight = torch.linalg.solve(centred.T @ centred + head.penalty * precision, centred.T @ targets)
    assert head.weight.numpy() == pytest.approx(weight.numpy(), abs=1e-9)
    assert head(x).mean(0).numpy() == pytest.approx(y.mean(0).numpy(), abs=1e-9)


def test_without_a_branch_it_is_an_ordinary_ridge() -> None:
    _, x, y = drawn()
    head, _ = read(Network(None), x, y)
    assert torch.equal(head.weight, fit_head(x, y).weight)
    theirs = Ridge(head.penalty).fit(x.numpy(), y.numpy())
    assert head(x).numpy() == pytest.approx(theirs.predict(x.numpy()), abs=1e-8)
    assert weighed(Network(None), x) is x


def test_what_it_says_of_an_image_it_has_not_seen_is_what_a_head_without_it_says() -> None:
    network, x, y = drawn(images=15)
    head, others = read(network, x, y)
    for row in range(len(x)):
        kept = torch.arange(len(x)) != row
        alone = fit_head(weighed(network, x[kept]), y[kept], head.penalty)
        assert others[row].numpy() == pytest.approx(alone(weighed(network, x[row : row + 1]))[0].numpy(), abs=1e-8)


def test_only_the_branchs_directions_become_quieter() -> None:
    network, x, _ = drawn()
    assert network.beside is not None
    quieter = weighed(network, x)
    assert (quieter @ network.beside).numpy() == pytest.approx((math.sqrt(TRUST) * x @ network.beside).numpy())
    rest = torch.eye(x.shape[1]) - network.beside @ network.beside.T
    assert (quieter @ rest).numpy() == pytest.approx((x @ rest).numpy())
