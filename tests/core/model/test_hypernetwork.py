"""The hypernetwork: shapes, independence of rows, and gradients against finite differences."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.func import functional_call

from core.backbones.compact import Compact, CompactTail
from core.model.hypernetwork import Hypernetwork
from tests.core.conftest import TINY, smooth_images

SHAPES = {"conv.weight": (6, 3, 3, 3), "conv.bias": (6,), "head.weight": (4, 10), "head.bias": (4,)}
K = 5


def small(seed: int = 0) -> Hypernetwork:
    torch.manual_seed(seed)
    return Hypernetwork(SHAPES, K, rank=3, hidden=7)


def points(count: int, seed: int = 0) -> Tensor:
    return torch.rand(count, K, generator=torch.Generator().manual_seed(seed))


@given(count=st.integers(1, 5))
def test_every_weight_has_its_shape_and_a_batch_axis(count: int) -> None:
    weights = small()(points(count))
    assert {name: tuple(weight.shape) for name, weight in weights.items()} == {
        name: (count, *shape) for name, shape in SHAPES.items()
    }


def test_one_row_of_a_batch_equals_that_descriptor_alone() -> None:
    network, batch = small(), points(4)
    together = network(batch)
    for row in range(4):
        for name, weight in network(batch[row : row + 1]).items():
            torch.testing.assert_close(together[name][row], weight[0], atol=1e-6, rtol=1e-5)


def test_weights_do_not_depend_on_the_order_of_descriptors() -> None:
    network, batch, order = small(), points(4), torch.tensor([2, 0, 3, 1])
    straight, shuffled = network(batch), network(batch[order])
    for name in SHAPES:
        torch.testing.assert_close(straight[name][order], shuffled[name], atol=1e-6, rtol=1e-5)


def test_weights_do_not_depend_on_the_descriptors_that_came_before() -> None:
    network, point = small().train(), points(1)
    before = network(point)
    for seed in range(5):
        network(points(8, seed))
    after = network(point)
    assert all(torch.equal(before[name], after[name]) for name in SHAPES)


def test_every_coordinate_changes_every_weight_tensor() -> None:
    network, point = small(), points(1)
    for k in range(K):
        moved = point.clone()
        moved[0, k] = 1 - moved[0, k]
        first, second = network(point), network(moved)
        assert all((first[name] - second[name]).abs().max() > 1e-4 for name in SHAPES)


def test_the_change_of_a_matrix_is_of_low_rank() -> None:
    network = small()
    weights = network(points(2))
    change = (weights["conv.weight"][0] - weights["conv.weight"][1]).flatten(1)
    assert int(torch.linalg.matrix_rank(change, rtol=1e-4)) == 3


def test_the_gradient_of_the_weights_equals_finite_differences() -> None:
    network = small().double()
    point = points(2).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda i: tuple(network(i).values()), (point,), eps=1e-6, atol=1e-6)


def extractor_and_network() -> tuple[CompactTail, Hypernetwork]:
    torch.manual_seed(1)
    extractor = CompactTail(Compact((8,) * 6, 16))
    shapes = {name: tuple(parameter.shape) for name, parameter in extractor.named_parameters()}
    return extractor, Hypernetwork(shapes, K, TINY.rank, TINY.hidden)


def test_the_gradient_of_the_features_equals_finite_differences() -> None:
    extractor, network = (module.double() for module in extractor_and_network())
    images = smooth_images(2).double()
    point = points(1, seed=3).double().requires_grad_()

    def features(i: Tensor) -> Tensor:
        weights = {name: weight[0] for name, weight in network(i).items()}
        return functional_call(extractor, weights, (images,))

    assert features(point).dtype == torch.float64, "rounding to float32 would hide errors of the gradient"
    assert torch.autograd.gradcheck(features, (point,), eps=1e-6, atol=1e-5, rtol=1e-3)


def test_every_parameter_receives_a_gradient() -> None:
    extractor, network = extractor_and_network()
    weights = {name: weight[0] for name, weight in network(points(1)).items()}
    functional_call(extractor, weights, (smooth_images(4),)).square().mul(torch.rand(4, 16)).sum().backward()
    silent = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().max() > 0]
    assert silent == []


@pytest.mark.parametrize("shape", [(K,), (2, K - 1), (2, K + 1), (1, 2, K), ()])
def test_descriptors_of_a_wrong_shape_are_refused_with_advice(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=rf"shape \(B, {K}\); got .*descriptor\[None\]"):
        small()(torch.zeros(shape))


def test_names_that_would_share_a_key_are_refused() -> None:
    with pytest.raises(ValueError, match=r"a\.b and a_b cannot be told apart"):
        Hypernetwork({"a.b": (3,), "a_b": (3,)}, K, 2, 4)


def test_given_weights_are_where_generation_starts() -> None:
    given = {name: torch.full(shape, 2.0) for name, shape in SHAPES.items()}
    network = Hypernetwork(SHAPES, K, rank=3, hidden=7, base=given)
    assert all(torch.equal(network.base[name.replace(".", "_")], value) for name, value in given.items())
    weights = network(points(1))
    for name, value in given.items():  # changed by a share of their own size
        moved = (weights[name][0] - value).norm() / value.norm()
        assert 0 < moved < 1, name
    with pytest.raises(ValueError, match=r"must have conv\.bias of shape \(6,\); got nothing"):
        Hypernetwork(SHAPES, K, 3, 7, base={"conv.weight": given["conv.weight"]})
