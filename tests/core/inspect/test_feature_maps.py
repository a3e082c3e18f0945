"""Maps of a moving picture: who stands still, who moves along, and what moving back undoes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from core import AXES, AmortisedExtractor
from core.inspect.feature_maps import MapSweep, map_sweep, moved_back
from core.inspect.grid import strengths
from core.inspect.sensitivity import seen
from tests.core.conftest import TINY, smooth_images

LAYERS = TINY.backbone.layers
GEOMETRIC = [axis for axis in AXES if axis.warp]


def sweep_of(maps: Tensor, values: np.ndarray) -> MapSweep:
    return MapSweep(values, maps, torch.ones(len(maps), *maps.shape[2:]))


def test_the_layers_are_those_of_the_extractor(model: AmortisedExtractor) -> None:
    assert tuple(model.freeze("hue=0").maps(smooth_images(1))) == LAYERS


@pytest.mark.parametrize("layer", LAYERS)
def test_maps_have_the_layer_s_shape_and_agree_with_themselves(model: AmortisedExtractor, layer: str) -> None:
    axis, values = AXES[0], strengths(AXES[0], 5)
    inputs = seen(smooth_images(1)[0], (axis,), 5, 32)[0]
    found = map_sweep(model, "rotation=0", inputs, values, layer)
    assert found.maps.shape[:2] == (5, 8) and found.inside.all()
    assert found.agreement()[found.still] == pytest.approx(1, abs=1e-4)
    assert np.all(np.abs(found.agreement()) <= 1 + 1e-5)


@pytest.mark.parametrize("axis", GEOMETRIC, ids=lambda axis: axis.name)
def test_maps_that_move_with_the_picture_are_equal_once_moved_back(axis) -> None:
    values = strengths(axis, 5) * 0.5
    pictures = smooth_images(1, size=64)[0]
    moved = axis.apply(pictures.expand(5, -1, -1, -1), torch.tensor(values, dtype=torch.float32))
    sweep = sweep_of(moved, values)
    back = moved_back(sweep, axis)
    ends = [0, 4]
    assert np.all(back.agreement()[ends] > 0.97)
    assert np.all(back.agreement()[ends] > sweep.agreement()[ends])
    assert back.inside[sweep.still].all()


@pytest.mark.parametrize("axis", [axis for axis in AXES if not axis.warp], ids=lambda axis: axis.name)
def test_nothing_is_moved_back_where_nothing_moved(axis) -> None:
    sweep = sweep_of(torch.rand(3, 2, 8, 8), strengths(axis, 3))
    assert moved_back(sweep, axis) is sweep


def test_the_channel_that_changes_most_comes_first() -> None:
    maps = torch.rand(1, 4, 8, 8, generator=torch.Generator().manual_seed(0)).repeat(3, 1, 1, 1)
    maps[0, 2] = maps[0, 2].flip(0)
    maps[2, 1, 0, 0] += 0.5
    assert sweep_of(maps, np.array([-1.0, 0.0, 1.0])).most_changed(2) == [2, 1]


def test_bad_questions_give_sentences(model: AmortisedExtractor) -> None:
    inputs = smooth_images(3)
    with pytest.raises(ValueError, match="no layer called 'roof'"):
        map_sweep(model, "hue=0", inputs, np.array([-1.0, 0, 1]), "roof")
    with pytest.raises(ValueError, match="must be 0"):
        map_sweep(model, "hue=0", inputs, np.array([1.0, 2, 3]), LAYERS[0])
