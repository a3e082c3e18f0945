"""Eigenvalues against numpy, and where the fastest routine gives up."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.eigen import eigh
from tests.core.samples import normal


def rank_deficient() -> torch.Tensor:
    x = normal(30, 12).double()
    x[:, 4:] = 0
    return x.T @ x


@pytest.mark.parametrize("fails", [False, True], ids=["as it is", "torch gives up"])
def test_they_are_those_of_numpy(fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(matrix: torch.Tensor) -> None:
        raise torch.linalg.LinAlgError("too many repeated eigenvalues")

    matrix = rank_deficient()
    if fails:
        monkeypatch.setattr(torch.linalg, "eigh", give_up)
    values, vectors = eigh(matrix)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(matrix.numpy()), atol=1e-9)
    np.testing.assert_allclose((vectors * values) @ vectors.T, matrix, atol=1e-9)
    assert values.dtype == matrix.dtype


def test_a_covariance_with_hundreds_of_silent_features_is_taken_apart() -> None:
    for seed in range(3):
        x = normal(400, 512, seed=seed).double()
        x[:, 130:] = 0
        values, _ = eigh(x.T @ x)
        assert int((values > 1e-6).sum()) == 130
