"""A run that was stopped or killed goes on as if it had not been; of another recipe or other images it does not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from core import AXES, AmortisedExtractor
from core.pretraining import objective
from core.pretraining.loop import pretrain
from core.pretraining.pairs import ViewRecipe
from core.pretraining.state import FILE, read_average
from tests.core.commands import ROOT
from tests.core.conftest import TINY, tiny_model
from tests.core.pretraining.runs import RECIPE, curve, pictures, state, train, unequal


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


CHILD = """
import time, torch
from pathlib import Path
from core.pretraining import objective
from tests.core.pretraining.runs import train
torch.set_num_threads(1)
if {precise}:
    objective.fast_half = lambda device: False
for step in train(Path({folder!r})):
    print(step.number, flush=True)
    if step.number == {last}:
        time.sleep(600)
"""


@contextmanager
def child(folder: Path, last: int, precise: bool, seed: int) -> Iterator[subprocess.Popen[str]]:
    """A process that trains, prints its steps and rests after the last; killed in the end."""
    program = CHILD.format(folder=str(folder), last=last, precise=precise)
    command, variables = [sys.executable, "-c", program], os.environ | {"PYTHONHASHSEED": str(seed)}
    with subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def busy() -> Iterator[None]:
    """Another process that takes what it gets of the processor."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            yield
        finally:
            process.kill()


@pytest.mark.slow
def test_a_killed_process_is_resumed_in_another_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What processors without bfloat16 do, and where a last digit becomes a full step of Adam soonest.
    monkeypatch.setattr(objective, "fast_half", lambda device: False)
    for _ in train(tmp_path / "whole"):
        pass
    parted = tmp_path / "parted"
    with child(parted, 2, precise=True, seed=1) as process:
        assert process.stdout is not None and process.stdout.readline().strip() == "0"
        with busy():  # not while it imports, which takes longer than its steps
            assert [process.stdout.readline().strip() for _ in range(2)] == ["1", "2"]
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.returncode == -signal.SIGKILL
        with child(parted, 6, precise=True, seed=2) as third:
            assert third.stdout is not None and third.stdout.readline().strip() == "3"
            with busy():
                assert third.communicate()[0].split() == ["4", "5"] and third.returncode == 0
    assert unequal(state(parted), state(tmp_path / "whole")) == []


@pytest.mark.slow
def test_a_killed_process_is_resumed_at_its_last_state(whole: Path, tmp_path: Path) -> None:
    with child(tmp_path, 2, precise=False, seed=3) as process:
        assert process.stdout is not None
        assert [process.stdout.readline().strip() for _ in range(3)] == ["0", "1", "2"]
    assert [step.number for step in train(tmp_path)] == [3, 4, 5]
    assert unequal(state(tmp_path), state(whole)) == []


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
def test_a_state_of_another_recipe_is_refused_by_name(whole: Path, changed: dict[str, Any], named: str) -> None:
    before = (whole / FILE).read_bytes()
    with pytest.raises(ValueError, match=rf"another recipe \(different: {named}\)\. Use the same options"):
        list(train(whole, replace(RECIPE, **changed)))
    assert (whole / FILE).read_bytes() == before


def swapped(images: Tensor) -> Tensor:
    return images[[1, 0, *range(2, len(images))]]


def touched(images: Tensor) -> Tensor:
    images = images.clone()
    images[7, 2, 31, 0] ^= 1
    return images


@pytest.mark.parametrize(
    "change, said",
    [
        (touched, r"24 images then, 24 now, but not the same ones in the same order"),
        (swapped, r"24 images then, 24 now, but not the same ones in the same order"),
        (lambda images: images[:-1], r"24 images then, 23 now"),
        (lambda images: torch.cat([images, images[:2]]), r"24 images then, 26 now"),
    ],
    ids=["one bit", "another order", "fewer", "more"],
)
def test_a_state_of_other_images_is_refused(whole: Path, change: Callable[[Tensor], Tensor], said: str) -> None:
    before = (whole / FILE).read_bytes()
    sentence = rf"made with other images \({said}\)\. Bring back the same images, or give another --out folder\.$"
    with pytest.raises(ValueError, match=sentence):
        list(train(whole, replace(RECIPE, steps=8), images=change(pictures())))
    assert (whole / FILE).read_bytes() == before


def test_the_same_images_under_another_name_go_on(whole: Path, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes((whole / FILE).read_bytes())
    longer = replace(RECIPE, steps=7)
    # Not even contiguous: what counts are the pixels.
    images = pictures().contiguous(memory_format=torch.channels_last)
    assert [step.number for step in train(tmp_path, longer, data="renamed", images=images)] == [6]
    assert read_average(tmp_path)[1]["data"] == "renamed"


def test_a_run_may_be_made_longer(whole: Path, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes((whole / FILE).read_bytes())
    assert [step.number for step in train(tmp_path, replace(RECIPE, steps=8))] == [6, 7]


def test_a_model_to_start_from_has_the_architecture_and_the_axes_of_the_run(tmp_path: Path) -> None:
    for other in (AmortisedExtractor(replace(TINY, rank=2)), AmortisedExtractor(TINY, AXES[::-1])):
        with pytest.raises(ValueError, match="The model to start from has"):
            next(pretrain(pictures(), RECIPE, tmp_path, data="smooth", start=other))


def test_a_state_from_before_backbones_goes_on(tmp_path: Path) -> None:
    first = train(tmp_path)
    list(islice(first, 3))
    first.close()
    with safe_open(tmp_path / FILE, "pt") as file:
        header = dict(file.metadata() or {})
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, not a dict
    recipe = json.loads(header["recipe"])
    recipe["architecture"] = {"widths": [8] * 6, "features": 16, "rank": TINY.rank, "hidden": TINY.hidden}
    save_file(tensors, tmp_path / FILE, header | {"recipe": json.dumps(recipe)})
    assert [step.number for step in train(tmp_path)] == [3, 4, 5]
