"""The calibration of sliders made by hand, whose onset is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from core import Axis, Descriptor
from core.axes.descriptor import DescriptorLike
from core.backbones import Prepared
from core.measures import Onset, ladder, onset
from core.measures.onset import JUDGED, LEVELS, STEPS, crossing
from core.measures.response import Images
from tests.core.conftest import pixels_of, unprepared
from tests.core.samples import normal

SIDE = 6
WAVES = math.pi * (2 * torch.arange(STEPS) + 1)
TOTAL = 40.0


def _brighten(images: Tensor, t: Tensor) -> Tensor:
    moved = images.clone()
    moved[:, :, 0, 0] += t[:, None]
    return moved


AXES = (
    Axis("corner", "grey", -0.5, 0.5, "one pixel brightens", filter=_brighten),
    Axis("nothing", "grey", -0.5, 0.5, "nothing happens", filter=lambda images, t: images),
)


def pictures(count: int = 60) -> Tensor:
    images = torch.rand(count, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    images[:, :, 0, 0] = 0.5
    return images


@dataclass
class Calibrated:
    """Keeps: 12 waves that tell any two strengths apart. Ignores up to i: one slow wave of the height that says so.

    With s the share of the range, || z(s + d) - z(s) ||^2 is 24 for the 12 waves at d = 1/12, ..., 11/12, and
    2 w (1 - cos(pi d)) for the slow one, of which half of 24 is reached at d = i if w = 6 / (1 - cos(pi i)). Content
    takes what is missing to a variance of ``TOTAL``.
    """

    claims: Callable[[float], float] = lambda i: i
    transforms: tuple[Axis, ...] = AXES

    def prepare(self, images: Tensor) -> Prepared:
        return unprepared(images)

    def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
        i, pixels = self.claims(Descriptor.of(descriptor, self.transforms).values[0]), pixels_of(images)
        share = pixels[:, 0, 0, :1]
        waves = WAVES if i == 0 else WAVES[:1]
        height = 1.0 if i == 0 else 6 / (1 - math.cos(math.pi * min(i, 1)))
        factor = math.sqrt(height) * torch.cat([torch.cos(waves * share), torch.sin(waves * share)], 1)
        spread = height * float((1 - (2 / waves) ** 2).sum())
        content = pixels[:, :, 1:].flatten(1)
        return torch.cat([factor, content * math.sqrt(12 * (TOTAL - spread) / content.shape[1])], 1)


def measured(model: Calibrated, number: int = 0, count: int = 60) -> Onset:
    return onset(model, ladder(model.prepare, pictures(count), AXES[number], seed=1), number)


@pytest.fixture(scope="module")
def calibrated() -> Onset:
    return measured(Calibrated())


def test_a_slider_that_means_what_it_says_has_its_onset_at_its_own_number(calibrated: Onset) -> None:
    assert calibrated.onsets()[:4] == pytest.approx([0, 0.25, 0.5, 0.75], abs=0.03)
    assert calibrated.error() < 0.03 and calibrated.noticed() and not calibrated.collapsed
    assert calibrated.axis == "corner" and calibrated.levels.tolist() == list(LEVELS)
    assert calibrated.changes == pytest.approx(np.arange(1, 13) / 12)


def test_the_curves_are_the_movement_over_the_variance(calibrated: Onset) -> None:
    curves = calibrated.curves()
    assert curves.shape == (len(LEVELS), STEPS)
    assert curves[0, :-1] == pytest.approx([12 / TOTAL] * 11, rel=0.1)
    slow = 6 / (1 - math.cos(math.pi / 4)) * (1 - np.cos(np.pi * calibrated.changes)) / TOTAL
    assert curves[1] == pytest.approx(slow, rel=0.1)


@pytest.mark.parametrize(
    ("claims", "error"), [(lambda i: i and 0.2 + 0.4 * i, 0.25), (lambda i: min(1.0, 1.6 * i), 0.3)]
)
def test_a_slider_that_means_something_else_is_found_out(claims: Callable[[float], float], error: float) -> None:
    found = measured(Calibrated(claims))
    expected = [claims(i) for i in JUDGED]
    assert found.onsets()[1:4] == pytest.approx(expected, abs=0.04)
    assert found.error() == pytest.approx(error, abs=0.04)


@settings(max_examples=5)
@given(scales=st.lists(st.floats(1e-3, 1e3), min_size=5, max_size=5), seed=st.integers(0, 100))
def test_rescaled_and_rotated_features_leave_the_onset_alone(scales: list[float], seed: int) -> None:
    class Rescaled(Calibrated):
        def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
            found = super().features(images, descriptor).double()
            turn = torch.linalg.qr(normal(found.shape[1], found.shape[1], seed=seed)).Q
            level = LEVELS.index(Descriptor.of(descriptor, self.transforms).values[0])
            return scales[level] * found @ turn + 7 * scales[level]

    plain, changed = measured(Calibrated(), count=20), measured(Rescaled(), count=20)
    assert changed.curves() == pytest.approx(plain.curves(), rel=1e-3)
    assert changed.onsets() == pytest.approx(plain.onsets(), abs=1e-3)


def test_whitened_curves_do_not_change_under_invertible_maps() -> None:
    class Mixed(Calibrated):
        def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
            found = super().features(images, descriptor).double()
            return found * torch.linspace(0.7, 1.4, found.shape[1])

    plain, mixed = measured(Calibrated()), measured(Mixed())
    assert mixed.curves("whitened") == pytest.approx(plain.curves("whitened"), rel=0.02)
    assert np.abs(mixed.curves() / plain.curves() - 1).max() > 0.02


def test_features_that_only_shrink_are_deaf() -> None:
    class Shrinking(Calibrated):
        def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
            return super().features(images, [0.0, 0.5]) * (1 - 0.999 * Descriptor.of(descriptor, AXES).values[0])

    found = measured(Shrinking())
    assert found.onsets().tolist() == [0] * 5 and found.error() == 0.75


def test_a_collapsed_extractor_is_refused_or_flagged() -> None:
    class Constant(Calibrated):
        def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
            return torch.ones(len(images), 8)

    class Narrow(Calibrated):
        def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
            whole = super().features(images, descriptor)
            return whole if Descriptor.of(descriptor, AXES).values[0] < 1 else whole[:, -1:] * torch.ones(8)

    with pytest.raises(ValueError, match="the extractor has collapsed"):
        measured(Constant())
    assert measured(Narrow()).collapsed


def test_what_is_not_noticed_where_it_is_kept_cannot_be_ignored() -> None:
    found = measured(Calibrated(), number=1)
    assert not found.noticed() and found.onsets().tolist() == [0] * 5 and found.error() == 0.75
    assert found.bootstrap(0, repeats=3)[1].tolist() == [0.75] * 3


def test_pairs_of_a_ladder_are_the_asked_for_changes_apart_and_fill_the_range() -> None:
    axis = AXES[0]
    moved = ladder(unprepared, pictures(400), axis, seed=3, steps=4)
    shares = (moved.magnitudes - axis.low) / axis.width
    assert shares.shape == (400, 6) and shares[:, 4:].unique(dim=0).tolist() == [[0, 1]]
    torch.testing.assert_close(shares[:, :4].diff(dim=1), torch.full((400, 3), 0.25))
    lower = shares[:, :2].flatten()  # of all pairs that are half the range apart
    assert (
        float(lower.min()) < 0.01 and float(lower.max()) > 0.49 and float(lower.mean()) == pytest.approx(0.25, abs=0.02)
    )
    pixel = pixels_of(moved.images)[:, 0, 0, 0].view(400, 6)
    torch.testing.assert_close(pixel, shares, atol=1e-5, rtol=0)


def test_a_bootstrap_interval_holds_the_value_and_narrows_with_more_images(calibrated: Onset) -> None:
    class Noisy(Calibrated):
        def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
            pixels = pixels_of(images)
            return super().features(images, descriptor) * (0.2 + 2 * pixels[:, 1, 2, 2, None])

    widths = []
    for count in (15, 240):
        found = measured(Noisy(), count=count)
        onsets, errors = found.bootstrap(0, repeats=200)
        assert onsets.shape == (200, 5) and errors.shape == (200,)
        low, high = np.percentile(onsets[:, 2], (2.5, 97.5))
        assert low <= found.onsets()[2] <= high
        widths.append(high - low)
    assert widths[1] < 0.6 * widths[0]
    same, again = (calibrated.bootstrap(5, 20)[0] for _ in range(2))
    assert np.array_equal(same, again)


def test_the_crossing_lies_between_two_changes() -> None:
    changes = np.array([0.25, 0.5, 0.75, 1.0])
    ratios = np.array([[0.1, 0.3, 0.7, 1], [0.6, 0.1, 0.1, 0.1], [0.1, 0.2, 0.3, 0.4], [0, 0, 0, 0.5], [0.5, 1, 1, 1]])
    assert crossing(changes, ratios).tolist() == pytest.approx([0.625, 0, 1, 1, 0])


def test_settings_begin_with_the_one_they_are_compared_with() -> None:
    model = Calibrated()
    with pytest.raises(ValueError, match="the first of them must be 0"):
        onset(model, ladder(model.prepare, pictures(4), AXES[0]), 0, levels=(0.5, 1.0))
