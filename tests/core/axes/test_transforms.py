"""The axes against closed forms, torch.rot90, numpy.pad and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter
from torch import Tensor

from core import AXES, Axis, compose
from core.axes.transforms import axis_named
from tests.core.conftest import smooth_images

BY_NAME = {axis.name: axis for axis in AXES}
each_axis = pytest.mark.parametrize("axis", AXES, ids=lambda axis: axis.name)


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


@each_axis
@given(
    count=st.integers(1, 3),
    height=st.integers(2, 40),
    width=st.integers(2, 40),
    share=st.floats(-0.5, 1.5),
    seed=st.integers(0, 99),
)
def test_every_axis_keeps_the_shape_and_the_range(
    axis: Axis, count: int, height: int, width: int, share: float, seed: int
) -> None:
    images = noise(count, 3, height, width, seed=seed).round()  # black and white: the ends of the range
    moved = axis.apply(images, axis.low + share * axis.width)
    assert moved.shape == images.shape and moved.dtype == images.dtype
    assert float(moved.min()) >= 0 and float(moved.max()) <= 1


@each_axis
@given(height=st.integers(2, 40), width=st.integers(2, 40), seed=st.integers(0, 99))
def test_magnitude_zero_is_the_identity(axis: Axis, height: int, width: int, seed: int) -> None:
    images = noise(2, 3, height, width, seed=seed)
    torch.testing.assert_close(axis.apply(images, 0.0), images, atol=1e-5, rtol=0)


def test_composing_zeros_is_the_identity() -> None:
    images = noise(2, 3, 32, 32)
    torch.testing.assert_close(compose(images, torch.zeros(2, len(AXES)), AXES), images, atol=1e-5, rtol=0)


@each_axis
def test_magnitudes_per_image_equal_calls_one_at_a_time(axis: Axis) -> None:
    images = noise(5, 3, 32, 32)
    magnitudes = torch.linspace(axis.low, axis.high, 5)
    alone = torch.cat([axis.apply(image[None], float(t)) for image, t in zip(images, magnitudes, strict=True)])
    torch.testing.assert_close(axis.apply(images, magnitudes), alone, atol=1e-5, rtol=0)


def test_composed_images_do_not_depend_on_their_neighbours() -> None:
    images = noise(4, 3, 32, 32)
    ends = torch.tensor([(axis.low, axis.high) for axis in AXES])
    magnitudes = ends[:, 0] + (ends[:, 1] - ends[:, 0]) * noise(4, len(AXES), seed=1)
    alone = torch.cat([compose(images[n : n + 1], magnitudes[n : n + 1], AXES) for n in range(4)])
    torch.testing.assert_close(compose(images, magnitudes, AXES), alone, atol=1e-5, rtol=0)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_rotation_by_quarters_turns_clockwise(turns: int) -> None:
    images = noise(2, 3, 24, 24)
    expected = torch.rot90(images, -turns, dims=(2, 3))  # rot90 counts anticlockwise
    torch.testing.assert_close(BY_NAME["rotation"].apply(images, 90.0 * turns), expected, atol=1e-4, rtol=0)


def test_rotation_turns_a_picture_that_is_not_square_without_bending_it() -> None:
    height, width = 32, 64
    y = torch.arange(height) - (height - 1) / 2
    x = torch.arange(width) - (width - 1) / 2
    disc = torch.exp(-(y[:, None] ** 2 + x[None] ** 2) / (2 * 4.0**2)).expand(1, 3, -1, -1).contiguous()
    inside = (..., slice(6, 26), slice(22, 42))  # farther out, mirrored discs come into view
    torch.testing.assert_close(BY_NAME["rotation"].apply(disc, 40.0)[inside], disc[inside], atol=0.02, rtol=0)


@pytest.mark.parametrize("pixels", [-7, -1, 1, 5])
def test_translation_by_whole_pixels_rolls_and_mirrors_at_the_border(pixels: int) -> None:
    images = noise(2, 3, 16, 32)
    moved = BY_NAME["translation"].apply(images, 100 * pixels / 32)
    rolled = images.roll(pixels, -1)
    inside = slice(pixels, None) if pixels > 0 else slice(None, pixels)
    torch.testing.assert_close(moved[..., inside], rolled[..., inside], atol=1e-4, rtol=0)
    padded = np.pad(images.numpy(), ((0, 0), (0, 0), (0, 0), (32, 32)), mode="symmetric")
    expected = torch.from_numpy(padded[..., 32 - pixels : 64 - pixels].copy())
    torch.testing.assert_close(moved, expected, atol=1e-4, rtol=0)


def test_scale_by_an_octave_doubles_the_picture() -> None:
    images = smooth_images(2)
    centre = images[..., 8:24, 8:24]
    doubled = F.interpolate(centre, (32, 32), mode="bilinear", align_corners=False)
    grown = BY_NAME["scale"].apply(images, 1.0)
    torch.testing.assert_close(grown[..., 1:-1, 1:-1], doubled[..., 1:-1, 1:-1], atol=1e-4, rtol=0)


@pytest.mark.parametrize("name, magnitude", [("scale", 0.5), ("rotation", 20.0), ("translation", 10.0)])
def test_a_warp_and_its_inverse_give_the_picture_back(name: str, magnitude: float) -> None:
    images = smooth_images(3, 64)
    there = BY_NAME[name].apply(images, magnitude)
    back = BY_NAME[name].apply(there, -magnitude)
    inside = (..., slice(20, 44), slice(20, 44))
    torch.testing.assert_close(back[inside], images[inside], atol=0.02, rtol=0)
    assert (there[inside] - images[inside]).abs().mean() > 0.02


@given(degrees=st.floats(-360, 360), level=st.floats(0, 1))
def test_hue_keeps_greys(degrees: float, level: float) -> None:
    grey = torch.full((1, 3, 4, 4), level)
    torch.testing.assert_close(BY_NAME["hue"].apply(grey, degrees), grey, atol=1e-5, rtol=0)


@given(degrees=st.floats(-360, 360), seed=st.integers(0, 99))
def test_hue_keeps_the_mean_and_the_spread_of_the_channels(degrees: float, seed: int) -> None:
    images = 0.4 + 0.2 * noise(1, 3, 4, 4, seed=seed)  # so close to grey that nothing is clamped
    turned = BY_NAME["hue"].apply(images, degrees)
    torch.testing.assert_close(turned.mean(1), images.mean(1), atol=1e-5, rtol=0)
    torch.testing.assert_close(turned.std(1), images.std(1), atol=1e-5, rtol=0)


def test_hue_by_a_third_makes_red_green_green_blue_and_blue_red() -> None:
    images = noise(2, 3, 8, 8)
    torch.testing.assert_close(BY_NAME["hue"].apply(images, 120.0), images.roll(1, 1), atol=1e-5, rtol=0)
    torch.testing.assert_close(BY_NAME["hue"].apply(images, -120.0), images.roll(-1, 1), atol=1e-5, rtol=0)


@given(stops=st.floats(-3, 3), seed=st.integers(0, 99))
def test_brightness_doubles_per_stop_and_clamps(stops: float, seed: int) -> None:
    images = noise(1, 3, 4, 4, seed=seed)
    expected = (images * 2**stops).clamp(max=1)
    torch.testing.assert_close(BY_NAME["brightness"].apply(images, stops), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0])
def test_blur_is_the_gaussian_filter_of_scipy(sigma: float) -> None:
    images = noise(2, 3, 32, 32)
    ours = BY_NAME["blur"].apply(images, 100 * sigma / 32).numpy()
    theirs = gaussian_filter(images.numpy(), (0, 0, sigma, sigma), mode="mirror", truncate=3.0)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_blur_measures_its_width_in_the_picture_s_width() -> None:
    images = noise(2, 3, 24, 48)
    ours = BY_NAME["blur"].apply(images, 100 * 2 / 48).numpy()
    theirs = gaussian_filter(images.numpy(), (0, 0, 2, 2), mode="mirror", truncate=3.0)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_negative_blur_leaves_the_picture_alone() -> None:
    images = noise(2, 3, 16, 16)
    assert torch.equal(BY_NAME["blur"].apply(images, -5.0), images)


@pytest.mark.parametrize("axis", AXES, ids=lambda axis: axis.name)
def test_a_composition_with_one_active_axis_equals_that_axis(axis: Axis) -> None:
    images = noise(3, 3, 32, 32)
    strengths = torch.tensor([axis.low, axis.high, 0.3 * axis.high])
    magnitudes = torch.zeros(3, len(AXES))
    magnitudes[:, AXES.index(axis)] = strengths
    torch.testing.assert_close(compose(images, magnitudes, AXES), axis.apply(images, strengths), atol=2e-5, rtol=0)


def test_a_composition_of_warps_is_resampled_once_at_the_product_matrix() -> None:
    images, degrees, percent, octaves = noise(1, 3, 32, 32), 30.0, 10.0, 0.4
    c, s, z = math.cos(math.radians(degrees)), math.sin(math.radians(degrees)), 2**-octaves
    # Sampling matrices, from where a pixel is to where it came from; y points down.
    rotation = torch.tensor([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    translation = torch.tensor([[1, 0, -percent / 50], [0, 1, 0], [0, 0, 1]])
    scale = torch.tensor([[z, 0, 0], [0, z, 0], [0, 0, 1]])
    product = rotation @ translation @ scale
    line = (2 * torch.arange(32) + 1) / 32 - 1
    points = torch.stack([line.expand(32, 32), line[:, None].expand(32, 32), torch.ones(32, 32)])
    grid = torch.einsum("ij,jhw->hwi", product, points)[None, ..., :2]
    expected = F.grid_sample(images, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    axes = tuple(BY_NAME[name] for name in ("rotation", "translation", "scale"))
    once = compose(images, torch.tensor([[degrees, percent, octaves]]), axes)
    torch.testing.assert_close(once, expected, atol=1e-4, rtol=0)
    twice = axes[1].apply(axes[0].apply(images, degrees), percent)
    assert (compose(images, torch.tensor([[degrees, percent]]), axes[:2]) - twice).abs().mean() > 0.01


@pytest.mark.parametrize("axis", AXES, ids=lambda axis: axis.name)
@pytest.mark.parametrize("share", [0.2, 0.9])
def test_a_strength_means_the_same_at_every_resolution(axis: Axis, share: float) -> None:
    large = smooth_images(2, 64)
    small = F.avg_pool2d(large, 2)
    strength = axis.low + share * axis.width
    moved = axis.apply(small, strength)
    difference = (F.avg_pool2d(axis.apply(large, strength), 2) - moved).abs().mean()
    assert difference < 0.1 * (moved - small).abs().mean()


def test_the_axes_have_unique_names_and_ranges_that_contain_zero() -> None:
    assert len(BY_NAME) == len(AXES)
    for axis in AXES:
        assert axis.name == axis.name.lower() and axis.low <= 0 <= axis.high
        assert axis.width == axis.high - axis.low > 0


def test_an_axis_is_found_by_its_name() -> None:
    assert axis_named("hue") is BY_NAME["hue"]
    with pytest.raises(ValueError, match=r"no axis called 'tilt'.*rotation, .*blur"):
        axis_named("tilt")


good = torch.full((2, 3, 8, 8), 0.5)
BAD_IMAGES = {
    "8-bit": ((good * 255).byte(), TypeError, r"float tensor.*uint8.*/ 255"),
    "a list": ([[0.5]], TypeError, "float tensor.*list"),
    "no batch axis": (good[0], ValueError, r"shape \(N, 3, H, W\).*got \(3, 8, 8\).*batch axis"),
    "grey": (good[:, :1], ValueError, r"got \(2, 1, 8, 8\).*grey"),
    "a line": (good[..., :1], ValueError, "H, W >= 2"),
    "no images": (good[:0], ValueError, "At least 1 images"),
    "NaN": (good.clone().index_fill_(0, torch.tensor([1]), math.nan), ValueError, "must lie in .*nan"),
    "up to 255": (good * 255, ValueError, "must lie in .*Divide 8-bit pixels by 255"),
    "negative": (good - 1, ValueError, "must lie in .*normalisation"),
}


@pytest.mark.parametrize("images, error, sentence", BAD_IMAGES.values(), ids=BAD_IMAGES)
@each_axis
def test_bad_images_are_refused_with_advice(axis: Axis, images: Tensor, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        axis.apply(images, 0.0)
    with pytest.raises(error, match=sentence):
        compose(images, torch.zeros(2, 1), (axis,))


@pytest.mark.parametrize(
    "magnitude, sentence",
    [
        (torch.zeros(3), r"one number or one per image, shape \(2,\); got \(3,\)"),
        (torch.zeros(2, 1), r"one number or one per image"),
        (math.nan, "finite"),
        (torch.tensor([0.0, math.inf]), "finite"),
    ],
    ids=["wrong count", "a column", "NaN", "infinite"],
)
@each_axis
def test_bad_magnitudes_are_refused_with_advice(axis: Axis, magnitude: Tensor | float, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        axis.apply(good, magnitude)


@pytest.mark.parametrize("shape", [(2,), (1, 6), (2, 5), (2, 6, 1)])
def test_a_composition_needs_one_row_per_image_and_one_column_per_axis(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape \(2, 6\): one row per image, one column per axis"):
        compose(good, torch.zeros(shape), AXES)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_composition_refuses_magnitudes_that_are_not_finite(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        compose(good, torch.zeros(2, len(AXES)).index_fill_(1, torch.tensor([0]), value), AXES)
