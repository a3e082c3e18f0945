"""Pretraining runs of a few steps: resumed, killed, and refused. Two processes: see ``test_cli``."""

from __future__ import annotations

import copy
import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor

from core import AXES, AmortisedExtractor, load_checkpoint
from core.pretraining import loop
from core.pretraining.loop import Objective, Recipe, Step, draw_group, optimiser_of, pretrain
from core.pretraining.pairs import ViewRecipe
from core.pretraining.state import FILE, RESUMED, State, digest, read_average
from tests.core.conftest import TINY, smooth_images, tiny_model

ROOT = Path(__file__).parents[3]
RECIPE = Recipe(steps=6, groups=2, size=8, warmup=2, architecture=TINY)


def pictures(count: int = 24) -> Tensor:
    return (smooth_images(count) * 255).round().to(torch.uint8)


def train(
    folder: Path, recipe: Recipe = RECIPE, every: int = 1, data: str = "smooth", images: Tensor | None = None
) -> Generator[Step, None, None]:
    images = pictures() if images is None else images
    return pretrain(images, recipe, folder, data=data, every=every, device=torch.device("cpu"))


def state(folder: Path) -> dict[str, Tensor]:
    """Everything a run has stored: model, reader, average and both moments of the optimiser."""
    return load_file(folder / FILE)


def curve(folder: Path) -> list[tuple[int, float]]:
    """(step, total loss) from the TensorBoard logs."""
    events = EventAccumulator(str(folder / "logs"), size_guidance={"scalars": 0})
    events.Reload()
    return [(event.step, event.value) for event in events.Scalars("loss/total")]


def unequal(one: dict[str, Tensor], other: dict[str, Tensor]) -> list[str]:
    """Names of what two states do not have in common, bit for bit."""
    assert one.keys() == other.keys()
    return [name for name in one if not torch.equal(one[name], other[name])]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Bit for bit needs one thread, and UMAP, in tests before these, leaves a process with one per core."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


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


