"""Sensitivity against its formula written out, and the lamp against collapsed extractors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

import core
from core.axes.transforms import Axis
from core.inspect.background import background
from core.inspect.grid import strengths
from core.inspect.sensitivity import sensitivity
from tests.core.conftest import pixels_of


@pytest.fixture(scope="module")
def model() -> core.AmortisedExtractor:
    torch.manual_seed(0)
    return core.AmortisedExtractor(core.Architecture(core.Compact((8,) * 6, 16), 8, 16)).eval()


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.rand(9, 3, 32, 32, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("axis", core.AXES, ids=lambda axis: axis.name)
def test_equals_the_formula_written_out(model: core.AmortisedExtractor, images: Tensor, axis: Axis) -> None:
    picture, probes = images[0], images[1:]
    measured = sensitivity(model, picture, "hue=0.2", axis, probes, count=5)

    def centred(batch: Tensor) -> np.ndarray:
        mean = model.features(probes, "hue=0.2").mean(0)
        return (model.features(batch, "hue=0.2") - mean).numpy()

    def distance(a: np.ndarray, b: np.ndarray) -> float:
        return 1 - float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    others = centred(probes)
    null = np.mean([distance(others[n], others[m]) for n in range(8) for m in range(8) if n != m])
    for number, strength in enumerate(strengths(axis, 5)):
        moved = centred(axis.apply(images, float(strength)))
        still = centred(images)
        assert measured.picture[number] == pytest.approx(distance(moved[0], still[0]) / null, abs=1e-3)
        for p in range(8):
            assert measured.probes[p, number] == pytest.approx(distance(moved[p + 1], still[p + 1]) / null, abs=1e-3)


@pytest.mark.parametrize("axis", core.AXES, ids=lambda axis: axis.name)
def test_the_strengths_contain_the_identity_and_both_ends(axis: Axis) -> None:
    values = strengths(axis)
    assert 0.0 in values
    assert values[0] == axis.low
    assert values[-1] == axis.high


def test_two_strengths_are_no_curve() -> None:
    with pytest.raises(ValueError, match="At least 3 strengths"):
        strengths(core.AXES[0], 2)


def test_a_collapsed_extractor_is_noticed(images: Tensor) -> None:
    direction = torch.randn(16, generator=torch.Generator().manual_seed(2))
    line = background(lambda batch: pixels_of(batch).mean((1, 2, 3))[:, None] * direction, images)
    assert line.collapsed
    assert background(lambda batch: torch.ones(len(batch), 16), images).collapsed


def test_pixels_have_not_collapsed(images: Tensor) -> None:
    assert not background(lambda batch: pixels_of(batch).flatten(1), images).collapsed
