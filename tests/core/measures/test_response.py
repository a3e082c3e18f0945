"""Features of moved images: the strengths that are drawn, and each image by itself."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Generator, Tensor

from core import AXES
from core.measures import move
from core.measures.response import Images, draw_magnitudes, in_batches
from tests.core.conftest import pixels_of, smooth_images, unprepared


@settings(max_examples=30)
@given(images=st.integers(1, 20), draws=st.integers(1, 8), seed=st.integers(0, 1000))
def test_magnitudes_lie_in_the_range_and_repeat_with_the_seed(images: int, draws: int, seed: int) -> None:
    axis = AXES[0]
    magnitudes = draw_magnitudes(axis, images, draws, seed)
    assert magnitudes.shape == (images, draws)
    assert bool(((magnitudes >= axis.low) & (magnitudes <= axis.high)).all())
    assert torch.equal(magnitudes, draw_magnitudes(axis, images, draws, seed))


def test_features_of_moved_images_are_those_of_each_transformed_image() -> None:
    images, axis = smooth_images(3), AXES[0]
    moved = move(unprepared, images, axis, draws=4, seed=5)
    features, magnitudes = moved.under(lambda x: pixels_of(x).mean((2, 3))), moved.magnitudes
    assert features.shape == (3, 4, 3) and torch.equal(magnitudes, draw_magnitudes(axis, 3, 4, 5))
    for n in range(3):
        for j in range(4):
            one = axis.apply(images[n : n + 1], float(magnitudes[n, j])).mean((2, 3))[0]
            torch.testing.assert_close(features[n, j], one, atol=1e-5, rtol=0)


def test_features_in_batches_equal_features_at_once() -> None:
    images = torch.rand(1030, 3, 2, 2, generator=Generator().manual_seed(0))
    seen: list[int] = []

    def features(x: Images) -> Tensor:
        seen.append(len(x))
        return pixels_of(x).flatten(1)

    assert torch.equal(in_batches(features, images), images.flatten(1))
    assert len(seen) > 1 and sum(seen) == 1030
