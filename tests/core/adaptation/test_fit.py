"""Fitting a descriptor: gradients, known answers, the life of a run, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from core import AmortisedExtractor
from core.adaptation import Diverged, Fit, Settings, adapt, predict, run
from core.adaptation.objectives import OBJECTIVES
from core.tasks import Split
from tests.core.conftest import tiny_model
from tests.core.samples import Blinds, blind_task


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("classes", [2, 0])
def test_the_gradient_on_the_descriptor_is_that_of_finite_differences(objective: str, classes: int) -> None:
    model = tiny_model()
    for parameter in model.parameters():  # finite differences need more digits than float32 has
        parameter.data = parameter.data.double()
    task = blind_task(0, classes=classes, count=60)
    task = replace(task, train=_double(task.train), validation=_double(task.validation))
    start = torch.full((len(model.transforms),), 0.4, dtype=torch.float64)
    settings = Settings(objective, steps=3)

    def first(point: Tensor) -> tuple[float, tuple[float, ...]]:
        fit = Fit(model, task, settings, point)
        for place in (1, 2):  # the head of the joint objective starts at zero, where its features have no slope
            shape, seed = fit.state.parameters[place].shape, torch.Generator().manual_seed(1)
            fit.state.parameters[place] = torch.randn(shape, generator=seed, dtype=torch.float64)
        fit.targets = fit.targets.double()
        step = fit.advance()
        return step.loss, step.gradient

    gradient = first(start)[1]
    for k in range(len(start)):
        step = torch.zeros_like(start)
        step[k] = 1e-5
        slope = (first(start + step)[0] - first(start - step)[0]) / 2e-5
        assert gradient[k] == pytest.approx(slope, rel=2e-2, abs=1e-5)


def _double(split: Split) -> Split:
    return Split(split.images.double(), split.targets)


@pytest.mark.parametrize("objective", ["evidence", "leave-one-out", "validation"])
@pytest.mark.parametrize("classes", [2, 0])
@pytest.mark.parametrize("useful", [0, 4])
def test_what_the_task_needs_is_kept(objective: str, classes: int, useful: int) -> None:
    count = 300 if objective == "validation" else 80  # sixteen images to validate on are too few to choose by
    adapted = adapt(Blinds(), blind_task(useful, classes=classes, count=count), Settings(objective, batch=count))
    assert adapted.descriptor[useful] == 0
    if objective == "evidence":
        assert [round(value) for value in adapted.unsnapped] == [int(k != useful) for k in range(6)]


def test_the_fitted_head_is_as_good_on_test_images_as_it_says() -> None:
    task = blind_task(2, count=200)
    model = Blinds()
    adapted = adapt(model, task)
    assert task.score(predict(model, adapted, task.test), task.test.targets) == pytest.approx(adapted.score, abs=0.06)
    assert adapted.score > 0.9


def test_the_same_seed_gives_the_same_run_and_another_one_another() -> None:
    model, task = tiny_model(), blind_task(1)
    settings = Settings(steps=5, batch=16, restarts=2, seed=3)
    runs = [[step.descriptor for step in run(Fit(model, task, s))] for s in (settings, settings)]
    assert runs[0] == runs[1] and len(runs[0]) == 10
    assert runs[0] != [step.descriptor for step in run(Fit(model, task, replace(settings, seed=4)))]


def test_a_run_that_was_moved_finds_its_way_back() -> None:
    fit = Fit(Blinds(), blind_task(3), Settings(steps=60, patience=100))
    for _ in range(10):
        fit.advance()
    fit.move(torch.tensor([0.2, 0.2, 0.2, 0.9, 0.2, 0.2]))
    assert fit.advance().descriptor[3] == pytest.approx(0.9)
    for _ in run(fit):
        pass
    assert fit.finish().descriptor[3] == 0


def test_steps_stay_in_the_cube_and_time_grows() -> None:
    steps = list(run(Fit(tiny_model(), blind_task(1), Settings(steps=6, rate=1.0))))
    assert all(0 <= value <= 1 for step in steps for value in step.descriptor)
    assert [step.number for step in steps] == list(range(6))
    assert all(a.seconds < b.seconds for a, b in pairwise(steps))


def test_steps_become_shorter_by_equal_parts() -> None:
    task = blind_task(2)
    points = [step.descriptor for step in run(Fit(Blinds(), task, Settings(rate=0.02, batch=len(task.labelled))))]
    moved = [max(abs(a - b) for a, b in zip(*pair, strict=True)) for pair in pairwise(points)]
    shares = [1 - number / Settings.steps for number in range(len(moved))]
    assert [each / moved[0] for each in moved] == pytest.approx(shares, rel=0.1)


def test_a_run_can_be_finished_at_any_time() -> None:
    fit = Fit(Blinds(), blind_task(0))
    assert not fit.done
    early = fit.finish()
    assert early.steps == 0 and early.unsnapped == (0.5,) * 6
    fit.advance()
    assert fit.finish().steps == 1 and not fit.done


def test_restarts_are_compared_by_their_evidence() -> None:
    fit = Fit(Blinds(), blind_task(0), Settings(restarts=3, steps=15))
    list(run(fit))
    assert len(fit.state.ends) == 3
    with pytest.raises(ValueError, match="has ended"):
        fit.advance()
    single = adapt(Blinds(), blind_task(0), Settings(steps=15))
    assert fit.finish().loss <= single.loss + 1e-9


def test_divergence_is_a_sentence() -> None:
    model: AmortisedExtractor = tiny_model()
    fit = Fit(model, blind_task(0))
    fit.inputs.parts[0][0] = float("nan")
    with pytest.raises(Diverged, match="at step 0"):
        fit.advance()


@pytest.mark.parametrize(
    ("change", "message"),
    [({"objective": "hope"}, "Known: evidence"), ({"steps": 0}, "at least 1"), ({"rate": float("nan")}, "step size")],
)
def test_settings_that_cannot_be_are_a_sentence(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Settings(**change)


def test_too_few_images_and_a_single_target_are_a_sentence() -> None:
    task = blind_task(0)
    few = replace(task, validation=task.validation.at(torch.arange(1)))
    with pytest.raises(ValueError, match="too few"):
        Fit(tiny_model(), few)
    same = Split(task.train.images, torch.zeros_like(task.train.targets))
    with pytest.raises(ValueError, match="same target"):
        Fit(tiny_model(), replace(task, train=same, validation=Split(same.images[:4], same.targets[:4])))


def test_a_run_that_has_ended_goes_on_where_its_descriptor_is_moved() -> None:
    fit = Fit(tiny_model(), blind_task(1), Settings(steps=2))
    for _ in run(fit):
        pass
    with pytest.raises(ValueError, match="has ended"):
        fit.advance()
    fit.move(torch.full((6,), 0.25))
    assert fit.advance().descriptor == (0.25,) * 6


def test_what_a_hand_holds_stays_and_goes_on_when_it_is_let_go() -> None:
    fit = Fit(Blinds(), blind_task(2), Settings(steps=6, patience=2))
    fit.advance()
    fit.grip({2: 0.9})
    steps = [fit.advance() for _ in range(10)]
    assert {round(step.descriptor[2], 5) for step in steps} == {0.9} and fit.gripped == {2: 0.9}
    assert len({step.descriptor[0] for step in steps}) > 1 and not fit.done, "the others move, and it goes on"
    fit.grip({})
    after = list(run(fit))
    assert after[-1].descriptor[2] < 0.5 and len(after) <= 6, "let go, it finds its way"


def test_a_grip_is_not_seen_by_other_coordinates() -> None:
    """A held coordinate is steep, which would shorten the steps of all others."""
    one, other = (Fit(Blinds(), blind_task(2), Settings()) for _ in range(2))
    one.grip({2: 0.5})
    for fit in (one, other):
        fit.advance()
    moved = [torch.tensor(fit.descriptor) - 0.5 for fit in (one, other)]
    assert moved[0][2] == 0 and moved[0].abs().max() > moved[1][[0, 1, 3, 4, 5]].abs().max()
