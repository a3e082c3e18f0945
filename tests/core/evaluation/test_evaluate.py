"""The table of figures: its form, its repeatability, and its limits, on a tiny model."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from torch import Tensor

from core import AXES, Compact
from core.backbones import Prepared
from core.data import ImageSet
from core.evaluation.controls import Pixels, untrained
from core.evaluation.evaluate import Settings, evaluate
from core.evaluation.tables import BARS, markdown, rows, verdicts
from core.measures.response import Images
from tests.core.conftest import TINY, pixels_of, smooth_images, tiny_model, unprepared

K = len(AXES)
PER_AXIS = ("control", "control_whitened", "decodability", "monotone")
SINGLE = ("leakage", "leakage_own", "effective_rank", "identity_retrieval", "linear_probe")
SMALL = Settings(images=20, draws=2, labels=16)


def image_set(count: int = 32, classes: int = 2) -> ImageSet:
    images = (smooth_images(count) * 255).round().to(torch.uint8)
    labels = torch.arange(count) % classes
    return ImageSet("smooth", images, labels, tuple(f"class{n}" for n in range(classes)))


@pytest.fixture(scope="module")
def progress() -> list[tuple[str, float]]:
    return []


@pytest.fixture(scope="module")
def figures(progress: list[tuple[str, float]]) -> dict[str, Any]:
    return evaluate(tiny_model(), image_set(), SMALL, lambda text, share: progress.append((text, share)))


@pytest.mark.slow
def test_the_figures_have_the_documented_names_and_can_be_written(figures: dict[str, Any]) -> None:
    assert figures["axes"] == [axis.name for axis in AXES]
    assert set(figures) == {"axes", *PER_AXIS, *SINGLE}
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


@pytest.mark.slow
@pytest.mark.parametrize("name", PER_AXIS)
def test_a_figure_per_axis_has_one_value_and_one_interval_per_axis(figures: dict[str, Any], name: str) -> None:
    figure = figures[name]
    assert len(figure["value"]) == len(figure["interval"]) == K
    assert all(low <= high for low, high in figure["interval"])


@pytest.mark.slow
@pytest.mark.parametrize("name", SINGLE)
def test_a_single_figure_has_one_value_and_one_interval(figures: dict[str, Any], name: str) -> None:
    low, high = figures[name]["interval"]
    assert isinstance(figures[name]["value"], float) and low <= high


@pytest.mark.slow
def test_the_figures_lie_in_their_ranges(figures: dict[str, Any]) -> None:
    for name in ("leakage", "leakage_own", "identity_retrieval", "linear_probe"):
        assert 0 <= figures[name]["value"] <= 1
    assert 1 <= figures["effective_rank"]["value"] <= figures["effective_rank"]["median"] <= TINY.features
    assert all(-1 <= value <= 1 for name in ("decodability", "monotone") for value in figures[name]["value"])
    for name in ("control", "control_whitened"):
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
def test_progress_is_a_share_of_each_part(figures: dict[str, Any], progress: list[tuple[str, float]]) -> None:
    assert figures and all(0 <= share <= 1 for _, share in progress)
    for part in {text for text, _ in progress}:
        shares = [share for text, share in progress if text == part]
        assert shares == sorted(shares) and shares[-1] > 0.95


@pytest.mark.slow
def test_a_table_has_a_line_per_figure_and_axis(figures: dict[str, Any]) -> None:
    document = {**figures, "references": {"pixels": {**figures, "linear_probe": None}}}
    lines = rows(document)
    assert len(lines) == K * len(PER_AXIS) + len(SINGLE)
    assert all(len(line) == 5 and line[2] != "–" and line[3] == "–" for line in lines)
    assert [line[4] == "–" for line in lines] == [False] * (len(lines) - 1) + [True]
    assert len(markdown(document).splitlines()) == len(lines) + 2
    low, high = figures["leakage"]["interval"]
    expected = f"{figures['leakage']['value']:.1%} [{low:.1%}, {high:.1%}]"
    assert expected in markdown(document)


@pytest.mark.slow
def test_verdicts_mark_what_reaches_its_bar(figures: dict[str, Any]) -> None:
    document = {**figures, "references": {"pixels": figures}}
    document["control"] = {**figures["control"], "value": [5.0, 4.9] + [7.0] * (K - 2)}
    document["leakage"] = {**figures["leakage"], "value": 0.36}
    lines = verdicts(document).splitlines()
    control, leak = (
        next(line for line in lines if line.startswith(start)) for start in ("| control, own", "| leakage")
    )
    assert control.count("✓") == K - 1 and control.split("|")[4].strip() == "4.9 ✗"
    assert "36.0%" in leak and "✗" in leak and leak.count("–") == 1  # no untrained network here
    assert sum("✓" in line or "✗" in line for line in lines) == len(BARS)


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


def test_pixels_are_projected_on_their_principal_components_and_deaf() -> None:
    images = smooth_images(40)
    pixels = Pixels(images, Compact((8,) * 6, 8))
    features = pixels.features(images, "rotation=1")
    assert features.shape == (40, 8) and torch.equal(features, pixels.features(images, "rotation=0"))
    flat = images.flatten(1).double() - images.flatten(1).double().mean(0)
    largest = torch.linalg.svdvals(flat)[:8].square()
    torch.testing.assert_close(features.double().square().sum(0), largest, rtol=0.02, atol=0)


def test_the_pixel_reference_is_repeatable() -> None:
    images = smooth_images(40)
    first, second = (Pixels(images, Compact((8,) * 6, 8)).features(images, "hue=1") for _ in range(2))
    assert torch.equal(first, second)


def test_the_untrained_reference_is_repeatable_and_leaves_the_generator_alone() -> None:
    state = torch.get_rng_state()
    first, same, other = (untrained(TINY, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), state)
    images = smooth_images(2)
    assert torch.equal(first.features(images, [0.5] * K), same.features(images, [0.5] * K))
    assert not torch.equal(first.features(images, [0.5] * K), other.features(images, [0.5] * K))
