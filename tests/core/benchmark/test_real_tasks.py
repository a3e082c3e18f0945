"""Real tasks: every image is prepared once, the head is one for all, nothing is chosen on test images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core import AXES, AmortisedExtractor
from core.backbones import Prepared
from core.baselines import OURS, Outcome
from core.benchmark.differences import accuracies, corner_search, differences
from core.benchmark.folder_probe import probe, some_of
from core.benchmark.real_tasks import FIXED, FROZEN, Marks, Settings, measure, moved_images, tasks_in
from core.measures.shots import STRENGTHS, ridge_marks
from tests.core.conftest import smooth_images, tiny_model
from tests.core.samples import write_images

SMALL = Settings(shots=4, draws=2, corners=1, seed=3)


def bright() -> AmortisedExtractor:
    """A small model as if its backbone were a pretrained one: the mean colours of an image are its own features."""
    model = tiny_model()
    model.frozen_features = lambda prepared: prepared.parts[0].mean((2, 3))  # type: ignore[method-assign]  # see above
    return model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tasks")
    write_images(root / "birds", {"owl": 9, "rook": 9}, seed=1)
    write_images(root / "pets", {"cat": 10, "dog": 10}, seed=2)
    (root / ".hidden").mkdir()
    (root / "notes.txt").write_text("about them", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def prepared() -> list[int]:
    """How many images went through the stem, call by call."""
    return []


@pytest.fixture(scope="module")
def marks(folder: Path, prepared: list[int]) -> list[Marks]:
    model = bright()
    through = model.prepare

    def counted(images: Tensor) -> Prepared:
        prepared.append(len(images))
        return through(images)

    model.prepare = counted  # type: ignore[method-assign]  # only to count
    return measure(model, folder, SMALL)


@pytest.mark.slow
def test_every_task_is_there_as_it_is_and_moved_along_an_axis_of_its_own(marks: list[Marks]) -> None:
    places = [(mark.task, mark.axis, mark.draw) for mark in marks]
    wanted = [("birds", None), ("birds", AXES[0].name), ("pets", None), ("pets", AXES[1].name)]
    assert places == [(*each, draw) for each in wanted for draw in (0, 1)]
    assert all(list(mark.scores) == [OURS, *FIXED, FROZEN] for mark in marks)
    assert [(mark.labels, mark.tests) for mark in marks[::2]] == [(8, 10), (8, 10), (8, 12), (8, 12)]
    assert [mark.corners is not None for mark in marks] == [True, False] * 4


@pytest.mark.slow
def test_an_image_goes_through_the_stem_once_for_all_draws_and_methods(marks: list[Marks], prepared: list[int]) -> None:
    assert len(marks) == 8 and prepared == [18, 18, 20, 20]


def test_a_backbone_without_features_of_its_own_is_not_compared_with_them(folder: Path) -> None:
    seen: list[float] = []
    found = measure(tiny_model(), folder, replace(SMALL, draws=1, corners=0), lambda text, share: seen.append(share))
    assert all(FROZEN not in mark.scores and mark.corners is None for mark in found)
    assert seen == sorted(seen) and seen[-1] == 1
    assert {each["rival"] for each in differences(found)} == set(FIXED) and corner_search(found) is None


def test_the_head_sees_no_test_image_and_is_the_same_at_every_scale() -> None:
    generator = torch.Generator().manual_seed(0)
    targets = torch.arange(60) % 3
    features = torch.randn(60, 40, generator=generator)
    features[:, :3] += 4 * torch.eye(3)[targets]
    shares = torch.logspace(-3, 3, 40)
    right = ridge_marks(features[:30], targets[:30], features[30:], targets[30:])
    again = ridge_marks(features[:30] * shares + 5, targets[:30], features[30:] * shares + 5, targets[30:])
    assert (right == again).all() and right.mean() > 0.6
    one = ridge_marks(features[:30], targets[:30], features[30:31], targets[30:31])
    assert one[0] == right[0], "whatever else is tested"


def test_images_are_moved_along_one_axis_by_strengths_of_their_own() -> None:
    images = (smooth_images(6) * 255).byte()
    brightness = next(axis for axis in AXES if axis.name == "brightness")
    moved = moved_images(images, brightness, 0)
    shift = (moved.float() - images.float()).mean((1, 2, 3))
    assert moved.dtype == torch.uint8 and moved.shape == images.shape and len(shift.unique()) == 6
    assert moved.equal(moved_images(images, brightness, 0)) and not moved.equal(moved_images(images, brightness, 1))


def test_a_folder_without_tasks_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no folder is in it"):
        tasks_in(tmp_path)
    with pytest.raises(ValueError, match=r"There is no folder .*nowhere"):
        tasks_in(tmp_path / "nowhere")


def outcome(score: float, seconds: float) -> Outcome:
    return Outcome("any", score, seconds, 1, (0.5,) * 6)


def made(
    task: str, draw: int, ours: float, own: float, *, times: tuple[float, float] = (1, 8), axis: Any = None
) -> Marks:
    scores = {OURS: ours, "i=0.5": own - 0.1, FROZEN: own}
    return Marks(task, axis, draw, 8, 10, scores, outcome(ours, times[0]), outcome(own, times[1]))


MADE = [made("a", 0, 0.8, 0.7), made("a", 1, 0.9, 0.7, times=(1, 4)), made("b", 0, 0.4, 0.5), made("b", 1, 0.6, 0.5)]


def test_differences_are_paired_by_draw_and_averaged_over_tasks() -> None:
    moved = [made("a", 0, 0.1, 0.2, axis="hue")]
    first, second, *others = differences([*MADE, *moved])
    assert (first["rival"], first["moved"], second["moved"]) == (FROZEN, False, True)
    assert [each["task"] for each in first["tasks"]] == ["a", "b"]
    assert [each["value"] for each in first["tasks"]] == pytest.approx([15, 0]) and first["value"] == pytest.approx(7.5)
    low, high = first["tasks"][0]["interval"]
    assert (low, high) == pytest.approx((15 - 12.706 * 5, 15 + 12.706 * 5), rel=1e-3)
    assert second["tasks"][0]["axis"] == "hue" and second["value"] == pytest.approx(-10) and second["interval"] is None
    assert [each["rival"] for each in others] == ["i=0.5"] * 2 and others[0]["value"] == pytest.approx(17.5)


def test_accuracies_are_means_over_draws() -> None:
    rows = accuracies(MADE)
    assert [(row["task"], row["method"]) for row in rows] == [(t, m) for t in "ab" for m in (OURS, "i=0.5", FROZEN)]
    assert rows[0]["accuracy"] == pytest.approx(0.85) and rows[0]["scores"] == [0.8, 0.9]
    assert rows[0]["descriptors"] == [(0.5,) * 6] * 2 and rows[1]["descriptors"] is None


def test_the_search_of_corners_is_timed_where_the_fit_is_as_good() -> None:
    found = corner_search(MADE)
    assert found is not None
    assert (found["as_good"], found["runs"], found["value"], found["over_all"]) == (3, 4, 8, 8)
    assert found["gain"]["value"] == pytest.approx(7.5) and found["seconds"] == [1, 8]
    lost = corner_search([made("a", 0, 0.1, 0.2)])
    assert lost is not None and lost["value"] is None and lost["interval"] is None


def test_a_probe_chooses_its_descriptor_by_labelled_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (
        write_images(tmp_path / name, {"cat": 24, "dog": 24}, seed=seed) for name, seed in (("here", 1), ("there", 2))
    )
    model = bright()
    asked: list[tuple[int, int]] = []

    def left_out(features: Tensor, labels: Tensor) -> float:
        asked.append((len(features), len(labels)))
        return -len(asked)

    monkeypatch.setattr("core.benchmark.folder_probe._left_out", left_out)
    found = probe(model, one, two, 40)
    assert asked == [(40, 40)] * 65 and found["descriptor"] == [0.0] * 6 and found["chosen_by"] == -1
    assert (found["labels"], found["tests"], found["classes"]) == (40, 40, ["cat", "dog"])
    assert 0 <= found["interval"][0] <= found["value"] <= found["interval"][1] <= 1 and 0 <= found[FROZEN]["value"] <= 1


def test_the_best_descriptor_is_the_one_that_names_most_of_the_images_left_out() -> None:
    from core.benchmark.folder_probe import _left_out

    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(60) % 2
    noise = torch.randn(60, 20, generator=generator)
    assert _left_out(noise + 3 * labels[:, None], labels) > 0.95 > _left_out(noise, labels)


def test_some_images_are_drawn_before_any_is_decoded(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "all", {"cat": 10, "dog": 10})
    some, again, every = some_of(folder, 8, 32, 0), some_of(folder, 8, 32, 0), some_of(folder, 99, 32, 0)
    assert len(some.images) == 8 and some.paths == again.paths and len(every.images) == 20
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no subfolder with images"):
        some_of(tmp_path / "empty", 8, 32, 0)
    write_images(tmp_path / "other", {"cat": 6, "cow": 6})
    with pytest.raises(ValueError, match=r"has the classes cat, dog, and .* has cat, cow"):
        probe(tiny_model(), folder, tmp_path / "other", 12)


def test_the_strengths_are_many_and_fixed() -> None:
    steps = np.diff(np.log10(STRENGTHS))
    assert steps == pytest.approx(0.25) and len(steps) > 20
