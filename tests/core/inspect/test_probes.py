"""Other pictures: different pieces of the shipped photographs."""

from __future__ import annotations

import pytest
import torch

from core import probe_images


@pytest.mark.parametrize("side", [32, 48])
def test_probe_images_are_different_pieces_and_repeatable(side: int) -> None:
    first = probe_images(10, seed=3, side=side)
    assert first.shape == (10, 3, side, side) and float(first.min()) >= 0 and float(first.max()) <= 1
    assert torch.equal(first, probe_images(10, seed=3, side=side))
    assert not torch.equal(first, probe_images(10, seed=4, side=side))
    distances = torch.cdist(first.flatten(1), first.flatten(1)) + 100 * torch.eye(10)
    assert distances.min() > 1
