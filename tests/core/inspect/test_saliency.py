"""Saliency: where the features' movement can and cannot come from."""

from __future__ import annotations

import pytest
import torch

from core import AXES, AmortisedExtractor
from core.inspect.background import Background, background
from core.inspect.saliency import agreement, saliency
from tests.core.conftest import pixels_of, smooth_images, unprepared

AXIS = AXES[3]


def ground(model: AmortisedExtractor) -> Background:
    return background(lambda images: model.features(images, "hue=0"), smooth_images(6))


def test_a_map_is_non_negative_with_its_largest_value_at_one_and_repeatable(model: AmortisedExtractor) -> None:
    found = saliency(model, "hue=0", smooth_images(1)[0], AXIS, 60.0, ground(model))
    assert found.shape == (32, 32) and float(found.min()) >= 0 and float(found.max()) == pytest.approx(1)
    assert torch.equal(found, saliency(model, "hue=0", smooth_images(1)[0], AXIS, 60.0, ground(model)))


def test_pixels_that_an_extractor_cannot_see_never_light_up(model: AmortisedExtractor, monkeypatch) -> None:
    seen = model.extract
    monkeypatch.setattr(
        model, "extract", lambda prepared, weights: seen(unprepared(pixels_of(prepared) * mask()), weights)
    )
    found = saliency(model, "hue=0", smooth_images(1)[0], AXIS, 60.0, ground(model))
    assert float(found[:, 16:].max()) == 0 and float(found[:, :16].max()) == pytest.approx(1)


def mask() -> torch.Tensor:
    left = torch.zeros(32, 32)
    left[:, :16] = 1
    return left


def test_no_change_lights_nothing_up(model: AmortisedExtractor) -> None:
    assert float(saliency(model, "hue=0", smooth_images(1)[0], AXIS, 0.0, ground(model)).max()) == 0


def test_agreement_is_a_rank_correlation() -> None:
    ramp = torch.linspace(0, 1, 64).view(8, 8)
    assert agreement(ramp, ramp**3) == pytest.approx(1)
    assert agreement(ramp, -ramp) == pytest.approx(-1)
    assert agreement(ramp, torch.ones(8, 8)) == 0
