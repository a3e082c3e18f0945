"""The tail of a frozen network: what it begins with, and the buffers that fit it to the network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor

from core.backbones.branched_tail import CALIBRATED, BranchedTail, calibration, layers, start, statistics_of

SIZES: dict[str, Any] = {
    "pooled": 20,
    "components": 6,
    "statistics": 0,
    "inner": 5,
    "early": 4,
    "side": 4,
    "widths": (3, 4, 5),
}


def tail_of(features: int = 9, hidden: int = 7, grid: int = 3, **others: Any) -> BranchedTail:
    torch.manual_seed(0)
    tail = BranchedTail(features, hidden=hidden, grid=grid, **(SIZES | others))
    tail.load_state_dict(start(tail))
    return tail.eval().requires_grad_(False)


def parts(count: int = 200) -> tuple[Tensor, Tensor, Tensor]:
    """What a stem might give: directions of different size, and means that are not zero."""
    generator = torch.Generator().manual_seed(1)
    pooled = torch.randn(count, 20, generator=generator) * torch.linspace(2, 0.1, 20) + 3
    inner = torch.randn(count, 5, 4, 4, generator=generator) * 4 - 2
    return pooled @ torch.randn(20, 20, generator=generator), inner, torch.rand(count, 4, 8, 8, generator=generator)


def calibrated(tail: BranchedTail, given: tuple[Tensor, Tensor, Tensor]) -> BranchedTail:
    for name, value in calibration(tail, *given).items():
        tail.get_buffer(name).copy_(value)
    return tail


def test_the_buffers_are_the_principal_components_and_the_statistics_of_the_grids() -> None:
    tail, (pooled, inner, early) = tail_of(), parts()
    found = calibration(tail, pooled, inner, early)
    assert set(found) == set(CALIBRATED) == {name for name, _ in tail.named_buffers()}
    pca = PCA(svd_solver="full").fit(pooled.double().numpy())
    np.testing.assert_allclose(found["centre"], pca.mean_, rtol=1e-4)
    variance = pca.explained_variance_
    scale = 1 / np.sqrt(variance[:6] + variance.mean())
    rows = found["components"].numpy()
    lengths = np.linalg.norm(rows, axis=1)
    np.testing.assert_allclose(lengths / lengths[0], scale / scale[0], rtol=1e-4)
    cosines = np.abs((rows * pca.components_[:6]).sum(1)) / lengths
    np.testing.assert_allclose(cosines, np.ones(6), rtol=1e-3)
    spread = ((pooled - pooled.mean(0)) @ found["components"].T).square().mean()
    assert abs(float(spread) - 1) < 1e-4
    for name, grid in (("inner", inner), ("early", early)):
        np.testing.assert_allclose(found[f"{name}_centre"], grid.mean((0, 2, 3)), atol=1e-4)
        np.testing.assert_allclose(found[f"{name}_spread"], grid.transpose(0, 1).flatten(1).std(1), rtol=1e-4)


def test_quiet_components_stay_quieter_than_leading_ones_and_none_is_much_louder_than_the_others() -> None:
    tail, given = tail_of(), parts()
    calibrated(tail, given)
    leading = (given[0] - tail.get_buffer("centre")) @ tail.get_buffer("components").T
    spread = leading.std(0)
    assert bool((spread[:-1] >= spread[1:] - 1e-5).all()) and 0 < float(spread[-1]) < float(spread[0]) < 1.5
    assert float((torch.corrcoef(leading.T) - torch.eye(6)).abs().max()) < 1e-3


@pytest.mark.parametrize("features", [4, 6, 9], ids=["fewer", "as many", "more"])
def test_the_first_features_begin_as_the_components(features: int) -> None:
    tail, given = calibrated(tail_of(features), parts()), parts()
    leading = (given[0] - tail.get_buffer("centre")) @ tail.get_buffer("components").T
    found, shared = tail(*given), min(features, 6)
    correlations = torch.stack([torch.corrcoef(torch.stack([found[:, n], leading[:, n]]))[0, 1] for n in range(shared)])
    assert found.shape == (200, features) and float(correlations.min()) > 0.7
    with torch.no_grad():
        tail.head.weight[:, 6:] = 0  # without what the branches add
    torch.testing.assert_close(tail(*given)[:, :shared], leading[:, :shared], atol=1e-5, rtol=1e-5)
    assert float(found.std(0).min()) > 0.05, "further features mix the components"


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, ("early", "inner", "joined", "last")),
        ({"early": 0}, ("inner", "joined", "last")),
        ({"grid": 0}, ("inner",)),
        ({"hidden": 0, "grid": 0}, ("inner",)),
    ],
    ids=str,
)
def test_branches_can_be_left_out(fields: dict[str, Any], names: tuple[str, ...]) -> None:
    tail, given = calibrated(tail_of(**fields), parts()), parts()
    sizes = SIZES | {"grid": 3} | fields
    assert layers(sizes["grid"], sizes["early"]) == names == tuple(tail.maps(*given))
    moved = (given[0] + 1, given[1].flip(-1), given[2].flip(-1))
    changes = [
        float((tail(*(moved[m] if m == n else given[m] for m in range(3))) - tail(*given)).abs().max())
        for n in range(3)
    ]
    assert [change > 1e-3 for change in changes] == [True, sizes["grid"] > 0, sizes["grid"] > 0 and sizes["early"] > 0]


def test_an_even_and_an_odd_side_give_the_layer_that_reads_the_grid_its_size() -> None:
    for side in (4, 5, 7):
        tail = tail_of(side=side)
        given = torch.zeros(2, 20), torch.zeros(2, 5, side, side), torch.zeros(2, 4, 2 * side, 2 * side)
        assert tail(*given).shape == (2, 9)


def test_statistics_of_the_grids_are_means_of_quarters_means_peaks_and_spreads() -> None:
    _, inner, early = parts()
    found = statistics_of(inner, early).numpy()
    first, second = inner.numpy(), early.numpy()
    quarters = [first[:, :, a : a + 2, b : b + 2].mean((2, 3)) for a in (0, 2) for b in (0, 2)]
    expected = np.concatenate(
        [np.stack(quarters, 2).reshape(len(first), -1), first.mean((2, 3)), first.max((2, 3)), second.mean((2, 3)),
         second.std((2, 3))], 1
    )  # fmt: skip
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert statistics_of(inner).shape == (200, 6 * inner.shape[1])


@pytest.mark.parametrize("early", [4, 0])
def test_components_are_of_the_statistics_too(early: int) -> None:
    tail, given = calibrated(tail_of(6, statistics=True, early=early), parts()), parts()
    leading = tail.leading(*given)
    assert leading.shape == (200, 6) and float(leading.mean(0).abs().max()) < 1e-4
    correlations = torch.corrcoef(leading.T) - torch.eye(6)
    assert float(correlations.abs().max()) < 1e-3, "they are principal components"
    for part in range(2 + (early > 0)):
        moved = [each + 0.5 * each.flip(-1) * (n == part) for n, each in enumerate(given)]
        assert float((tail.leading(*moved) - leading).abs().max()) > 1e-3, "they see every part"
    with torch.no_grad():
        tail.head.weight[:, 6:] = 0
    torch.testing.assert_close(tail(*given), leading, atol=1e-4, rtol=1e-4)
