"""The list of methods, what each gives back, and what one entry is enough for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core import AmortisedExtractor
from core.adaptation import Fit, Settings, adapt, features_of, predict, prepared, run
from core.adaptation.head import fit_head
from core.backbones import Extractor
from core.baselines import (
    METHODS,
    OURS,
    Method,
    Origin,
    OutOfReach,
    Stopped,
    baselines,
    cheating,
    chosen_methods,
    head_at,
    outcome_of,
    run_method,
    title_of,
)
from core.baselines.averaged import Averaged, averages, choices
from core.baselines.classifiers import Augerino, Classifier
from core.baselines.fixed import joined_corners
from core.baselines.job import Budget, Job, Reading, by_ridge
from core.benchmark.markdown import report
from core.benchmark.runner import Plan, rows, run_trials
from core.benchmark.summary import findings
from core.model import checkpoints
from core.tasks import Task, TaskSource, folder_task
from tests.core.conftest import TINY, smooth_images, tiny_model
from tests.core.samples import write_images
from tests.split_resnet import SplitResnet

SHORT = Budget(steps=4, batch=8, every=2)
QUICK = Settings(steps=2)


@pytest.fixture
def source(tmp_path: Path) -> TaskSource:
    return folder_task(write_images(tmp_path / "pets", {"cat": 12, "dog": 12}), side=TINY.backbone.input_size)


@pytest.fixture
def task(source: TaskSource) -> Task:
    return source.with_shots(6, 0)


def save_plain_tiny(path: Path) -> None:
    checkpoints.save_plain(Extractor(TINY.backbone), path, {"steps": 0})


TOY = Method(
    "toy",
    "a toy",
    "A head at a descriptor that nobody would choose.",
    lambda job: head_at(job.model, job.task, (0.25,) * len(job.model.transforms)),
    quick=True,
    aim=">= 2",
)


def test_a_baseline_is_one_entry(source: TaskSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, TOY.name, TOY)
    for text in ("all", "quick", "toy", "a toy"):
        assert "toy" in chosen_methods(text)
    assert TOY in baselines() and title_of("toy") == "a toy"
    trials, _ = run_trials(tiny_model(), [source], Plan(chosen_methods("toy"), (0,), 4, settings=QUICK))
    lines, found = rows(trials), findings(trials)
    assert [row["method"] for row in lines] == [OURS, "toy"], "files have the name"
    assert lines[1]["descriptor"] == [0.25] * 6
    text = report(lines, found, command="c", checkpoint="d", machine="m")
    assert "| pets | a toy |" in text and "- **a toy** (`toy`): A head at a descriptor" in text
    assert "rank of a toy minus rank of the fitted descriptor" in text and "points ahead of a toy" in text


def test_every_entry_is_told_apart_and_described() -> None:
    titles = [each.title for each in METHODS.values()]
    assert list(METHODS) == [each.name for each in METHODS.values()] and len(set(titles)) == len(titles)
    assert all(each.sentence.endswith(".") for each in METHODS.values())
    assert next(iter(METHODS)) == OURS and OURS not in {each.name for each in baselines()}
    assert not set(titles) & (set(METHODS) - {"oracle"}), "a title is never another method's name"
    assert cheating() == {"oracle"} and title_of("unheard of") == "unheard of"


def test_a_fit_is_the_same_outcome_whoever_runs_it(task: Task) -> None:
    model, settings = tiny_model(), Settings(steps=3)
    fit = Fit(model, task, settings)
    steps = list(run(fit))
    adapted = fit.finish()
    outcome = outcome_of(task, adapted, steps, predict(model, adapted, task.test))
    assert outcome.method == OURS and outcome.curve[-1] == (adapted.seconds, adapted.score)
    assert [score for _, score in outcome.curve[:-1]] == [step.score for step in steps]
    theirs, end = run_method(OURS, model, task, settings), adapt(model, task, settings)
    assert (outcome.score, outcome.parameters, outcome.descriptor) == (theirs.score, theirs.parameters, end.descriptor)
    assert [score for _, score in outcome.curve] == [score for _, score in theirs.curve]
    assert outcome.seconds == outcome.curve[-1][0] > outcome.curve[-2][0]


def test_a_head_at_a_descriptor_counts_the_head_alone(task: Task) -> None:
    model, point = tiny_model(), (0.25,) * 6
    found = head_at(model, task, point, "mine")
    head = fit_head(features_of(model, task.labelled, point), task.encoded(task.labelled.targets))
    outputs = head(features_of(model, task.test, point))
    assert found.score == task.judge(outputs).value and found.parameters == head.parameters
    assert found.method == "mine" and found.descriptor == point and len(found.curve) == 1
    assert found.curve[0][0] == found.seconds


@pytest.mark.parametrize("other", [Origin(8, 0, "evidence"), Origin(20, 3, "evidence"), Origin(20, 0, "joint")])
def test_an_origin_tells_what_differs_and_nothing_else(other: Origin) -> None:
    now = Origin(20, 0, "evidence")
    said = {8: "8 per class", 3: "seed 3", "joint": "fitted to joint"}
    (part,) = set(vars(other).values()) - set(vars(now).values())
    assert other.unlike(now) == said[part] and now.unlike(now) == ""
    assert Origin(8, 3, "joint").unlike(now) == "8 per class, seed 3, fitted to joint"


@pytest.mark.slow
def test_every_method_gives_an_outcome_that_is_repeatable(task: Task, tmp_path: Path, monkeypatch: Any) -> None:
    for name in ("PLAIN", "AUGSELF"):
        monkeypatch.setattr(checkpoints, name, tmp_path / f"{name}.safetensors")
        save_plain_tiny(getattr(checkpoints, name))
    model = tiny_model()
    for name in (OURS, *(each.name for each in baselines(model))):
        one, two = (run_method(name, model, task, QUICK, SHORT) for _ in range(2))
        assert one.method == name and one.score == two.score and one.descriptor == two.descriptor
        assert 0 <= one.score <= 1 and one.seconds > 0
        without = name in ("plain", "augself", "pixels", "concatenated") or METHODS[name].trains_a_network
        assert (one.descriptor is None) == without
    few, many = (run_method(name, model, task, QUICK, SHORT).parameters for name in ("ours", "finetune"))
    assert few == (TINY.backbone.features + 1) * 2 + len(model.transforms) < many


@pytest.mark.parametrize("name", ["ours", "corners", "oracle", "finetune", "scratch", "augerino"])
def test_a_method_that_takes_long_can_be_stopped(name: str, task: Task) -> None:
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(len(asked) == 1)
        return asked[-1]

    with pytest.raises(Stopped):
        run_method(name, tiny_model(), task, Settings(steps=6), SHORT, stop)
    assert asked == [False, True], "and it does not go on after that"


def test_the_oracle_is_the_best_corner(task: Task) -> None:
    model = tiny_model()
    oracle = run_method("oracle", model, task, QUICK)
    for name in ("i=0", "i=1", "corners"):
        assert run_method(name, model, task, QUICK).score <= oracle.score


@pytest.mark.parametrize("name, how", [("plain", "pretrain-plain'"), ("augself", "pretrain-plain --augself 1'")])
def test_without_a_plain_extractor_the_method_says_how_to_make_one(
    name: str, how: str, task: Task, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(checkpoints, name.upper(), tmp_path / f"{name}.safetensors")
    with pytest.raises(OutOfReach, match=how):
        run_method(name, tiny_model(), task, QUICK)


def test_the_frozen_backbone_is_offered_where_the_backbone_has_features_of_its_own(task: Task) -> None:
    model = tiny_model()
    assert "frozen" in chosen_methods("quick") and "frozen" not in chosen_methods("quick", model)
    assert METHODS["frozen"] not in baselines(model) and METHODS["frozen"] in baselines()
    with pytest.raises(OutOfReach, match="The backbone compact starts from random weights"):
        run_method("frozen", model, task, QUICK)


def test_the_frozen_backbone_is_a_head_on_what_the_stem_gives(tmp_path: Path) -> None:
    model = AmortisedExtractor(replace(TINY, backbone=SplitResnet()))
    folder = write_images(tmp_path / "pets", {"cat": 12, "dog": 12})
    task = prepared(model, folder_task(folder, side=model.input_size).with_shots(6, 0))
    assert METHODS["frozen"] in baselines(model)
    assert chosen_methods("quick", model) == chosen_methods("quick")
    found = run_method("frozen", model, task, QUICK)
    assert task.labelled.prepared is not None and task.test.prepared is not None
    means, theirs = task.labelled.prepared.parts[1], task.test.prepared.parts[1]
    head = fit_head(means, task.encoded(task.labelled.targets))
    assert found.score == task.judge(head(theirs)).value and found.parameters == head.parameters
    assert found.descriptor is None and found.method == "frozen"


def test_augerino_learns_its_widths() -> None:
    model = tiny_model()
    network = Augerino(Classifier(Extractor(TINY.backbone), TINY.backbone.features, 2), model.transforms)
    network(smooth_images(6)).square().sum().backward()
    assert network.width.grad is not None and bool((network.width.grad.abs() > 0).all())
    before = network.width.detach().clone()
    optimiser = torch.optim.SGD([network.width], lr=1.0)
    optimiser.zero_grad()
    (-network.reward()).backward()
    optimiser.step()
    assert bool((network.width > before).all()), "the reward alone widens every range"


@pytest.mark.parametrize(
    ("text", "names"),
    [("none", ["ours"]), ("all", list(METHODS)), ("i=0, oracle", ["ours", "i=0", "oracle"])],
)
def test_baselines_are_named(text: str, names: list[str]) -> None:
    assert list(chosen_methods(text)) == names
    with pytest.raises(ValueError, match="no baseline called 'magic'"):
        chosen_methods("i=0,magic")


def test_corners_side_by_side_keep_all_ignore_one_each_and_ignore_all() -> None:
    points = joined_corners(6)
    assert points[0] == (0.0,) * 6 and points[-1] == (1.0,) * 6 and len(set(points)) == 8
    assert [sum(point) for point in points[1:-1]] == [1.0] * 6


def test_the_averages_are_means_over_the_ends_of_each_share(task: Task) -> None:
    model = tiny_model()
    model.frozen_features = lambda prepared: prepared.parts[0].mean((2, 3))  # type: ignore[method-assign]  # a backbone
    images = task.test.pixels[:3]
    found = averages(model, images, model.prepare(images))
    ways = choices(model.transforms)
    assert found.shape == (3, len(ways), 3) and ways[0] == ("", 0.0) and len(ways) == 13
    axis = model.transforms[4]  # brightness, from -1 to 1
    ends = [images, *(axis.apply(images, share * end) for share in (0.5, 1.0) for end in (axis.low, axis.high))]
    means = [each.mean((2, 3)) for each in ends]
    assert torch.allclose(found[:, ways.index((axis.name, 0.5))], torch.stack(means[:3]).mean(0), atol=1e-5)
    assert torch.allclose(found[:, ways.index((axis.name, 1.0))], torch.stack(means).mean(0), atol=1e-5)
    once = run_method("frozen-averaged", model, task, QUICK)
    ready = prepared(model, task)
    one, two, three = (
        Averaged(
            each.images,
            each.targets,
            each.prepared,
            averages=averages(model, each.images, model.prepare(each.pixels)),
            seconds=2,
        )
        for each in (ready.train, ready.validation, ready.test)
    )
    again = run_method("frozen-averaged", model, replace(task, train=one, validation=two, test=three), QUICK)
    assert again.score == once.score and again.parameters == once.parameters
    assert again.seconds > 2 * len(task.labelled), "what averaging has taken is part of it"


def test_augmentation_never_goes_along_an_axis_that_the_task_asks_for(task: Task) -> None:
    asks = replace(task, known={"hue": 0, "blur": 1})
    free = [axis.name for axis in Job(tiny_model(), asks).free]
    assert free == [axis.name for axis in tiny_model().transforms if axis.name != "hue"]


@pytest.mark.parametrize("name", ["finetune", "scratch", "augerino"])
def test_one_head_reads_the_features_of_networks_too(name: str, task: Task) -> None:
    model, seen = tiny_model(), []

    def read(features: Tensor, of: Task) -> Reading:
        seen.append(tuple(features.shape))
        return by_ridge(features, of)

    found = run_method(name, model, task, QUICK, SHORT, read=read)
    assert seen == [(len(task.labelled), TINY.backbone.features)] and 0 <= found.score <= 1
    assert len(found.curve) > 1 and found.seconds == found.curve[-1][0]


def test_fine_tuning_begins_as_the_ridge_head_and_may_end_there(task: Task) -> None:
    model = tiny_model()
    still = run_method("finetune", model, task, QUICK, replace(SHORT, rate=0.0))
    parts = [features_of(model, each, (0.5,) * 6) for each in (task.train, task.test)]
    head = fit_head(parts[0], task.encoded(task.train.targets))
    assert still.score == task.judge(head(parts[1])).value
