"""Weights that are kept: the same as new ones, the latest used, for as many threads as there are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor

from core import AXES, AmortisedExtractor, Descriptor
from core.model.weight_cache import WeightCache
from tests.core.conftest import tiny_model

POINTS = [tuple(point.tolist()) for point in torch.rand(6, 6, generator=torch.Generator().manual_seed(0))]


@pytest.fixture
def still() -> AmortisedExtractor:
    """A model that is no longer trained."""
    return tiny_model().eval().requires_grad_(False)


def test_kept_weights_are_those_of_the_model(still: AmortisedExtractor, images: Tensor) -> None:
    cache = WeightCache(still, 2)
    for point in (*POINTS, *POINTS[::-1]):
        assert torch.equal(cache.features(images, point), still.features(images, point))
    assert cache.weights("hue=1") is cache.weights("hue=1")


def test_the_weights_that_were_used_last_are_kept(still: AmortisedExtractor) -> None:
    cache = WeightCache(still, 2)
    one, two, three = POINTS[:3]
    first, second = cache.weights(one), cache.weights(two)
    assert cache.weights(one) is first, "used again, so that the other one goes"
    cache.weights(three)
    assert len(cache) == 2 and cache.weights(one) is first and cache.weights(two) is not second


def test_threads_share_a_cache(still: AmortisedExtractor, images: Tensor) -> None:
    cache = WeightCache(still, 3)
    expected = {point: still.features(images, point) for point in POINTS}
    with ThreadPoolExecutor(4) as pool:
        asked = POINTS * 20
        for point, found in zip(asked, pool.map(lambda p: cache.features(images, p), asked), strict=True):
            assert torch.equal(found, expected[point])
    assert len(cache) == 3


def test_a_model_of_another_precision_gets_other_weights(still: AmortisedExtractor) -> None:
    cache = WeightCache(still)
    single = cache.weights(POINTS[0])
    still.double()
    assert {each.dtype for each in cache.weights(POINTS[0]).values()} == {torch.float64}
    assert {each.dtype for each in single.values()} == {torch.float32}


def test_a_model_that_is_trained_and_a_cache_of_nothing_are_refused(still: AmortisedExtractor) -> None:
    with pytest.raises(ValueError, match=r"A model that is trained has no weights to keep"):
        WeightCache(tiny_model())
    with pytest.raises(ValueError, match=r"at least one descriptor; got a size of 0"):
        WeightCache(still, 0)


def test_a_descriptor_of_other_axes_is_refused_also_where_its_numbers_are_known() -> None:
    cache = WeightCache(tiny_model().eval().requires_grad_(False))
    numbers = [0.5] * len(AXES)
    cache.weights(numbers)
    with pytest.raises(ValueError, match="is for other axes"):
        cache.weights(Descriptor(tuple(numbers), AXES[::-1]))
