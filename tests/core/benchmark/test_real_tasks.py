"""Real tasks: every image is prepared once, the head is one for all, nothing is chosen on test images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.linear_model import Ridge, RidgeClassifierCV
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from core import AXES, AmortisedExtractor
from core.backbones import Prepared
from core.baselines import OURS, by_ridge
from core.baselines.fixed import has_own_features
from core.benchmark.differences import accuracies, differences, ranks, times
from core.benchmark.folder_probe import probe, some_of
from core.benchmark.real_tasks import AVERAGED, FIXED, FROZEN, Place, Settings, measure, moved_images, pools_of
from core.benchmark.runner import Trial
from core.benchmark.task_images import tasks_in
from core.benchmark.trial_log import TrialLog
from core.measures.shots import STRENGTHS, ridge_marks
from core.tasks import Split, Task
from core.tasks.nuisances import NUISANCES
from tests.core.benchmark.samples import MADE, trial
from tests.core.conftest import smooth_images, tiny_model
from tests.core.samples import write_images

SMALL = Settings((4,), 2, (OURS, *FIXED, FROZEN), foreign=True, seed=3)


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
def trials(folder: Path, prepared: list[int]) -> list[Trial]:
    model = bright()
    through = model.prepare

    def counted(images: Tensor) -> Prepared:
        prepared.append(len(images))
        return through(images)

    pools, _ = pools_of(model, tasks_in(folder), SMALL)
    assert has_own_features(model)
    model.prepare = counted  # type: ignore[method-assign]  # only to count
    return measure(model, pools, SMALL)[0]


@pytest.mark.slow
def test_every_task_is_there_as_it_is_moved_and_disturbed(trials: list[Trial]) -> None:
    one, two, *_ = NUISANCES
    places = [("birds", "", ""), ("birds", "axis", AXES[0].name), ("birds", "foreign", one)]
    places += [("pets", "", ""), ("pets", "axis", AXES[1].name), ("pets", "foreign", two)]
    runs = {(trial.task, trial.seed) for trial in trials}
    assert runs == {(Place(*place).name, seed) for place in places for seed in (3, 4)}
    assert len(trials) == len(runs) * 5 and {trial.shots for trial in trials} == {4}
    assert {trial.outcome.tests for trial in trials} == {10, 12}


@pytest.mark.slow
def test_an_image_goes_through_the_stem_once_for_all_draws_and_methods(
    trials: list[Trial], prepared: list[int]
) -> None:
    assert trials and sorted(prepared) == [18, 18, 18, 20, 20, 20]


@pytest.mark.slow
def test_few_labels_are_drawn_from_images_as_they_are_and_a_cut_run_goes_on(folder: Path, tmp_path: Path) -> None:
    settings = replace(SMALL, shots=(4, 3), rivals=(OURS, "pixels", "i=0"), draws=1)
    model, path = tiny_model(), tmp_path / "trials"
    pools, digests = pools_of(model, tasks_in(folder), settings)
    kept = TrialLog(path, {"images": digests})
    half, _ = measure(model, pools, settings, keep=kept.keep, stop=lambda: len(kept.results) >= 8)
    assert len(half) == 9, "what is begun ends, and nothing more begins"
    again = TrialLog(path, {"images": digests})
    found, _ = measure(model, pools, settings, known=tuple(again.results), keep=again.keep)
    assert len(found) == len(again.results) == 3 * (6 + 2)
    assert {trial.task for trial in found if trial.shots == 3} == {"birds", "pets"}
    before = {(each.task, each.shots, each.outcome.method): each.outcome.score for each in half}
    after = {(each.task, each.shots, each.outcome.method): each.outcome.score for each in found}
    assert before.items() <= after.items()


def test_a_place_is_its_name_and_the_name_is_its_place() -> None:
    for place in (Place("pets"), Place("my [best] pets", "axis", "hue"), Place("a", "foreign", "vertical shift")):
        assert Place.of(place.name) == place
    assert Place.of("odd [name]") == Place("odd [name]")


@pytest.mark.parametrize("classes", [2, 3])
def test_the_one_head_is_scikit_learns_and_its_held_out_score_leaves_each_image_out(classes: int) -> None:
    targets = torch.arange(60) % classes
    features = torch.randn(60, 20, generator=torch.Generator().manual_seed(1))
    features[:, :classes] += 1.5 * torch.eye(classes)[targets]
    one, two, three = (Split(features[n], targets[n]) for n in (slice(0, 24), slice(24, 30), slice(30, 60)))
    found = by_ridge(features[:30], Task("t", "?", one, two, three, tuple("abc"[:classes])))
    right = found.outputs(features[30:]).argmax(1) == targets[30:]
    assert (right.numpy() == ridge_marks(features[:30], targets[:30], features[30:], targets[30:])).all()
    x = StandardScaler().fit_transform(features[:30].double().numpy())
    strength = float(RidgeClassifierCV(STRENGTHS).fit(x, targets[:30].numpy()).alpha_)
    hot, alone = F.one_hot(targets[:30]).double().numpy(), []
    for row in range(30):
        others = np.arange(30) != row
        alone.append(Ridge(strength).fit(x[others], hot[others]).predict(x[row : row + 1])[0])
    assert found.held_out == pytest.approx(np.mean(np.argmax(alone, 1) == targets[:30].numpy()))
    assert found.loss == pytest.approx(np.mean((np.array(alone) - hot) ** 2), rel=1e-4)


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


@pytest.mark.slow
def test_folders_are_read_and_averages_are_taken_in_processes_as_here(folder: Path) -> None:
    settings = replace(SMALL, rivals=(OURS, AVERAGED), nuisance=False, foreign=False, draws=1)
    scores = []
    for jobs in (1, 2):
        model = bright()
        pools, digests = pools_of(model, tasks_in(folder), settings, jobs=jobs)
        found, _ = measure(model, pools, settings, jobs=jobs)
        scores.append((digests, {(each.task, each.outcome.method): each.outcome.score for each in found}))
        assert all(pool.averages is not None for pool in pools)
    assert scores[0] == scores[1] and len(scores[0][1]) == 4


def test_differences_are_paired_by_draw_and_averaged_over_tasks() -> None:
    moved = [trial("a [axis hue]", OURS, 0, 0.1), trial("a [axis hue]", FROZEN, 0, 0.2)]
    alone = [trial("a", "i=0.5", 7, 0.1), trial("a", "pixels", 1, 0.5)]
    found = {(each["rival"], each["kind"]): each for each in differences([*MADE, *moved, *alone])}
    assert set(found) == {(FROZEN, ""), ("pixels", ""), (FROZEN, "axis")}
    first, third = found[FROZEN, ""], found[FROZEN, "axis"]
    assert [each["task"] for each in first["tasks"]] == ["a", "b"] and first["shots"] == 20
    assert [each["value"] for each in first["tasks"]] == pytest.approx([15, 0]) and first["value"] == pytest.approx(7.5)
    low, high = first["tasks"][0]["interval"]
    assert (low, high) == pytest.approx((15 - 12.706 * 5, 15 + 12.706 * 5), rel=1e-3)
    assert found["pixels", ""]["value"] == pytest.approx(40), "the draw that both had"
    assert third["tasks"][0]["by"] == "hue" and third["value"] == pytest.approx(-10) and third["interval"] is None


def test_accuracies_are_means_over_draws() -> None:
    rows = accuracies(MADE)
    assert [(row["task"], row["method"]) for row in rows] == [(t, m) for t in "ab" for m in (OURS, FROZEN)]
    assert rows[0]["accuracy"] == pytest.approx(0.85) and rows[0]["scores"] == [0.8, 0.9]
    assert rows[0]["descriptors"] == [(0.5,) * 6] * 2 and rows[1]["descriptors"] is None


def test_ranks_are_of_the_tasks_in_which_every_method_ran_and_of_methods_that_do_not_cheat() -> None:
    more = [trial("a", "oracle", 0, 1.0), trial("c", OURS, 0, 0.1), trial("a", OURS, 2, 0.0)]
    group, alone = ranks(accuracies([*MADE, *more]))
    found = {each["method"]: each for each in group["methods"]}
    assert group["tasks"] == 2 and set(found) == {OURS, FROZEN}
    assert found[OURS]["value"] == 1.25 and found[FROZEN]["value"] == 1.75, "first, and a tie"
    low, high = found[OURS]["interval"]
    assert 1 <= low < 1.25 < high <= 2
    assert alone["tasks"] == 3 and [each["method"] for each in alone["methods"]] == [OURS], "it ran on every task"
    none, _ = ranks(accuracies([trial("a", OURS, 0, 1.0), trial("b", FROZEN, 0, 1.0)]))
    assert none["tasks"] == 0 and none["methods"] == []
    assert len(ranks(accuracies(MADE))) == 1, "the same twice says nothing more"


def test_a_rival_is_timed_where_the_fit_is_as_good() -> None:
    ours, found = times(MADE, 20)
    assert ours == {"method": OURS, "seconds": 1.0}
    assert (found["as_good"], found["runs"], found["value"], found["seconds"]) == (3, 4, 8, 8)
    assert found["gain"]["value"] == pytest.approx(7.5) and found["ours"] == 1
    (_, lost) = times([trial("a", OURS, 0, 0.1), trial("a", FROZEN, 0, 0.2)], 20)
    assert lost["value"] is None and lost["interval"] is None
    elsewhere = [replace(each, device="another") for each in (trial("a", FROZEN, 2, 0.1, 0.001), MADE[0])]
    assert times([*MADE, *elsewhere], 20) == [ours, found], "seconds of another machine do not compare"
    moved = trial(Place("a", "axis", "hue").name, FROZEN, 0, 0.1, 0.001)
    assert times([*MADE, moved, trial("a", FROZEN, 0, 0.1, 0.001, shots=5)], 20) == [ours, found], "nor of other runs"


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
