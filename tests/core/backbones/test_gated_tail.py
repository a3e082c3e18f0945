"""The tail of a frozen network: what it begins with, and which gates are shut by what."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor

from core.backbones.compact import Compact
from core.backbones.gated_tail import GATING, GatedTail, calibration, random_start

TOLD, COMPONENTS, PIXELS, PICTURES, DRAWS = 10, 6, 4, 400, 3
BRANCH = Compact((8, 8, 8, 8, 8, 8), PIXELS)


def tail_of(*, balanced: bool = False) -> GatedTail:
    torch.manual_seed(0)
    tail = GatedTail(TOLD, COMPONENTS, BRANCH, balanced)
    tail.load_state_dict(random_start(tail))
    return tail.eval().requires_grad_(False)


def told(count: int = PICTURES) -> Tensor:
    """Independent numbers of different size, around a mean that is not zero."""
    generator = torch.Generator().manual_seed(1)
    return torch.randn(count, TOLD, generator=generator) * torch.logspace(1, -1, TOLD) + 3


def moved_in(number: int, shown: Tensor, size: float = 1.0) -> Tensor:
    """The pictures drawn anew in one number alone, (N, J, Q)."""
    views = shown[:, None].repeat(1, DRAWS, 1)
    generator = torch.Generator().manual_seed(number)
    views[:, :, number] += size * shown[:, number].std() * torch.randn(len(shown), DRAWS, generator=generator)
    return views


def fitted(tail: GatedTail, moved: tuple[Tensor, ...]) -> dict[str, Tensor]:
    found = calibration(tail, told(), moved)
    assert set(found.buffers) == {name for name, _ in tail.named_buffers()}
    for name, value in found.buffers.items():
        tail.get_buffer(name).copy_(value)
    return dict(found.shutting)


def test_with_open_gates_the_features_are_the_leading_principal_components_turned() -> None:
    tail, shown = tail_of(), told()
    fitted(tail, (moved_in(2, shown), moved_in(5, shown)))
    features = tail(shown, torch.zeros(len(shown), 3, 32, 32)).double().numpy()
    rows = np.concatenate([shown.numpy(), *(moved_in(n, shown).numpy().reshape(-1, TOLD) for n in (2, 5))])
    spread = shown.numpy().std(0, ddof=1)
    pca = PCA(COMPONENTS, svd_solver="full").fit(rows / spread)
    expected = (shown.numpy() - shown.numpy().mean(0)) / spread @ pca.components_.T

    def distances(values: np.ndarray) -> np.ndarray:
        return np.asarray(np.square(values[:50, None] - values[None, 50:90]).sum(-1).ravel())

    np.testing.assert_allclose(
        distances(features) / distances(features).mean(), distances(expected) / distances(expected).mean(), rtol=1e-3
    )


def test_what_is_told_is_so_much_louder_than_a_branch_of_unit_variance() -> None:
    tail, shown = tail_of(), told()
    fitted(tail, (moved_in(2, shown),))
    variance = tail(shown, torch.zeros(len(shown), 3, 32, 32)).var(0).sum()  # the branch is silent: all pictures alike
    assert float(variance) == pytest.approx(GATING.loudness * PIXELS, rel=1e-3)
    square = tail.mixing[:, COMPONENTS:].double()
    torch.testing.assert_close(square.T @ square, torch.eye(PIXELS).double(), atol=1e-5, rtol=0)


def test_in_a_balanced_tail_the_branch_takes_the_place_of_what_is_shut() -> None:
    tail, shown = tail_of(balanced=True), told()
    fitted(tail, (moved_in(2, shown),))
    pictures = torch.rand(len(shown), 3, 32, 32)
    seen = tail.branch(pictures).var(0).sum()

    def variance() -> float:
        """Of the branch, which is turned apart from what is told: of its part of the mixture."""
        mixed = tail(shown, pictures) - tail(shown, pictures[:1].expand_as(pictures))
        return float(mixed.var(0).sum() / seen)

    quiet = GATING.loudness / GATING.open
    assert variance() == pytest.approx(quiet, rel=1e-3)
    with torch.no_grad():
        tail.gates.fill_(-0.5)
        assert variance() == pytest.approx(1 - (1 - quiet) / 4, rel=1e-3), "at half, a quarter of the variance is told"
        tail.gates.fill_(-1.0)
        assert variance() == pytest.approx(1.0, rel=1e-3)


def test_an_axis_shuts_what_it_moves_and_nothing_else() -> None:
    tail, shown = tail_of(), told()
    axes = (moved_in(2, shown), moved_in(5, shown))
    shutting = fitted(tail, axes)["gates"]
    assert shutting.shape == (2, COMPONENTS) and bool((shutting > -1e-6).all())
    for axis, views in enumerate(axes):
        with torch.no_grad():
            tail.gates.zero_()
            still = tail.known(views).sub(tail.known(views).mean(1, keepdim=True)).square().mean()
            tail.gates.copy_(-shutting[axis])
            shut = tail.known(views).sub(tail.known(views).mean(1, keepdim=True)).square().mean()
            kept = tail.known(shown).var(0).sum()
            tail.gates.zero_()
            everything = tail.known(shown).var(0).sum()
        assert float(shut) < 0.02 * float(still), "what the axis moves is gone"
        assert float(kept) > 0.7 * float(everything), "and the rest is told as before"


def test_a_gate_is_between_shut_and_open() -> None:
    tail, shown = tail_of(), told(5)
    with torch.no_grad():
        tail.gates.copy_(torch.tensor([-3.0, -1.0, -0.25, 0.0, 0.5, 9.0]))
    plain = shown[:, :COMPONENTS]
    torch.testing.assert_close(tail.known(shown), plain * torch.tensor([0, 0, 0.75, 1, 1, 1]))


def test_without_axes_there_is_nothing_to_shut_and_too_few_pictures_are_said() -> None:
    found = calibration(tail_of(), told(), ())
    assert not found.shutting
    components = found.buffers["components"].double()
    covariance = torch.cov(components @ told().double().T)
    torch.testing.assert_close(covariance, torch.eye(COMPONENTS).double(), atol=1e-4, rtol=0)
    with pytest.raises(ValueError, match=r"6 principal components need more than 6 images; got 6\. Add images"):
        calibration(tail_of(), told(6), ())


def test_the_branch_sees_the_picture_and_its_maps_are_those_of_the_network_alone() -> None:
    tail, pictures = tail_of(), torch.rand(3, 3, 32, 32)
    known = told(3)
    assert tuple(tail.maps(known, pictures)) == BRANCH.layers
    change = tail(known, pictures) - tail(known, pictures.flip(0))
    branch = tail.branch(pictures) - tail.branch(pictures.flip(0))
    torch.testing.assert_close(change[:, COMPONENTS:], branch)
    assert float(change[:, :COMPONENTS].abs().max()) == 0
