"""What a run of pretraining does: its steps, its groups, its rate; and what it refuses to begin with."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core import AXES, AmortisedExtractor, load_checkpoint
from core.pretraining.groups import draw_group
from core.pretraining.loop import pretrain
from core.pretraining.objective import Objective
from core.pretraining.recipe import Recipe
from core.pretraining.state import read_average
from tests.core.conftest import TINY, smooth_images, tiny_model
from tests.core.pretraining.runs import RECIPE, curve, pictures, state, train


def test_a_run_yields_its_steps_and_writes_state_and_logs(tmp_path: Path) -> None:
    steps = list(train(tmp_path))
    assert [step.number for step in steps] == list(range(6))
    assert [step.rate for step in steps] == [RECIPE.rate_at(number) for number in range(6)]
    assert all(math.isfinite(value) for step in steps for value in step.terms.values())
    assert all(step.seconds > 0 for step in steps)
    assert [number for number, _ in curve(tmp_path)] == list(range(6))
    assert [value for _, value in curve(tmp_path)] == pytest.approx([step.terms["total"] for step in steps], rel=1e-6)
    model, header = read_average(tmp_path)
    assert header["step"] == 6 and header["data"] == "smooth" and Recipe(**header["recipe"]) == RECIPE
    assert model.architecture == TINY and model.features(smooth_images(2), "hue=1").shape == (2, 16)


def test_the_same_seed_gives_the_same_run_and_another_seed_another(whole: Path, tmp_path: Path) -> None:
    for _ in train(tmp_path / "same"):
        pass
    for _ in train(tmp_path / "other", replace(RECIPE, seed=1)):
        pass
    first, same, other = state(whole), state(tmp_path / "same"), state(tmp_path / "other")
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_the_average_follows_the_model(whole: Path) -> None:
    stored = state(whole)
    for name, value in stored.items():
        if name.startswith("average."):
            current = stored["objective.model." + name.removeprefix("average.")]
            assert (value - current).norm() < 0.5 * current.norm() and not torch.equal(value, current)


@pytest.mark.slow
def test_the_loss_falls_on_views_that_were_not_trained_on(tmp_path: Path) -> None:
    recipe = replace(RECIPE, steps=200, size=16, rate=5e-3, warmup=5)
    # The same views before and after: from step to step the loss jumps with the descriptors that are drawn.
    groups = [draw_group(pictures(), recipe, 1000 + n, n % 2, tiny_model()) for n in range(16)]

    def loss(objective: Objective) -> float:
        with torch.no_grad():
            return float(objective(groups)["total"])

    torch.manual_seed(recipe.seed)
    objective = Objective(AmortisedExtractor(TINY), recipe)
    before = loss(objective)
    for _ in train(tmp_path, recipe, every=1000):
        pass
    trained = {name.removeprefix("objective."): value for name, value in state(tmp_path).items()}
    objective.load_state_dict({name: trained[name] for name in objective.state_dict()})
    assert loss(objective) < 0.8 * before


def test_groups_are_repeatable_and_in_opposite_pairs() -> None:
    def group(step: int, number: int, seed: int = 0) -> tuple[Tensor, Tensor]:
        drawn = draw_group(pictures(), replace(RECIPE, seed=seed), step, number, tiny_model())
        return drawn.descriptor, drawn.prepared.parts[0]

    assert all(map(torch.equal, group(3, 0), group(3, 0)))
    torch.testing.assert_close(group(3, 0)[0] + group(3, 1)[0], torch.ones(len(AXES)))
    assert group(0, 0)[1].shape == (24, 3, 32, 32)
    for other in (group(3, 1), group(4, 0), group(3, 2), group(3, 0, seed=1)):
        assert not torch.equal(group(3, 0)[1], other[1])


def test_the_rate_warms_up_and_falls_to_zero() -> None:
    recipe = replace(RECIPE, steps=100, warmup=10, rate=1.0)
    rates = [recipe.rate_at(step) for step in range(100)]
    assert rates.index(max(rates)) == 9 and rates[0] == pytest.approx(0.1) and 0 < rates[-1] < 1e-3
    assert rates[9:] == pytest.approx([0.5 * (1 + math.cos(math.pi * step / 100)) for step in range(9, 100)])


@pytest.mark.parametrize("name", ["steps", "groups", "size", "rate", "temperature"])
def test_a_recipe_of_nothing_is_refused_by_name(name: str) -> None:
    for value in (0, -1, math.nan):
        with pytest.raises(ValueError, match=f"recipe's {name} must be positive; got {value}"):
            changed: dict[str, Any] = {name: value}
            replace(RECIPE, **changed)


@pytest.mark.parametrize(
    "images",
    [
        torch.zeros(4, 3, 32, 32),
        torch.zeros(3, 32, 32, dtype=torch.uint8),
        torch.zeros(4, 3, 64, 64, dtype=torch.uint8),
    ],
    ids=["float", "one image", "large"],
)
def test_images_of_the_wrong_kind_are_refused_with_advice(tmp_path: Path, images: Tensor) -> None:
    with pytest.raises(ValueError, match=r"8-bit images of shape \(N, 3, 32, 32\).*load_folder"):
        next(pretrain(images, RECIPE, tmp_path, data="wrong"))


def test_groups_that_do_not_divide_among_the_processes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.pretraining.loop._join", lambda cuda: (0, 3))
    with pytest.raises(ValueError, match=r"2 groups cannot be shared evenly by 3 processes\. Change --groups"):
        next(train(tmp_path))


def test_the_shipped_checkpoint_names_how_it_was_made() -> None:
    metadata = load_checkpoint().metadata
    assert {"data", "seed", "date", "steps", "branch"} <= metadata.keys()
    branch = metadata["branch"]
    assert {"recipe", "data", "seed", "date", "steps", "digest"} <= branch.keys()
    assert Recipe(**branch["recipe"]).seed == branch["seed"] and branch["steps"] == metadata["steps"]
