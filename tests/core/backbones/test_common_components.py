"""Common principal components against covariances that have them, and against the eigenvectors of one."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from core.backbones.common_components import common_components


def off_diagonal(basis: Tensor, covariances: Tensor) -> float:
    seen = basis.T @ covariances @ basis
    return float((seen - torch.diag_embed(seen.diagonal(dim1=1, dim2=2))).square().sum() / seen.square().sum())


def covariances(count: int, size: int, seed: int, noise: float) -> tuple[Tensor, Tensor]:
    """(K, C, C) with one basis, which comes second, and as much of an own one each."""
    generator = torch.Generator().manual_seed(seed)
    basis = torch.linalg.qr(torch.randn(size, size, generator=generator).double()).Q
    values = torch.rand(count, size, generator=generator).double()
    own = torch.randn(count, size, size, generator=generator).double()
    return (basis * values[:, None, :]) @ basis.T + noise * own @ own.mT / size, basis


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 6), st.integers(2, 9), st.integers(0, 10**6), st.sampled_from([0.0, 0.1, 1.0]))
def test_they_are_orthogonal_and_never_worse_than_the_sum_s(count: int, size: int, seed: int, noise: float) -> None:
    given_, _ = covariances(count, size, seed, noise)
    found = common_components(given_)
    torch.testing.assert_close(found.T @ found, torch.eye(size).double(), atol=1e-9, rtol=0)
    total = torch.linalg.eigh(given_.sum(0)).eigenvectors
    assert off_diagonal(found, given_) <= off_diagonal(total, given_) + 1e-9


def test_a_shared_basis_is_found_even_where_the_sum_cannot_tell_it() -> None:
    _, basis = covariances(1, 5, 0, 0)
    values = torch.tensor([[1.0, 0, 0, 0.3, 0.5], [0, 1.0, 0, 0.4, 0.5], [0, 0, 1.0, 0.3, 0]]).double()
    shared = (basis * values[:, None, :]) @ basis.T
    found = common_components(shared)
    assert off_diagonal(found, shared) < 1e-4
    assert off_diagonal(torch.linalg.eigh(shared.sum(0)).eigenvectors, shared) > 0.01, "1, 1, 1: any basis will do"


def test_one_covariance_has_its_eigenvectors_and_none_the_axes_themselves() -> None:
    given_, _ = covariances(1, 6, 3, 0.5)
    assert off_diagonal(common_components(given_), given_) < 1e-20
    assert torch.equal(common_components(torch.empty(0, 4, 4)), torch.eye(4))
