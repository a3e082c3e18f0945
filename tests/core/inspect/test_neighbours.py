"""The line-up's rules, its ranking against an independent computation, and recognition of collapse."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from core import AXES, AmortisedExtractor
from core.inspect import neighbours
from core.inspect.background import Crowd, background, background_of
from core.inspect.grid import strengths
from core.inspect.neighbours import Candidate, Kind, lineup, lineup_pixels, nearest
from core.measures.response import Images
from tests.core.conftest import pixels_of, smooth_images, unprepared

NAMES = ("cat", "cup", "ship", "tree")


@given(some.integers(0, 6), some.sampled_from(AXES), some.integers(2, 9))
def test_the_query_is_never_in_its_own_lineup_and_both_kinds_are(at: int, axis, count: int) -> None:
    names = tuple(f"picture {n}" for n in range(count))
    values = strengths(axis, 7)
    found = lineup(names, names[0], values, at)
    assert len(set(found)) == len(found)
    assert (names[0], values[at]) not in {(each.name, each.strength) for each in found}
    assert {each.name for each in found if each.kind == Kind.CHANGE} == set(names[1:])
    assert all(each.strength == values[at] for each in found if each.kind == Kind.CHANGE)
    assert all(each.name == names[0] for each in found if each.kind == Kind.OBJECT)
    assert any(each.kind == Kind.OBJECT for each in found)
    assert any(each.kind == Kind.NEITHER for each in found) == (values[at] != 0)


@pytest.mark.parametrize(("names", "chosen"), [(("cat",), "cat"), (NAMES, "dog")])
def test_there_must_be_something_to_compare_with(names: tuple[str, ...], chosen: str) -> None:
    with pytest.raises(ValueError, match=f"{chosen} must be compared"):
        lineup(names, chosen, strengths(AXES[0], 5), 0)


def test_inputs_are_the_transformed_pictures(images) -> None:
    pictures = dict(zip(NAMES, images, strict=True))
    candidates = (Candidate("cup", 10.0, Kind.OBJECT), Candidate("cat", 0.0, Kind.NEITHER))
    found = lineup_pixels(candidates, pictures, AXES[0], 32)
    assert found.shape == (2, 3, 32, 32)
    torch.testing.assert_close(found[0], AXES[0].apply(images[1:2], 10.0)[0])


def test_ranking_equals_numpy_s(model: AmortisedExtractor) -> None:
    images = smooth_images(12)
    features = model.features(images, "hue=0")
    ground = background_of(features[:6])
    ranking = nearest(features[6], features[7:], ground)
    centred = features.numpy() - features[:6].numpy().mean(0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    np.testing.assert_allclose(ranking.similarity, unit[7:] @ unit[6], atol=1e-5)
    assert ranking.order.tolist() == np.argsort(-(unit[7:] @ unit[6])).tolist()
    kinds = [Candidate("x", 0.0, kind) for kind in (Kind.OBJECT, Kind.OBJECT, Kind.CHANGE, Kind.CHANGE, Kind.NEITHER)]
    assert sum(ranking.first(kinds, 3).values()) == 3


def test_pixels_recognise_everything_and_a_collapsed_extractor_nothing() -> None:
    crowd = Crowd(unprepared, smooth_images(8, seed=3), AXES[-2:])

    def pixels(batch: Images) -> torch.Tensor:
        return pixels_of(batch).flatten(1)

    def constant(batch: Images) -> torch.Tensor:
        return torch.ones(len(batch), 4)

    assert crowd.recognised(pixels, background(pixels, crowd.probes), 1) == 1
    assert crowd.recognised(constant, background(constant, crowd.probes), 1) == 0
    assert neighbours.FEWEST >= 2
