"""Views: what a descriptor promises about pairs of pictures, checked on many draws."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from torch import Generator, Tensor

from core import AXES
from core.pretraining.pairs import ViewRecipe, Views, render, sample_axis, sample_descriptor, sample_views
from tests.core.conftest import smooth_images

K = len(AXES)
REFERENCE = torch.tensor([-axis.low / axis.width for axis in AXES])
coordinates = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 0.95, 1.0]), st.floats(0, 1, width=32))
descriptors = st.tuples(*[coordinates] * K).map(torch.tensor)
BEYOND = ViewRecipe(inside=0.0, margin=0.2)
"""All third views are hard negatives."""


def seeded(seed: int) -> Generator:
    return Generator().manual_seed(seed)


def draw(descriptor: Tensor, size: int = 64, seed: int = 0, recipe: ViewRecipe | None = None) -> Views:
    return sample_views(descriptor, size, recipe or ViewRecipe(), seeded(seed))


@given(descriptors, st.integers(0, 999))
def test_all_positions_lie_in_the_range_of_their_axis(descriptor: Tensor, seed: int) -> None:
    views = draw(descriptor, seed=seed)
    for positions in (views.anchor, views.positive, views.negative):
        assert positions.shape == (64, K) and float(positions.min()) >= 0 and float(positions.max()) <= 1


@given(descriptors, st.integers(0, 999))
def test_positives_lie_within_what_the_descriptor_ignores(descriptor: Tensor, seed: int) -> None:
    views = draw(descriptor, seed=seed)
    assert bool(((views.positive - views.anchor).abs() <= descriptor + 1e-6).all())


@given(descriptors, st.integers(0, 999))
def test_positives_equal_anchors_exactly_where_nothing_is_ignored(descriptor: Tensor, seed: int) -> None:
    views = draw(descriptor, seed=seed)
    kept = descriptor == 0
    assert torch.equal(views.positive[:, kept], views.anchor[:, kept])


def test_positives_use_the_whole_allowance() -> None:
    descriptor = torch.tensor([0.1, 0.3, 0.5, 0.7, 0.9, 1.0])
    far = torch.stack([(v.positive - v.anchor).abs().amax(0) for v in (draw(descriptor, seed=s) for s in range(40))])
    assert bool((far.amax(0) > 0.9 * descriptor).all())


@given(descriptors, st.integers(0, 999))
def test_hard_negatives_differ_on_one_axis_by_more_than_is_ignored(descriptor: Tensor, seed: int) -> None:
    recipe = ViewRecipe(margin=0.1, inside=0.0)
    views = draw(descriptor, seed=seed, recipe=recipe)
    distance = (views.negative - views.anchor).abs()
    on_axis = distance.gather(1, views.moved[:, None])[:, 0]
    live = views.weight > 0
    assert bool((on_axis >= descriptor[views.moved] + recipe.margin - 1e-6)[live].all())
    assert bool((on_axis == 0)[~live].all())
    assert bool((distance.scatter(1, views.moved[:, None], 0.0) == 0).all())


@given(descriptors, st.integers(0, 999))
def test_hard_negatives_weigh_what_their_axis_keeps(descriptor: Tensor, seed: int) -> None:
    views = draw(descriptor, seed=seed)
    live = views.weight > 0
    assert torch.equal(views.weight[live], (1 - descriptor)[views.moved][live])


@given(descriptors, st.integers(0, 999))
def test_a_third_view_inside_lies_within_what_the_descriptor_ignores_on_one_axis(descriptor: Tensor, seed: int) -> None:
    views = draw(descriptor, seed=seed, recipe=ViewRecipe(inside=1.0, margin=0.2))
    if not bool(descriptor.any()):
        assert torch.equal(views.compared, views.weight > 0), "nothing is ignored, so nothing lies inside"
        return
    distance = (views.negative - views.anchor).abs()
    on_axis = distance.gather(1, views.moved[:, None])[:, 0]
    assert bool((on_axis <= descriptor[views.moved] + 1e-6).all())
    assert bool((distance.scatter(1, views.moved[:, None], 0.0) == 0).all())
    assert bool((views.weight == 0).all()) and bool(views.compared.all())


def test_third_views_inside_are_as_many_as_the_recipe_says_and_use_the_whole_allowance() -> None:
    descriptor, recipe = torch.tensor([0.1, 0.3, 0.5, 0.7, 0.9, 0.0]), ViewRecipe(inside=0.4, emphasis={}, margin=0.0)
    drawn = [draw(descriptor, 100, seed, recipe) for seed in range(40)]
    weight, compared, moved = (
        torch.cat([getattr(views, name) for views in drawn]) for name in ("weight", "compared", "moved")
    )
    inside = compared & (weight == 0)
    assert abs(float(inside.float().mean()) - 0.4) < 4 * 0.5 / 4000**0.5
    shares = torch.bincount(moved[inside], minlength=K) / inside.sum()
    torch.testing.assert_close(shares, descriptor / descriptor.sum(), atol=0.06, rtol=0)
    far = torch.stack([(views.negative - views.anchor).abs()[views.weight == 0].amax(0) for views in drawn]).amax(0)
    assert bool((far[:5] > 0.9 * descriptor[:5]).all())


@pytest.mark.parametrize("kept", [0.0, 0.4])
def test_where_one_axis_varies_alone_no_third_view_moves_another_one(kept: float) -> None:
    descriptor = torch.tensor([kept, 1.0, 0.5, 0.7, 0.9, 1.0])
    views = sample_views(descriptor, 200, ViewRecipe(), torch.Generator().manual_seed(0), alone=0)
    assert bool((views.moved[views.compared] == 0).all())
    assert bool(((views.negative - views.anchor)[:, 1:] == 0).all())
    assert bool((views.compared & (views.weight == 0)).any()) == (kept > 0)


def test_without_any_inside_only_hard_negatives_are_compared() -> None:
    for value in (0.0, 0.5, 1.0):
        views = draw(torch.full((K,), value), recipe=BEYOND)
        assert torch.equal(views.compared, views.weight > 0)


def test_there_is_no_hard_negative_when_everything_is_ignored_and_always_one_when_nothing_is() -> None:
    everything, nothing = (draw(torch.full((K,), value), recipe=BEYOND) for value in (1.0, 0.0))
    assert bool((everything.weight == 0).all()) and torch.equal(everything.negative, everything.anchor)
    assert bool((nothing.weight == 1).all())


def test_hard_negatives_prefer_axes_that_are_kept_as_the_square_of_what_is_kept() -> None:
    descriptor = torch.tensor([0.0, 0.2, 0.4, 0.0, 0.2, 0.4])  # every axis has room at every anchor
    recipe = ViewRecipe(margin=0.05, emphasis={}, inside=0.0)
    moved = torch.cat([draw(descriptor, 100, seed, recipe).moved for seed in range(60)])
    observed = torch.bincount(moved, minlength=K) / len(moved)
    expected = (1 - descriptor) ** 2 / ((1 - descriptor) ** 2).sum()
    torch.testing.assert_close(observed, expected, atol=4 * 0.5 / len(moved) ** 0.5, rtol=0)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_anchors_have_the_same_distribution_at_every_descriptor(value: float) -> None:
    recipe = ViewRecipe(shared=0.0)  # independent anchors, as the test of Kolmogorov and Smirnov wants them
    theirs = draw(torch.full((K,), value), 2000, 1, recipe).anchor
    ours = draw(torch.rand(K, generator=seeded(5)), 2000, 2, recipe).anchor
    for k in range(K):
        assert ks_2samp(ours[:, k].numpy(), theirs[:, k].numpy()).pvalue > 0.001


def test_anchors_are_at_the_reference_or_anywhere_with_equal_odds() -> None:
    anchor = draw(torch.full((K,), 0.5), 4000, 0, ViewRecipe(at_reference=0.5, shared=0.0)).anchor
    resting = anchor == REFERENCE
    torch.testing.assert_close(resting.float().mean(0), torch.full((K,), 0.5), atol=4 * 0.5 / 4000**0.5, rtol=0)
    for k in range(K):
        free = anchor[~resting[:, k], k].numpy()
        assert ks_2samp(free, np.linspace(0, 1, 4000)).pvalue > 0.001


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_factor_is_common_to_all_anchors_as_often_as_the_recipe_says(share: float) -> None:
    recipe = ViewRecipe(shared=share)
    anchors = [draw(torch.full((K,), 0.5), 32, seed, recipe).anchor for seed in range(200)]
    common = torch.stack([(anchor == anchor[:1]).all(0) for anchor in anchors]).float().mean()
    assert abs(float(common) - share) <= 4 * (share * (1 - share) / (200 * K)) ** 0.5


def test_the_same_generator_gives_the_same_views_and_pictures() -> None:
    def one(seed: int) -> tuple[Tensor, ...]:
        generator = seeded(seed)
        axis, alone = sample_axis(ViewRecipe(), generator)
        descriptor = sample_descriptor(axis, ViewRecipe(), generator)
        views = sample_views(descriptor, 4, ViewRecipe(), generator, axis if alone else None)
        return (descriptor, *vars(views).values(), render(smooth_images(4), views, generator))

    assert all(map(torch.equal, one(3), one(3)))
    assert not all(map(torch.equal, one(3), one(4)))


def test_views_do_not_touch_the_global_generator() -> None:
    state = torch.get_rng_state()
    generator = seeded(0)
    axis, _ = sample_axis(ViewRecipe(), generator)
    descriptor = sample_descriptor(axis, ViewRecipe(), generator)
    render(smooth_images(2), sample_views(descriptor, 2, ViewRecipe(), generator), generator)
    assert torch.equal(torch.get_rng_state(), state)


def test_descriptors_are_corners_interior_points_and_sweeps_of_one_axis_near_the_middle() -> None:
    recipe = ViewRecipe(around=0.05)
    drawn = torch.stack([sample_descriptor(seed % K, recipe, seeded(seed)) for seed in range(600)])
    assert float(drawn.min()) >= 0 and float(drawn.max()) <= 1
    corner = ((drawn == 0) | (drawn == 1)).all(1)
    near = (drawn - 0.5).abs() <= 0.05
    sweep = near.sum(1) >= K - 1
    shares = torch.stack([corner, sweep, ~corner & ~sweep]).float().mean(1)
    torch.testing.assert_close(shares, torch.tensor([0.25, 0.55, 0.2]), atol=4 * 0.5 / 600**0.5, rtol=0)
    torch.testing.assert_close(drawn.mean(0), torch.full((K,), 0.5), atol=4 * 0.5 / 600**0.5, rtol=0)
    swept = torch.tensor([seed % K for seed in range(600)])
    assert bool(near.scatter(1, swept[:, None], True)[sweep].all()), "only the given axis leaves the middle"
    assert len(drawn[sweep].unique()) > len(drawn[sweep]), "the others lie around the middle, not on it"


@given(descriptors, st.integers(0, K - 1), st.integers(0, 999))
def test_an_axis_that_varies_alone_leaves_all_others_at_the_reference(descriptor: Tensor, axis: int, seed: int) -> None:
    views = sample_views(descriptor, 64, BEYOND, seeded(seed), axis)
    others = torch.arange(K) != axis
    for positions in (views.anchor, views.positive, views.negative):
        torch.testing.assert_close(positions[:, others], REFERENCE[others].expand(64, -1))
    assert bool((views.moved[views.weight > 0] == axis).all())
    if float(descriptor[axis]) < 0.3:  # wherever the anchor lies, there is room beyond 0.5
        assert bool((views.weight > 0).all())


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_an_axis_varies_alone_as_often_as_the_recipe_says(share: float) -> None:
    alone = [sample_axis(ViewRecipe(alone=share), seeded(seed))[1] for seed in range(400)]
    assert abs(sum(alone) / 400 - share) <= 4 * (share * (1 - share) / 400) ** 0.5


def at_reference(size: int, **others: Tensor) -> Views:
    rest = REFERENCE.expand(size, K).clone()
    parts = {"anchor": rest, "positive": rest, "negative": rest} | others
    return Views(
        **parts, moved=torch.zeros(size, dtype=torch.long), weight=torch.ones(size), compared=torch.ones(size) > 0
    )


def test_views_at_the_reference_are_the_photographs_half_of_them_mirrored() -> None:
    images = smooth_images(40)
    views = render(images, at_reference(40), seeded(0)).chunk(3)
    straight = (views[0] - images).abs().flatten(1).amax(1) < 1e-4
    mirrored = (views[0] - images.flip(-1)).abs().flatten(1).amax(1) < 1e-4
    assert bool((straight ^ mirrored).all())
    assert abs(int(mirrored.sum()) - 20) <= 4 * (40 / 4) ** 0.5


def test_the_three_views_of_an_image_are_mirrored_alike() -> None:
    anchor, positive, negative = render(smooth_images(16), at_reference(16), seeded(0)).chunk(3)
    torch.testing.assert_close(positive, anchor)
    torch.testing.assert_close(negative, anchor)


@pytest.mark.parametrize("k", range(K), ids=[axis.name for axis in AXES])
def test_a_hard_negative_is_its_anchor_moved_along_its_axis(k: int) -> None:
    images = smooth_images(8)
    moved = REFERENCE.expand(8, K).clone()
    moved[:, k] = torch.linspace(0, 1, 8)
    anchor, _, negative = render(images, at_reference(8, negative=moved), seeded(0)).chunk(3)
    expected = AXES[k].apply(anchor.clamp(0, 1), AXES[k].low + AXES[k].width * moved[:, k])
    torch.testing.assert_close(negative, expected, atol=1e-3, rtol=0)


def test_an_axis_with_emphasis_is_swept_and_moved_more_often() -> None:
    recipe = ViewRecipe(emphasis={AXES[2].name: 3.0}, inside=0.0)
    shares = recipe.shares(AXES)
    assert shares.tolist() == [3.0 if k == 2 else 1.0 for k in range(K)]
    moved = sample_views(torch.zeros(K), 4000, recipe, seeded(0)).moved
    frequency = torch.bincount(moved, minlength=K) / 4000
    torch.testing.assert_close(frequency, shares / shares.sum(), atol=4 * (0.25 / 4000) ** 0.5, rtol=0)
    axis = torch.tensor([sample_axis(recipe, seeded(seed))[0] for seed in range(1500)])
    share = torch.bincount(axis, minlength=K) / len(axis)
    torch.testing.assert_close(share, shares / shares.sum(), atol=4 * (0.25 / len(axis)) ** 0.5, rtol=0)
