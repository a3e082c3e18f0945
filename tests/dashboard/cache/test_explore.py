"""What Explore prepares: each picture once, with a backbone whose stem costs something, :mod:`tests.split_resnet`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import core
from core.backbones import Prepared
from core.inspect import grid
from core.inspect.gallery import Gallery
from core.inspect.neighbours import Kind, lineup_pixels
from core.inspect.saliency import View, saliencies, saliency
from core.inspect.scene import course, make_scene
from core.inspect.sensitivity import seen
from core.model import checkpoints
from dashboard import cache
from dashboard.cache import explore
from dashboard.encode import Picture
from dashboard.jobs import network_pool
from tests.dashboard.harness import waited
from tests.split_resnet import SplitResnet

pytestmark = pytest.mark.slow
AXIS, OTHER = core.AXES[3], core.AXES[0]


@pytest.fixture
def model(other_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> core.AmortisedExtractor:
    monkeypatch.setattr(checkpoints, "SHIPPED", other_checkpoint)
    return cache.model()


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of all batches that go through the stem."""
    sizes, prepared = [], network_pool.prepared

    def counted(model: core.AmortisedExtractor, images: Tensor) -> Prepared:
        sizes.append(len(images))
        return prepared(model, images)

    monkeypatch.setattr(network_pool, "prepared", counted)
    return sizes


def point(model: core.AmortisedExtractor, value: float) -> core.Descriptor:
    return core.Descriptor((value,) * len(model.transforms), model.transforms)


def own(name: str, seed: int) -> Picture:
    return Picture(name, f"{name} {seed}", torch.rand(3, 60, 60, generator=torch.Generator().manual_seed(seed)))


def test_a_picture_goes_through_the_stem_once_whatever_is_shown_of_it(
    model: core.AmortisedExtractor, count: list[int]
) -> None:
    others, picture = len(cache.photographs()), own("mine", 1)
    explore.probes(model, 5)
    cache.scene(model, own("before", 1), AXIS, 0, 5, None)
    before = len(count)
    scene = cache.scene(model, picture, AXIS, 0, 5, None)
    steps = len(AXIS_POINTS) * len(model.transforms) - len(model.transforms)
    assert sum(count[before:]) == 1 + steps + others, "the picture along every axis, and the others as it is changed"
    before = len(count)
    another = cache.scene(model, picture, OTHER, 0, 5, None)
    assert sum(count[before:]) == others, "only these are seen with another change for the first time"
    before = len(count)
    for value in (0.0, 0.3):
        cache.reading(model, point(model, value), scene)
        cache.maps(model, point(model, value), another, model.backbone.layers[0])
    assert len(count) == before, "nothing of it is for a descriptor"


AXIS_POINTS = grid.curve_strengths(AXIS)


def test_the_other_pictures_are_prepared_once_beside_the_page(model: core.AmortisedExtractor, count: list[int]) -> None:
    scene = cache.scene(model, own("mine", 2), AXIS, 0, 6, None)
    before = len(count)
    share = cache.recognised(model, point(model, 0.5), scene)
    assert 0 <= share <= 1 and sum(count[before:]) == 2 * grid.PROBES, "the ends of one axis, no more"
    found, said = cache.bands(model, point(model, 0.5), scene)
    assert len(found) == len(model.transforms) and (said == "") == all(each is not None for each in found)
    waited(lambda: not cache.bands(model, point(model, 0.5), scene)[1])
    total = explore.crowd(model, 6).total
    assert (
        sum(count[before:])
        == total
        == grid.PROBES * sum(int((grid.frame_strengths(axis) != 0).sum()) for axis in model.transforms)
    )
    cache.bands(model, point(model, 0.1), scene)
    assert sum(count[before:]) == total


