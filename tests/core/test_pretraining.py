"""Pretraining runs of a few steps: resumed, killed, and refused. Two processes: see ``test_cli``."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor

from core import AXES, AmortisedExtractor, load_checkpoint
from core.pretraining import Objective, Recipe, Step, draw_group, pretrain
from core.training_state import FILE, read_average
from core.views import ViewRecipe
from tests.core.conftest import TINY, smooth_images, tiny_model

ROOT = Path(__file__).parents[2]
RECIPE = Recipe(steps=6, groups=2, size=8, warmup=2, architecture=TINY)


def pictures(count: int = 24) -> Tensor:
    return (smooth_images(count) * 255).round().to(torch.uint8)


def train(folder: Path, recipe: Recipe = RECIPE, every: int = 1, data: str = "smooth") -> Iterator[Step]:
    return pretrain(pictures(), recipe, folder, data=data, every=every, device=torch.device("cpu"))


def state(folder: Path) -> dict[str, Tensor]:
    """Everything a run has stored: model, reader, average and both moments of the optimiser."""
    return load_file(folder / FILE)


def curve(folder: Path) -> list[tuple[int, float]]:
    """(step, total loss) from the TensorBoard logs."""
    events = EventAccumulator(str(folder / "logs"), size_guidance={"scalars": 0})
    events.Reload()
    return [(event.step, event.value) for event in events.Scalars("loss/total")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole")
    for _ in train(folder):
        pass
    return folder


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


@pytest.mark.parametrize("stop", [1, 3, 5])
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(whole: Path, tmp_path: Path, stop: int) -> None:
    first = train(tmp_path)
    assert [step.number for step in islice(first, stop)] == list(range(stop))
    first.close()
    assert [step.number for step in train(tmp_path)] == list(range(stop, 6))
    expected, resumed = state(whole), state(tmp_path)
    assert expected.keys() == resumed.keys()
    assert [name for name in expected if not torch.equal(expected[name], resumed[name])] == []
    assert curve(tmp_path) == curve(whole)


def test_steps_after_the_last_state_are_done_again(whole: Path, tmp_path: Path) -> None:
    first = train(tmp_path, every=2)
    list(islice(first, 5))
    first.close()
    assert [step.number for step in train(tmp_path, every=2)] == [4, 5]
    assert all(torch.equal(value, state(tmp_path)[name]) for name, value in state(whole).items())
    assert curve(tmp_path) == curve(whole)


def test_a_finished_run_has_nothing_left_to_do(whole: Path) -> None:
    assert list(train(whole)) == []


def test_a_fresh_run_can_begin_with_the_weights_of_a_model_and_a_resumed_one_does_not(tmp_path: Path) -> None:
    still = replace(RECIPE, steps=2, rate=1e-12, weight_decay=0.0)
    first, second = tiny_model(seed=5), tiny_model(seed=6)

    def one_step(start: AmortisedExtractor) -> dict[str, Tensor]:
        run = pretrain(pictures(), still, tmp_path, data="smooth", every=1, start=start)
        next(run)
        run.close()
        return read_average(tmp_path)[0].state_dict()

    for start in (first, second):  # the second finds a state and goes on with it
        stored = one_step(start)
        for name, value in first.state_dict().items():
            torch.testing.assert_close(stored[name], value, atol=1e-6, rtol=0)


KILLED = """
import time, torch
from pathlib import Path
from tests.core.test_pretraining import train
torch.set_num_threads(1)
for step in train(Path({folder!r})):
    print(step.number, flush=True)
    if step.number == 2:
        time.sleep(600)
