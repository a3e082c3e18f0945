"""The list of methods, what each gives back, and what one entry is enough for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

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
from core.baselines.networks import Augerino, Budget, Classifier
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
    lambda model, task, settings, budget, stop: head_at(model, task, (0.25,) * len(model.transforms)),
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
    monkeypatch.setattr(checkpoints, "PLAIN", tmp_path / "plain.safetensors")
    save_plain_tiny(checkpoints.PLAIN)
    model = tiny_model()
    for name in (OURS, *(each.name for each in baselines(model))):
        one, two = (run_method(name, model, task, QUICK, SHORT) for _ in range(2))
        assert one.method == name and one.score == two.score and one.descriptor == two.descriptor
        assert 0 <= one.score <= 1 and one.seconds > 0
        assert (one.descriptor is None) == (name == "plain" or METHODS[name].trains_a_network)
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


def test_without_a_plain_extractor_the_method_says_how_to_make_one(
    task: Task, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(checkpoints, "PLAIN", tmp_path / "none.safetensors")
    with pytest.raises(OutOfReach, match="pretrain-plain"):
        run_method("plain", tiny_model(), task, QUICK)


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