def test_a_scene_of_the_cache_is_that_of_the_library(model: core.AmortisedExtractor) -> None:
    pictures = {name: each.pixels for name, each in cache.photographs().items()}
    picture = cache.photographs()["cat"]
    ours = cache.scene(model, picture, AXIS, 6, 0, None)
    moved = seen(picture.pixels, model.transforms, grid.POINTS, model.input_size)
    number = model.transforms.index(AXIS)
    probes = model.prepare(core.probe_images(grid.PROBES, 0, model.input_size))
    theirs = make_scene(
        model.prepare, probes, course(model.prepare, moved, model.transforms), pictures, "cat", model.transforms,
        number, 6, model.input_size,
    )  # fmt: skip
    one = cache.reading(model, point(model, 0.2), ours)
    other = theirs.read(lambda images: model.features(images, point(model, 0.2)))
    assert ours.candidates == theirs.candidates
    np.testing.assert_allclose(one.movement, other.movement, atol=1e-2)
    np.testing.assert_allclose(one.ranking.similarity, other.ranking.similarity, atol=1e-2)
    # Each candidate by itself, however its place was found.
    alone = model.features(lineup_pixels(theirs.candidates, pictures, AXIS, model.input_size), point(model, 0.2))
    together = model.features(ours.pieces[0], point(model, 0.2))  # the probes, for the mean
    query = model.features(ours.frames, point(model, 0.2))[6]
    centred = alone - together.mean(0)
    cosine = torch.nn.functional.cosine_similarity(centred, query - together.mean(0), dim=1)
    np.testing.assert_allclose(one.ranking.similarity, cosine.numpy(), atol=1e-2)
    assert {each.kind for each in ours.candidates} == set(Kind)


def test_a_sketch_agrees_at_the_frames_and_is_straight_between_them(model: core.AmortisedExtractor) -> None:
    scene = cache.scene(model, cache.photographs()["cat"], AXIS, 6, 0, None)
    whole, sketch = (read(model, point(model, 0.3), scene) for read in (cache.reading, cache.sketch))
    np.testing.assert_allclose(sketch.movement[:, :: grid.STRIDE], whole.movement[:, :: grid.STRIDE], atol=1e-4)
    middle = (sketch.movement[:, : -grid.STRIDE : grid.STRIDE] + sketch.movement[:, grid.STRIDE :: grid.STRIDE]) / 2
    np.testing.assert_allclose(sketch.movement[:, 1 :: grid.STRIDE], middle, atol=1e-6)
    assert (
        sketch.ranking.order.tolist() == whole.ranking.order.tolist() and sketch.movement.shape == whole.movement.shape
    )
    images: list[int] = []

    def counted(each: torch.Tensor | Prepared) -> torch.Tensor:
        images.append(len(each))
        return model.features(each, point(model, 0.3))

    for sketched in (False, True):
        scene.read(counted, sketched=sketched)
    assert images[1] < 0.75 * images[0]


def test_half_precision_changes_features_by_less_than_a_hundredth(model: core.AmortisedExtractor) -> None:
    images = core.probe_images(16, 1, model.input_size)
    whole, half = network_pool.prepared(model, images), network_pool.prepared_to_keep(model, images)
    assert half.parts[0].dtype == torch.half and isinstance(model.backbone, SplitResnet)
    one, other = (model.features(each, point(model, 0.7)) for each in (whole, half))
    assert float((one - other).norm() / one.norm()) < 1e-2


def test_pictures_of_a_gallery_are_told_apart(model: core.AmortisedExtractor) -> None:
    """They come from the same source, “your own”, and have nothing but their names."""
    photos = tuple(
        core.data.pictures.Photograph(f"mine {n}", "your own", own("", 10 + n).pixels) for n in range(3)
    )  # fmt: skip
    gallery, picture = Gallery(photos, "a gallery"), own("mine", 9)
    scene = cache.scene(model, picture, AXIS, 0, 0, gallery)
    unmoved = scene.pieces[-1]
    for row, photo in enumerate(photos):
        alone = model.prepare(photo.pixels[None])
        for part, single in zip(unmoved.parts, alone.parts, strict=True):
            torch.testing.assert_close(part[row].float(), single[0], atol=2e-2, rtol=2e-2)


def test_maps_of_several_extractors_are_those_of_each_alone(model: core.AmortisedExtractor) -> None:
    picture = cache.photographs()["coffee"]
    scene = cache.scene(model, picture, AXIS, 6, 0, None)
    descriptors = (point(model, 0.0), point(model, 1.0))
    ours, control = cache.saliencies(model, descriptors, scene, picture)
    random = cache.untrained(model)
    for found, extractor, where in ((ours[0], model, 0), (ours[1], model, 1), (control, random, 0)):
        ground = explore._ground(extractor, descriptors[where], model, 0)
        alone = saliency(extractor, descriptors[where], picture.pixels, AXIS, scene.strength, ground)
        torch.testing.assert_close(found, alone, atol=1e-4, rtol=1e-3)
    assert not torch.allclose(ours[0], control, atol=1e-2)
    other = core.AmortisedExtractor(core.Architecture(SplitResnet(seed=1), rank=4, hidden=8)).eval()
    views = [View(each, point(model, 0.0), ground) for each in (model, other)]
    with pytest.raises(ValueError, match="the same stem only"):
        saliencies(views, picture.pixels, AXIS, 30.0)