"""


def distance(one: dict[str, Tensor], other: dict[str, Tensor]) -> float:
    return sum(float((one[name].double() - other[name].double()).square().sum()) for name in one) ** 0.5


def test_a_killed_process_is_resumed_at_its_last_state(whole: Path, tmp_path: Path) -> None:
    program = [sys.executable, "-c", KILLED.format(folder=str(tmp_path))]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert [process.stdout.readline().strip() for _ in range(3)] == ["0", "1", "2"]
        finally:
            process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    killed = state(tmp_path)
    assert [step.number for step in train(tmp_path)] == [3, 4, 5]
    resumed, expected = state(tmp_path), state(whole)
    # Not bit by bit: sums depend on the threads of a process and on where it puts its arrays.
    assert distance(resumed, expected) < 0.05 * distance(killed, expected)


@pytest.mark.parametrize(
    "changed, named",
    [
        ({"seed": 1}, "seed"),
        ({"size": 6, "erasure": 0.0}, "size, erasure"),
        ({"views": ViewRecipe(margin=0.34)}, "views"),
        ({"architecture": replace(TINY, rank=3)}, "architecture"),
    ],
    ids=["seed", "two", "views", "architecture"],
)
def test_a_state_of_another_recipe_is_refused_by_name(whole: Path, changed: dict[str, object], named: str) -> None:
    before = (whole / FILE).read_bytes()
    with pytest.raises(ValueError, match=rf"another recipe \(different: {named}\)\. Use the same options"):
        list(train(whole, replace(RECIPE, **changed)))
    assert (whole / FILE).read_bytes() == before


def test_a_state_of_other_images_is_refused(whole: Path) -> None:
    with pytest.raises(ValueError, match=r"different: data"):
        list(train(whole, data="rough"))


def test_a_run_may_be_made_longer(whole: Path, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes((whole / FILE).read_bytes())
    assert [step.number for step in train(tmp_path, replace(RECIPE, steps=8))] == [6, 7]


@pytest.mark.parametrize("length", [0, 5, 1000, -1])
def test_a_truncated_state_is_refused_with_advice(whole: Path, tmp_path: Path, length: int) -> None:
    (tmp_path / FILE).write_bytes((whole / FILE).read_bytes()[:length])
    with pytest.raises(ValueError, match=r"cannot be read as a training state .*Delete it to start anew\.$"):
        list(train(tmp_path))
    with pytest.raises(ValueError, match="cannot be read as a training state"):
        read_average(tmp_path)


@pytest.mark.parametrize("header", [None, {"step": "3"}], ids=["no header", "half a header"])
def test_a_foreign_file_in_the_place_of_the_state_is_refused(tmp_path: Path, header: dict[str, str] | None) -> None:
    save_file({"weight": torch.zeros(3)}, tmp_path / FILE, header)
    with pytest.raises(ValueError, match="cannot be read as a training state"):
        list(train(tmp_path))
    with pytest.raises(ValueError, match="cannot be read as a training state"):
        read_average(tmp_path)


def test_a_folder_without_a_state_has_no_average(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read as a training state"):
        read_average(tmp_path)


def test_states_leave_no_partial_files(whole: Path) -> None:
    assert {path.name for path in whole.iterdir()} == {FILE, "logs"}


def test_the_average_follows_the_model(whole: Path) -> None:
    stored = state(whole)
    for name, value in stored.items():
        if name.startswith("average."):
            current = stored["objective.model." + name.removeprefix("average.")]
            assert (value - current).norm() < 0.5 * current.norm() and not torch.equal(value, current)


def test_the_loss_falls_on_views_that_were_not_trained_on(tmp_path: Path) -> None:
    recipe = replace(RECIPE, steps=200, size=16, rate=5e-3, warmup=5)
    # The same views before and after: from step to step the loss jumps with the descriptors that are drawn.
    groups = [draw_group(pictures(), recipe, 1000 + n, n % 2, torch.device("cpu")) for n in range(16)]

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
        drawn = draw_group(pictures(), replace(RECIPE, seed=seed), step, number, torch.device("cpu"))
        return drawn.descriptor, drawn.pictures

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
            replace(RECIPE, **{name: value})


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
    monkeypatch.setattr("core.pretraining._join", lambda: (0, 3))
    with pytest.raises(ValueError, match=r"2 groups cannot be shared evenly by 3 processes\. Change --groups"):
        next(train(tmp_path))


def test_the_shipped_checkpoint_names_how_it_was_made() -> None:
    metadata = load_checkpoint().metadata
    assert {"recipe", "data", "seed", "date", "metrics", "steps"} <= metadata.keys()
    assert Recipe(**metadata["recipe"]).seed == metadata["seed"]
