"""The cosine measure on features whose answer is known in closed form."""

from __future__ import annotations

import pytest
import torch

from core.measures import cosine_invariance
from tests.core.samples import normal


def test_the_cosine_measure_is_one_for_the_same_image_and_zero_for_another() -> None:
    clean = normal(300, 8)
    same = cosine_invariance(clean, clean)
    assert same.value == pytest.approx(1) and not same.collapsed
    assert cosine_invariance(clean, clean[:, None].expand(-1, 3, -1)).value == pytest.approx(1)
    others = torch.stack([clean.roll(shift, 0) for shift in range(1, 300)], 1)
    # Every other image once: c0 counts each image itself among its 299 others, hence the small remainder.
    assert cosine_invariance(clean, others).value == pytest.approx(-1 / 298)
    assert cosine_invariance(clean, normal(300, 8, seed=1)).value == pytest.approx(0, abs=4 / (300 * 8) ** 0.5)


@pytest.mark.parametrize("noise", [0.5, 1.0, 2.0])
def test_the_cosine_measure_falls_with_noise_as_a_cosine_does(noise: float) -> None:
    clean = normal(3000, 64)
    moved = clean + noise * normal(3000, 64, seed=1)
    assert cosine_invariance(clean, moved).value == pytest.approx((1 + noise**2) ** -0.5, abs=0.02)


def test_the_cosine_measure_ignores_invertible_maps_and_offsets() -> None:
    clean, moved, mixing = normal(200, 6), normal(200, 6) + 0.5 * normal(200, 6, seed=1), normal(6, 6, seed=2)
    plain, mapped = cosine_invariance(clean, moved), cosine_invariance(clean @ mixing + 5, moved @ mixing + 5)
    assert mapped.value == pytest.approx(plain.value, abs=0.02)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, 3e4])
def test_the_cosine_measure_flags_images_that_are_all_alike(value: float) -> None:
    clean = torch.full((20, 8), value)
    assert cosine_invariance(clean, clean).collapsed


def test_the_cosine_measure_flags_a_collapse_to_one_direction() -> None:
    line = normal(100, 1) * normal(8, seed=1)
    assert cosine_invariance(line, line).collapsed
    assert not cosine_invariance(normal(100, 8), normal(100, 8)).collapsed


@pytest.mark.parametrize("clean, moved", [((5,), (5,)), ((1, 3), (1, 3)), ((5, 3), (4, 3)), ((5, 3), (5, 2, 4))])
def test_the_cosine_measure_refuses_shapes_that_do_not_fit(clean: tuple[int, ...], moved: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="Expected clean features"):
        cosine_invariance(torch.zeros(clean), torch.zeros(moved))


def test_the_cosine_measure_is_the_mean_of_what_each_image_has() -> None:
    clean = normal(200, 6)
    moved = clean[:, None] + torch.linspace(0, 3, 200)[:, None, None] * normal(200, 4, 6, seed=1)
    found = cosine_invariance(clean, moved)
    assert found.images.shape == (200,) and found.value == pytest.approx(float(found.images.mean()))
    assert found.images[:50].mean() > 0.5 + found.images[-50:].mean()


def test_leading_components_keep_the_cosine_from_drowning_in_directions_that_few_images_cannot_tell() -> None:
    scale = torch.arange(1, 201, dtype=torch.float64) ** -0.3
    clean = normal(250, 200) * scale
    moved = clean[:, None] + 0.6 * normal(250, 4, 200, seed=1) * scale
    known = (1 + 0.6**2) ** -0.5
    few = cosine_invariance(clean, moved, components=20)
    assert few.value == pytest.approx(known, abs=0.06) and few.rank == cosine_invariance(clean, moved).rank
    assert cosine_invariance(clean, moved).value < known - 0.1
    assert cosine_invariance(clean, moved, components=200).value == cosine_invariance(clean, moved).value