CHILD = """
import time, torch
from pathlib import Path
from core.pretraining import loop
from tests.core.pretraining.test_loop import train
torch.set_num_threads(1)
if {precise}:
    loop._fast_half = lambda device: False
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
@pytest.mark.parametrize("precise", [False, True], ids=["as this processor does it", "single precision"])
def test_a_killed_process_is_resumed_in_another_bit_for_bit(
    precise: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if precise:  # what processors without bfloat16 do, and where a last digit becomes a full step of Adam soonest
        monkeypatch.setattr(loop, "_fast_half", lambda device: False)
    for _ in train(tmp_path / "whole"):
        pass
    parted = tmp_path / "parted"
    with busy(), child(parted, 2, precise, seed=1) as process:
        assert process.stdout is not None
        assert [process.stdout.readline().strip() for _ in range(3)] == ["0", "1", "2"]
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.returncode == -signal.SIGKILL
        with child(parted, 6, precise, seed=2) as third:
            assert third.communicate()[0].split() == ["3", "4", "5"] and third.returncode == 0
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


def test_images_of_other_shapes_have_other_digests() -> None:
    images = pictures()
    assert digest(images) == digest(images.clone()) and len(digest(images)) == 64
    assert digest(images) != digest(images.view(12, 6, 32, 32))


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


REFUSED = r"cannot be read as a training state \(.*{reason}.*\)\. Delete it to start anew\.$"


def header_of(folder: Path) -> dict[str, str]:
    with safe_open(folder / FILE, "pt") as file:
        return dict(file.metadata())


@pytest.fixture(scope="module")
def present() -> State:
    """The objects of a run that is about to be resumed."""
    torch.manual_seed(3)
    objective, average = Objective(AmortisedExtractor(TINY), RECIPE), AmortisedExtractor(TINY)
    images = pictures()
    return State(objective, average, optimiser_of(objective, RECIPE), RECIPE, "smooth", digest(images), len(images))


def assert_refused(
    present: State, folder: Path, tensors: dict[str, Tensor], header: dict[str, str] | None, reason: str
) -> None:
    """A sentence, and nothing of what is stored has come into the present objects."""
    save_file(tensors, folder / FILE, header)
    objects = (present.objective.state_dict(), present.average.state_dict(), present.optimiser.state_dict())
    before = copy.deepcopy(objects)
    with pytest.raises(ValueError, match=REFUSED.format(reason=reason)):
        present.resume(folder)
    torch.testing.assert_close(objects, before, rtol=0, atol=0)


def test_a_complete_state_is_not_refused(whole: Path, present: State, tmp_path: Path) -> None:
    """Or the tests below would show nothing."""
    save_file(state(whole), tmp_path / FILE, header_of(whole))
    loaded = copy.deepcopy(present)
    assert loaded.resume(tmp_path) == 6
    loaded.save(tmp_path, 6)
    assert unequal(state(tmp_path), state(whole)) == [] and header_of(tmp_path) == header_of(whole)


@pytest.mark.parametrize("field", RESUMED)
def test_a_state_without_a_field_is_refused(whole: Path, present: State, tmp_path: Path, field: str) -> None:
    header = header_of(whole)
    assert header.keys() == set(RESUMED)
    del header[field]
    assert_refused(present, tmp_path, state(whole), header, rf"does not say {field}; perhaps an older version")


@pytest.mark.parametrize("field", [each.name for each in fields(Recipe)])
def test_a_state_whose_recipe_lacks_a_field_is_refused(whole: Path, present: State, tmp_path: Path, field: str) -> None:
    header = header_of(whole)
    recipe = json.loads(header["recipe"])
    del recipe[field]
    header["recipe"] = json.dumps(recipe)
    assert_refused(present, tmp_path, state(whole), header, f"recipe does not say {field}")


@pytest.mark.parametrize(
    "field, text, reason",
    [
        ("step", "three", "step must be a whole number, not 'three'"),
        ("step", "-1", "step must be a whole number"),
        ("step", "9" * 5000, "step must be a whole number"),
        ("count", "", "count must be a whole number, not ''"),
        ("recipe", "{", "recipe is not JSON"),
        ("recipe", "[]", "recipe is not an object"),
    ],
    ids=["words", "negative", "huge", "empty", "half", "list"],
)
def test_a_state_with_a_field_of_nonsense_is_refused(
    whole: Path, present: State, tmp_path: Path, field: str, text: str, reason: str
) -> None:
    assert_refused(present, tmp_path, state(whole), header_of(whole) | {field: text}, reason)


@pytest.mark.slow
def test_a_state_without_a_tensor_is_refused(whole: Path, present: State, tmp_path: Path) -> None:
    stored, header = state(whole), header_of(whole)
    for name in stored:
        others = {other: value for other, value in stored.items() if other != name}
        assert_refused(present, tmp_path, others, header, f"lacks the tensor {name}")
    assert_refused(present, tmp_path, {}, header, f"and {len(stored) - 1} more")


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage",
    [Tensor.double, Tensor.bfloat16, lambda value: value[None].clone(), lambda value: value[:-1].clone()],
    ids=["double", "half", "an axis more", "a row less"],
)
def test_a_state_with_a_tensor_of_another_kind_is_refused(
    whole: Path, present: State, tmp_path: Path, damage: Callable[[Tensor], Tensor]
) -> None:
    stored, header = state(whole), header_of(whole)
    for name, value in stored.items():
        assert_refused(present, tmp_path, stored | {name: damage(value)}, header, f"{name} is .*, expected float32 ")


def test_a_state_with_more_than_there_should_be_is_refused(whole: Path, present: State, tmp_path: Path) -> None:
    more = state(whole) | {"average.more": torch.zeros(2)}
    assert_refused(present, tmp_path, more, header_of(whole), "also has the tensor average.more")
    recipe = json.dumps(json.loads(header_of(whole)["recipe"]) | {"mood": 1})
    save_file(state(whole), tmp_path / FILE, header_of(whole) | {"recipe": recipe})
    with pytest.raises(ValueError, match=r"another recipe \(different: mood\)"):
        present.resume(tmp_path)


@pytest.mark.parametrize("header", [None, {"step": "3"}], ids=["no header", "half a header"])
def test_a_foreign_file_in_the_place_of_the_state_is_refused(tmp_path: Path, header: dict[str, str] | None) -> None:
    save_file({"weight": torch.zeros(3)}, tmp_path / FILE, header)
    with pytest.raises(ValueError, match=REFUSED.format(reason="does not say")):
        list(train(tmp_path))
    with pytest.raises(ValueError, match="cannot be read as a training state"):
        read_average(tmp_path)


def test_an_average_is_read_only_if_it_is_whole(whole: Path, tmp_path: Path) -> None:
    stored, header = state(whole), header_of(whole)
    average = {name: value for name, value in stored.items() if name.startswith("average.")}
    name, value = next(iter(average.items()))
    recipe = json.loads(header["recipe"])
    flat = {field: value for field, value in recipe.items() if field != "architecture"}
    damaged = [
        ({other: value for other, value in stored.items() if other != name}, header, f"lacks the tensor {name}"),
        (stored | {name: value[None]}, header, f"{name} is .*, expected float32 "),
        (stored, header | {"recipe": json.dumps(flat)}, "architecture"),
        (stored, header | {"recipe": json.dumps(recipe | {"architecture": {"widths": [3]}})}, "architecture"),
        (stored, header | {"step": "x"}, "whole number"),
    ]
    for tensors, said, reason in damaged:
        save_file(tensors, tmp_path / FILE, said)
        with pytest.raises(ValueError, match=rf"as a training state \(.*{reason}.*\)\. Give the folder of a pretrain"):
            read_average(tmp_path)
    # A finished run from before its images were noted can still be exported.
    save_file(average, tmp_path / FILE, {field: header[field] for field in ("step", "recipe", "data")})
    model, read = read_average(tmp_path)
    assert read["step"] == 6 and torch.equal(dict(model.named_parameters())[name.removeprefix("average.")], value)


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


@pytest.mark.slow
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
    monkeypatch.setattr("core.pretraining.loop._join", lambda: (0, 3))
    with pytest.raises(ValueError, match=r"2 groups cannot be shared evenly by 3 processes\. Change --groups"):
        next(train(tmp_path))


def test_the_shipped_checkpoint_names_how_it_was_made() -> None:
    metadata = load_checkpoint().metadata
    assert {"recipe", "data", "seed", "date", "metrics", "steps"} <= metadata.keys()
    assert Recipe(**metadata["recipe"]).seed == metadata["seed"]
