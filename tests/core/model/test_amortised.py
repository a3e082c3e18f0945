"""The amortised extractor: one object for hypernetwork and extractor."""

from __future__ import annotations

import copy
import math
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import joblib
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from core import AXES, AmortisedExtractor, Descriptor
from core.axes.transforms import axis_named
from core.model.amortised import to_size
from tests.core.conftest import TINY, smooth_images, tiny_model

K = len(AXES)
MODEL = tiny_model()


@given(st.tuples(*[st.floats(0, 1)] * K), st.integers(1, 4))
def test_features_are_one_finite_vector_per_image_at_every_descriptor(values: tuple[float, ...], count: int) -> None:
    features = MODEL.features(smooth_images(count), values)
    assert features.shape == (count, 16) and features.dtype == torch.float32 and not features.requires_grad
    assert bool(features.isfinite().all()) and features.std(1).min() > 0


@given(st.tuples(*[st.floats(0, 1)] * K))
def test_features_equal_those_of_the_frozen_extractor(values: tuple[float, ...]) -> None:
    images = smooth_images(3)
    frozen = MODEL.freeze(values)
    torch.testing.assert_close(frozen(images), MODEL.features(images, values), atol=1e-5, rtol=1e-5)
    assert not any(parameter.requires_grad for parameter in frozen.parameters())


def test_a_frozen_extractor_is_independent_of_the_model(model: AmortisedExtractor, images: Tensor) -> None:
    frozen = model.freeze([0.5] * K)
    before, kept = frozen(images), model.features(images, [0.5] * K)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)
    assert torch.equal(frozen(images), before)
    with torch.no_grad():
        for parameter in frozen.parameters():
            parameter.zero_()
    fresh = tiny_model()
    torch.testing.assert_close(fresh.features(images, [0.5] * K), kept)


@pytest.mark.parametrize("k", range(K), ids=[axis.name for axis in AXES])
def test_every_coordinate_changes_the_features(model: AmortisedExtractor, images: Tensor, k: int) -> None:
    middle = Descriptor.constant(0.5)
    ends = [model.features(images, middle.replace(**{AXES[k].name: end})) for end in (0.0, 1.0)]
    assert (ends[0] - ends[1]).norm(dim=1).min() > 0.01


def test_a_shifted_picture_has_other_features(model: AmortisedExtractor) -> None:
    images = smooth_images(8)
    shifted = axis_named("translation").apply(images, 25.0)
    moved = (model.features(images, [0.0] * K) - model.features(shifted, [0.0] * K)).norm(dim=1)
    assert moved.mean() > 0.1


@pytest.mark.parametrize("height, width", [(2, 2), (31, 33), (64, 64), (100, 40)])
def test_pictures_of_any_size_are_resized_first(model: AmortisedExtractor, height: int, width: int) -> None:
    images = torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(0))
    small = to_size(images, 32)
    assert small.shape == (2, 3, 32, 32) and float(small.min()) >= 0 and float(small.max()) <= 1
    assert torch.equal(model.features(images, [0.5] * K), model.features(small, [0.5] * K))


def test_resizing_by_a_whole_factor_is_anti_aliased() -> None:
    board = (torch.arange(128)[:, None] + torch.arange(128)).remainder(2).float().expand(1, 3, -1, -1)
    torch.testing.assert_close(to_size(board, 32)[..., 2:-2, 2:-2], torch.full((1, 3, 28, 28), 0.5), atol=1e-3, rtol=0)
    smooth = smooth_images(2, 128)
    torch.testing.assert_close(to_size(smooth, 32), F.avg_pool2d(smooth, 4), atol=0.02, rtol=0)
    exact = smooth_images(2)
    assert torch.equal(to_size(exact, 32), exact)


@pytest.mark.parametrize("optimiser", [torch.optim.SGD, torch.optim.AdamW], ids=["SGD", "AdamW"])
def test_features_are_never_stale_after_an_optimiser_step(
    model: AmortisedExtractor, images: Tensor, optimiser: Any
) -> None:
    point = torch.full((K,), 0.5)
    steps = optimiser(model.parameters(), lr=1e-2)
    for _ in range(4):
        remembered = model.features(images, point)
        with torch.no_grad():
            fresh = model.extract(model.prepare(images), model.weights(point))
        torch.testing.assert_close(remembered, fresh, atol=1e-5, rtol=1e-5)
        steps.zero_grad()
        model.extract(model.prepare(images), model.weights(point))[:, 0].sum().backward()
        steps.step()
        assert (model.features(images, point) - remembered).abs().max() > 1e-3


def test_features_are_never_stale_after_loading_other_weights(model: AmortisedExtractor, images: Tensor) -> None:
    model.features(images, [0.5] * K)
    other = tiny_model(seed=1)
    model.load_state_dict(other.state_dict())
    assert torch.equal(model.features(images, [0.5] * K), other.features(images, [0.5] * K))


def test_many_descriptors_in_turn_keep_their_own_features(model: AmortisedExtractor, images: Tensor) -> None:
    points = torch.rand(80, K, generator=torch.Generator().manual_seed(0))
    first = [model.features(images, point) for point in points]
    assert all(torch.equal(model.features(images, point), kept) for point, kept in zip(points, first, strict=True))


def test_a_model_holds_its_parameters_and_nothing_else(model: AmortisedExtractor, images: Tensor) -> None:
    before = len(pickle.dumps(model))
    for point in torch.rand(20, K):
        model.features(images, point)
    assert len(pickle.dumps(model)) == before
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(other.features(images, "rotation=1"), model.features(images, "rotation=1"))
    (there,) = joblib.Parallel(n_jobs=2)([joblib.delayed(model.features)(images, "rotation=1")])
    torch.testing.assert_close(there, model.features(images, "rotation=1"))


