"""Nuisances that are no axis: they change every picture, repeatably, and 0 changes nothing."""

from __future__ import annotations

import pytest
import torch

from core import AXES
from core.tasks.nuisances import NUISANCES, disturbed
from tests.core.conftest import smooth_images

IMAGES = (smooth_images(5) * 200 + 20).byte()


@pytest.mark.parametrize("name", NUISANCES)
def test_a_nuisance_is_repeatable_and_no_axis(name: str) -> None:
    nuisance = NUISANCES[name]
    found = disturbed(IMAGES, nuisance, 0)
    assert found.dtype == torch.uint8 and found.shape == IMAGES.shape and name not in {axis.name for axis in AXES}
    assert found.equal(disturbed(IMAGES, nuisance, 0)) and not found.equal(disturbed(IMAGES, nuisance, 1))
    moved = (found.float() - IMAGES.float()).abs().flatten(1).mean(1)
    assert bool((moved > 0).all()) and len(moved.unique()) == len(IMAGES), "each by a strength of its own"


@pytest.mark.parametrize("name", NUISANCES)
def test_strength_0_changes_nothing_and_more_changes_more(name: str) -> None:
    nuisance, pixels = NUISANCES[name], IMAGES.float() / 255

    def change(strength: float) -> float:
        changed = nuisance.change(pixels, torch.full((5,), strength), torch.Generator().manual_seed(0))
        return float((changed - pixels).abs().mean())

    assert change(0.0) < 2e-3 < change(nuisance.high / 2) < change(nuisance.high)


def test_a_vertical_shift_goes_by_its_share_of_the_height() -> None:
    picture = torch.zeros(1, 3, 32, 32)
    picture[:, :, 10] = 1
    shifted = NUISANCES["vertical shift"].change(picture, torch.tensor([25.0]), torch.Generator())
    assert int(shifted[0, 0].mean(1).argmax()) in (2, 18), "8 of 32 pixels"
