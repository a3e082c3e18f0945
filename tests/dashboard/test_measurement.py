"""The page's split measurement against the core's own function, and the lamp against a collapsed extractor."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import core
from core.sensitivity import sensitivity
from core.transforms import Axis
from dashboard import measurement, texts


@pytest.fixture(scope="module")
def model() -> core.AmortisedExtractor:
    torch.manual_seed(0)
    return core.AmortisedExtractor(core.Architecture((8, 8, 8, 8, 8, 8), 16, 8, 16)).eval()


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.rand(9, 3, 32, 32, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("axis", core.AXES, ids=lambda axis: axis.name)
def test_agrees_with_the_core(model: core.AmortisedExtractor, images: torch.Tensor, axis: Axis) -> None:
    picture, probes = images[0], images[1:]
    descriptor = core.Descriptor.constant(0.2)
    expected = sensitivity(model, picture, descriptor, axis, probes, measurement.curve_strengths(axis))

    def features(batch: torch.Tensor) -> torch.Tensor:
        return model.features(batch, descriptor)

    ground = measurement.background(features, probes)
    similarity = measurement.picture_similarity(
        features, measurement.picture_inputs(picture, core.AXES), core.AXES, ground
    )
    crowd = measurement.crowd_similarity(features, measurement.crowd_inputs(probes, axis), ground)
    row = core.AXES.index(axis)
    assert ground.spread == pytest.approx(expected.spread, abs=1e-4)
    np.testing.assert_allclose(ground.movement(similarity[row]), expected.picture, atol=2e-3)
    np.testing.assert_allclose(ground.movement(crowd), expected.probes[:, :: measurement.STRIDE], atol=2e-3)


def test_the_original_is_one_of_the_frames() -> None:
    for axis in core.AXES:
        assert 0.0 in measurement.frame_strengths(axis)


def test_a_collapsed_extractor_is_noticed_and_never_called_invariant(images: torch.Tensor) -> None:
    direction = torch.randn(16, generator=torch.Generator().manual_seed(2))

    def features(batch: torch.Tensor) -> torch.Tensor:
        return direction + 0.01 * batch.mean((1, 2, 3))[:, None] * direction.flip(0)

    ground = measurement.background(features, images)
    assert ground.collapsed
    said = texts.lamps({"A": ground})
    assert "grey" in said and "invariant" not in said.lower()
    assert texts.verdict({}, core.AXES[0], 32) == ""
    assert "invariant" not in texts.headline("cat", core.AXES[0], 1.0, {"A": None}).lower()


def test_constant_features_are_noticed(images: torch.Tensor) -> None:
    assert measurement.background(lambda batch: torch.ones(len(batch), 16), images).collapsed