def test_features_of_twice_the_precision_are_the_same_to_four_digits(model: AmortisedExtractor, images: Tensor) -> None:
    single = model.features(images, "hue=1")
    double = model.double().features(images.double(), "hue=1")
    assert double.dtype == torch.float64 and model.freeze("hue=1")(images.double()).dtype == torch.float64
    torch.testing.assert_close(double.float(), single, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(model.float().features(images, "hue=1"), single)


def test_threads_share_a_model(model: AmortisedExtractor, images: Tensor) -> None:
    points = torch.rand(40, K, generator=torch.Generator().manual_seed(0))
    expected = [model.features(images, point) for point in points]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            found = list(pool.map(lambda point: model.features(images, point), points))
            assert all(map(torch.equal, found, expected))


def test_all_spellings_of_a_descriptor_give_the_same_features(model: AmortisedExtractor, images: Tensor) -> None:
    expected = model.features(images, [1.0, 0.5, 0.5, 0.25, 0.5, 0.5])
    for same in (
        "rotation=1, hue=0.25",
        torch.tensor([1.0, 0.5, 0.5, 0.25, 0.5, 0.5]),
        Descriptor.parse("rotation=1, hue=0.25"),
    ):
        assert torch.equal(model.features(images, same), expected)


def test_frozen_weights_serve_gradients_with_respect_to_the_picture(model: AmortisedExtractor, images: Tensor) -> None:
    model.features(images, [0.5] * K)  # remembers the weights; asking for them again must not matter
    images.requires_grad_()
    model.extract(model.through_stem(images), model.frozen_weights([0.5] * K))[:, 0].sum().backward()
    assert images.grad is not None and images.grad.abs().max() > 0


def test_weights_carry_gradients_to_the_descriptor(model: AmortisedExtractor, images: Tensor) -> None:
    point = torch.full((K,), 0.5, requires_grad=True)
    model.extract(model.prepare(images), model.weights(point))[:, 0].sum().backward()
    assert point.grad is not None and bool((point.grad.abs() > 0).all())


def test_all_parameters_belong_to_the_hypernetwork(model: AmortisedExtractor) -> None:
    assert {name.split(".")[0] for name, _ in model.named_parameters()} == {"hypernetwork"}
    assert model.architecture == TINY and model.transforms == AXES and model.metadata == {}


def test_a_model_may_have_fewer_axes() -> None:
    model = AmortisedExtractor(TINY, AXES[:2])
    assert model.features(smooth_images(2), "rotation=1").shape == (2, 16)
    with pytest.raises(ValueError, match="Known axes: rotation, translation"):
        model.features(smooth_images(2), "hue=1")


good = torch.full((2, 3, 32, 32), 0.5)
BAD_IMAGES = {
    "8-bit": ((good * 255).byte(), TypeError, "uint8"),
    "not a tensor": ("picture.png", TypeError, "got a str"),
    "no batch axis": (good[0], ValueError, r"got \(3, 32, 32\)"),
    "grey": (good[:, :1], ValueError, r"got \(2, 1, 32, 32\)"),
    "none": (good[:0], ValueError, "At least 1 images"),
    "NaN": (good * math.nan, ValueError, "Pixel values"),
    "up to 255": (good * 255, ValueError, "Pixel values"),
}


@pytest.mark.parametrize("images, error, sentence", BAD_IMAGES.values(), ids=BAD_IMAGES)
def test_bad_images_are_refused(model: AmortisedExtractor, images: Any, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        model.features(images, [0.5] * K)


@pytest.mark.parametrize(
    "descriptor, sentence",
    [
        ([0.5] * (K - 1), f"needs {K} numbers"),
        ([0.5] * (K + 1), f"needs {K} numbers"),
        ([0.5] * (K - 1) + [1.5], r"blur must be a number in \[0, 1\]"),
        ([math.nan] * K, "rotation must be a number"),
        (torch.full((K,), -0.1), "rotation must be a number"),
        ("tilt=1", "unknown: tilt"),
        (Descriptor.constant(0.5, AXES[:2]), r"shape \(6,\)"),
    ],
    ids=["short", "long", "too large", "NaN", "negative", "unknown", "other axes"],
)
def test_bad_descriptors_are_refused(model: AmortisedExtractor, descriptor: Any, sentence: str) -> None:
    for ask in (lambda: model.features(good, descriptor), lambda: model.freeze(descriptor)):
        with pytest.raises(ValueError, match=sentence):
            ask()


def test_a_descriptor_for_other_axes_of_the_same_number_is_refused(model: AmortisedExtractor) -> None:
    with pytest.raises(ValueError):
        model.features(good, Descriptor.constant(0.5, AXES[::-1]))


@pytest.mark.parametrize(
    "point, sentence",
    [
        (torch.zeros(K - 1), r"shape \(6,\), one number per axis; got \(5,\)"),
        (torch.zeros(1, K), r"got \(1, 6\)"),
        (torch.full((K,), 1.01), "Descriptor coordinates must lie in"),
        (torch.full((K,), math.nan), "Descriptor coordinates must lie in"),
    ],
    ids=["short", "batch", "too large", "NaN"],
)
def test_weights_for_a_bad_point_are_refused(model: AmortisedExtractor, point: Tensor, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        model.weights(point)
