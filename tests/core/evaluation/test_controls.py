"""What a model is compared with: deaf to the descriptor, repeatable, and the same for prepared images."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core import AXES, Compact, load_checkpoint
from core.backbones import Extractor
from core.evaluation.controls import FrozenFeatures, Pixels, PlainFeatures, untrained
from core.measures import move
from tests.core.conftest import TINY, smooth_images, tiny_model

K = len(AXES)


def test_pixels_are_projected_on_their_principal_components_and_deaf() -> None:
    images = smooth_images(40)
    pixels = Pixels(images, Compact((8,) * 6, 8))
    features = pixels.features(images, "rotation=1")
    assert features.shape == (40, 8) and torch.equal(features, pixels.features(images, "rotation=0"))
    flat = images.flatten(1).double() - images.flatten(1).double().mean(0)
    largest = torch.linalg.svdvals(flat)[:8].square()
    torch.testing.assert_close(features.double().square().sum(0), largest, rtol=0.02, atol=0)


def test_the_pixel_reference_is_repeatable() -> None:
    images = smooth_images(40)
    first, second = (Pixels(images, Compact((8,) * 6, 8)).features(images, "hue=1") for _ in range(2))
    assert torch.equal(first, second)


def test_the_untrained_reference_is_repeatable_and_leaves_the_generator_alone() -> None:
    state = torch.get_rng_state()
    first, same, other = (untrained(TINY, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), state)
    images = smooth_images(2)
    assert torch.equal(first.features(images, [0.5] * K), same.features(images, [0.5] * K))
    assert not torch.equal(first.features(images, [0.5] * K), other.features(images, [0.5] * K))


def test_a_plain_extractor_is_that_network_deaf_to_the_descriptor() -> None:
    torch.manual_seed(0)
    extractor = Extractor(TINY.backbone).eval()
    images, plain = smooth_images(300, 40), PlainFeatures(extractor)
    features = plain.features(images, "hue=1")
    assert features.shape == (300, 16) and torch.equal(features, plain.features(images, "hue=0"))
    with torch.no_grad():
        small = torch.nn.functional.interpolate(images, (32, 32), mode="bilinear", antialias=True, align_corners=False)
        torch.testing.assert_close(features, extractor(small.clamp(0, 1)), atol=1e-5, rtol=1e-4)
    moved = move(plain.prepare, images[:5], AXES[3], 3)
    assert moved.under(lambda x: plain.features(x, "hue=1")).shape == (5, 3, 16)
    assert torch.equal(plain.features(plain.prepare(images), "hue=1"), features)


def test_a_backbone_that_was_never_trained_has_no_frozen_features() -> None:
    with pytest.raises(ValueError, match="The backbone compact has no features before training"):
        FrozenFeatures(tiny_model(), smooth_images(4))


@pytest.mark.slow
def test_frozen_features_are_those_of_the_stem_in_as_many_components(other_checkpoint: Path) -> None:
    model = load_checkpoint(other_checkpoint)
    images = smooth_images(50, model.input_size)
    frozen = FrozenFeatures(model, images)
    found = frozen.features(images, "hue=0")
    assert found.shape == (50, model.backbone.features) and torch.equal(found, frozen.features(images, "hue=1"))
    torch.testing.assert_close(frozen.features(model.prepare(images), "hue=0"), found)
    own = model.prepare(images).parts[1].flatten(1).double()  # the mean of the third stage
    largest = torch.linalg.svdvals(own - own.mean(0))[: found.shape[1]].square()
    torch.testing.assert_close(found.double().square().sum(0), largest, rtol=0.02, atol=1e-6)
