"""What is measured of a checkpoint: its form, its repeatability, and its limits, on a tiny model."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core import AXES
from core.backbones import Prepared
from core.data import ImageSet
from core.evaluation.evaluate import Settings, evaluate, evaluate_all
from core.evaluation.portrait import ANY
from core.measures import control, cosine_invariance, ladder, onset
from core.measures.response import Images, move
from tests.core.conftest import TINY, pixels_of, smooth_images, tiny_model, unprepared

K = len(AXES)
CONTROL = tuple(f"control{metric}{at}" for metric in ("", "_whitened") for at in ("", "_at_0", "_at_1"))
PER_AXIS = (*CONTROL, "decodability", "left", "onset", "monotone")
SINGLE = ("leakage", "leakage_own", "effective_rank", "identity_retrieval", "linear_probe")
SMALL = Settings(images=20, draws=2, labels=16)


def image_set(count: int = 32, classes: int = 2, name: str = "smooth", seed: int = 0) -> ImageSet:
    images = (smooth_images(count, seed=seed) * 255).round().to(torch.uint8)
    labels = torch.arange(count) % classes
    return ImageSet(name, images, labels, tuple(f"class{n}" for n in range(classes)))


@pytest.fixture(scope="module")
def progress() -> list[tuple[str, float]]:
    return []


@pytest.fixture(scope="module")
def figures(progress: list[tuple[str, float]]) -> dict[str, Any]:
    other = image_set(20, name="other", seed=7)
    return evaluate(tiny_model(), image_set(), SMALL, lambda text, share: progress.append((text, share)), also=[other])


@pytest.mark.slow
def test_the_figures_have_the_documented_names_and_can_be_written(figures: dict[str, Any]) -> None:
    assert figures["axes"] == [axis.name for axis in AXES]
    assert set(figures) == {"axes", "cosine", "also", *PER_AXIS, *SINGLE}
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


@pytest.mark.slow
@pytest.mark.parametrize("name", PER_AXIS)
def test_a_figure_per_axis_has_one_value_and_one_interval_per_axis(figures: dict[str, Any], name: str) -> None:
    figure = figures[name]
    assert len(figure["value"]) == len(figure["interval"]) == K
    assert all(low <= high for low, high in figure["interval"])
    if name.startswith("control"):  # whitened shares leave out what the bootstrap of norms has in it
        pairs = zip(figure["value"], figure["interval"], strict=True)
        assert all(low <= value <= high for value, (low, high) in pairs)


@pytest.mark.slow
@pytest.mark.parametrize("name", SINGLE)
def test_a_single_figure_has_one_value_and_one_interval(figures: dict[str, Any], name: str) -> None:
    low, high = figures[name]["interval"]
    assert isinstance(figures[name]["value"], float) and low <= figures[name]["value"] <= high


@pytest.mark.slow
def test_the_figures_lie_in_their_ranges(figures: dict[str, Any]) -> None:
    for name in ("leakage", "leakage_own", "identity_retrieval", "linear_probe"):
        assert 0 <= figures[name]["value"] <= 1
    assert 1 <= figures["effective_rank"]["value"] <= figures["effective_rank"]["median"] <= TINY.features
    assert all(-1 <= value <= 1 for name in ("decodability", "monotone") for value in figures[name]["value"])
    assert all(0 <= value <= 1 for name in ("left", "onset") for value in figures[name]["value"])
    for name in CONTROL:
        assert all(0 <= share <= 1 for end in ("at_0", "at_1") for share in figures[name][end])
        ratios = [a / b for a, b in zip(figures[name]["at_0"], figures[name]["at_1"], strict=True)]
        assert figures[name]["value"] == pytest.approx(ratios)
    assert len(figures["effective_rank"]["corner"]) == len(figures["linear_probe"]["corner"]) == K


@pytest.mark.slow
def test_the_curves_cover_the_whole_sweep(figures: dict[str, Any]) -> None:
    sweep = figures["monotone"]["sweep"]
    assert sweep[0] == 0 and sweep[-1] == 1 and sweep == sorted(sweep)
    for metric, name in (("own", "control"), ("whitened", "control_whitened")):
        curves = figures["monotone"][f"curves_{metric}"]
        assert [len(curve) for curve in curves] == [len(sweep)] * K
        assert [curve[0] for curve in curves] == figures[name]["at_0"]
        assert [curve[-1] for curve in curves] == figures[name]["at_1"]


@pytest.mark.slow
def test_progress_is_a_share_of_the_work(figures: dict[str, Any], progress: list[tuple[str, float]]) -> None:
    shares = [share for _, share in progress]
    assert figures and shares == sorted(shares) and 0 < shares[0] < 0.1 and shares[-1] == 1
    assert max(b - a for a, b in pairwise(shares)) < 0.15
    assert {axis.name for axis in AXES} <= {text.partition(":")[0] for text, _ in progress}


@pytest.mark.slow
def test_every_figure_is_that_of_its_measure(figures: dict[str, Any]) -> None:
    """The same images moved by the measures themselves, without anything shared."""
    model, pick = tiny_model(), torch.randperm(32, generator=torch.Generator().manual_seed(0))[:20]
    images = image_set().images[pick].float() / 255
    alone = control(model, images, draws=2, others=(0.0, 1.0))
    for metric, key in (("own", "control"), ("whitened", "control_whitened")):
        for place, at in ((0.5, ""), (0.0, "_at_0"), (1.0, "_at_1")):
            assert figures[key + at]["value"] == pytest.approx(alone.ratio(metric, place), rel=1e-3)
    assert figures["leakage"]["value"] == pytest.approx(alone.leakage, abs=1e-3)
    number = 4
    found = onset(model, ladder(model.prepare, images, AXES[number], number), number)
    assert figures["onset"]["value"][number] == pytest.approx(found.error(), abs=1e-3)
    assert figures["onset"]["onsets_own"][number] == pytest.approx(found.onsets(), abs=1e-3)
    moved = move(model.prepare, images, AXES[number], 2, number)
    ignoring = moved.under(lambda x: model.features(x, [1.0] * K))
    expected = cosine_invariance(model.features(images, [1.0] * K), ignoring, figures["cosine"]["components"]).value
    place = figures["cosine"]["descriptors"].index("Ignore all")
    assert figures["cosine"]["value"][place][number] == pytest.approx(expected, abs=1e-3)


@pytest.mark.slow
def test_the_cosine_is_measured_at_every_preset(figures: dict[str, Any]) -> None:
    cosine = figures["cosine"]
    assert cosine["descriptors"] == ["Keep all", "Ignore all", "Where is it?", "What colour?", "Half way"]
    for values, intervals in zip(cosine["value"], cosine["interval"], strict=True):
        assert all(low <= value <= high for value, (low, high) in zip(values, intervals, strict=True))
    assert np.array(cosine["interval"]).shape == (5, K, 2) and len(cosine["collapsed"]) == 5


@pytest.mark.slow
def test_a_further_set_is_in_the_figures(figures: dict[str, Any]) -> None:
    (other,) = figures["also"]
    assert other["images"] == "other" and other["count"] == 20
    for name in ("decodability", "left"):
        assert len(other[name]["value"]) == K and all(low <= high for low, high in other[name]["interval"])


def test_decodability_on_a_further_set_is_what_it_is_where_that_set_is_the_only_one() -> None:
    other, ignore = image_set(40, name="other", seed=7), lambda text, share: None
    with_it = evaluate(Few(), image_set(), SMALL, ignore, also=[other])
    alone = evaluate(Few(), other, SMALL, ignore)
    for name in ("decodability", "left"):
        assert with_it["also"][0][name] == alone[name] != with_it[name]


def test_the_calibration_comes_with_its_curves() -> None:
    found = evaluate(Few(), image_set(), SMALL, lambda text, share: None)["onset"]
    assert found["levels"] == [0, 0.25, 0.5, 0.75, 1] and len(found["changes"]) == 12 and found["images"] == 20
    for metric in ("own", "whitened"):
        assert np.array(found[f"curves_{metric}"]).shape == (2, 5, 12)
        assert np.array(found[f"onsets_{metric}"]).shape == (2, 5)
    assert found["noticed"] == [True, True] and found["value"] == [0.75, 0.75], "a deaf model ignores nothing"
    assert np.array(found["onsets_interval"]).shape == (2, 5, 2)


def test_extractors_that_take_images_alike_are_measured_on_the_same_ones_prepared_once() -> None:
    class Counting(Few):
        prepared = 0

        def prepare(self, images: Tensor) -> Prepared:
            Counting.prepared += len(images)
            return super().prepare(images)

    class Half(Counting):
        def features(self, images: Images, descriptor: Any) -> Tensor:
            return super().features(images, descriptor)[:, ::2]

    data, ignore = image_set(), lambda text, share: None
    alone = evaluate(Counting(), data, SMALL, ignore)
    once, Counting.prepared = Counting.prepared, 0
    both = evaluate_all({"model": Counting(), "half": Half()}, data, SMALL, ignore)
    assert Counting.prepared - once in range(3), "one picture each, to see how it is prepared"
    assert both["model"] == alone and list(both) == ["model", "half"] and "also" not in both["half"]
    half, sweep = both["half"], both["half"]["monotone"]["sweep"]
    assert half["control"]["at_0"] != alone["control"]["at_0"]
    assert sweep == [0, 0.25, 0.5, 0.75, 1] and "control_at_0" not in half and "control_at_0" in both["model"]


def test_what_is_deaf_is_measured_once_and_has_the_same_figures() -> None:
    class Deaf(Few):
        deaf, asked = True, 0

        def features(self, images: Images, descriptor: Any) -> Tensor:
            Deaf.asked += 1
            return super().features(images, descriptor)

    hearing, deaf = (evaluate(model, image_set(), SMALL, lambda text, share: None) for model in (Few(), Deaf()))
    assert deaf["cosine"]["descriptors"] == [ANY] and deaf["cosine"]["value"][0] == hearing["cosine"]["value"][0]
    assert {name: figure for name, figure in deaf.items() if name != "cosine"} == {
        name: figure for name, figure in hearing.items() if name != "cosine"
    }
    assert Deaf.asked < 12


def test_the_linear_probe_may_have_images_of_its_own() -> None:
    flat = image_set(classes=1)
    found = evaluate(Few(), flat, SMALL, lambda text, share: None, labelled=image_set(40, seed=3))["linear_probe"]
    assert found["labels"] == 16 and 0 <= found["value"] <= 1


def test_a_further_set_that_is_too_small_is_named() -> None:
    with pytest.raises(ValueError, match=r"At least 16 images of other are needed.*got 15"):
        evaluate(Few(), image_set(), SMALL, lambda text, share: None, also=[image_set(15, name="other")])


class Few:
    """A model of two axes, so that the whole table takes little time."""

    def __init__(self) -> None:
        self.transforms = AXES[3:5]

    def prepare(self, images: Tensor) -> Prepared:
        return unprepared(images)

    def features(self, images: Images, descriptor: Any) -> Tensor:
        return torch.nn.functional.avg_pool2d(pixels_of(images), 16).flatten(1)


@pytest.mark.slow
def test_an_evaluation_is_repeatable_and_depends_on_the_seed() -> None:
    def again(seed: int) -> dict[str, Any]:
        return evaluate(Few(), image_set(), Settings(20, 2, 16, seed), lambda text, share: None)

    first = again(0)
    assert again(0) == first
    assert again(1) != first


def test_a_flat_folder_has_no_linear_probe() -> None:
    assert evaluate(Few(), image_set(classes=1), SMALL, lambda text, share: None)["linear_probe"] is None


def test_a_set_of_many_classes_and_few_images_is_measured_all_the_same() -> None:
    figures = evaluate(Few(), image_set(count=20, classes=10), SMALL, lambda text, share: None)
    assert len(figures["control"]["value"]) == 2


def test_fewer_than_16_images_are_refused() -> None:
    with pytest.raises(ValueError, match="At least 16 images are needed to measure anything; got 15"):
        evaluate(Few(), image_set(15), SMALL, lambda text, share: None)


def test_features_that_do_not_vary_are_refused() -> None:
    class Constant(Few):
        def features(self, images: Images, descriptor: Any) -> Tensor:
            return torch.ones(len(images), 8)

    with pytest.raises(ValueError, match="collapsed"):
        evaluate(Constant(), image_set(), SMALL, lambda text, share: None)
