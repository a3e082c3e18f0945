"""The file of a run's state: whole, or refused with what is wrong with it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from core import AmortisedExtractor
from core.pretraining.loop import optimiser_of
from core.pretraining.objective import Objective
from core.pretraining.recipe import Recipe
from core.pretraining.state import FILE, RESUMED, State, digest, read_average
from tests.core.conftest import TINY
from tests.core.pretraining.runs import RECIPE, pictures, state, train, unequal


def test_images_of_other_shapes_have_other_digests() -> None:
    images = pictures()
    assert digest(images) == digest(images.clone()) and len(digest(images)) == 64
    assert digest(images) != digest(images.view(12, 6, 32, 32))


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
    assert header.keys() == {*RESUMED, "bank"}
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
    for name in list(stored)[::4]:
        others = {other: value for other, value in stored.items() if other != name}
        assert_refused(present, tmp_path, others, header, f"lacks the tensor {name}")
    assert_refused(present, tmp_path, {}, header, f"and {len(stored) - 1} more")


@pytest.mark.slow
@pytest.mark.parametrize(
    "number, damage",
    [
        (0, Tensor.double),
        (1, Tensor.bfloat16),
        (2, lambda value: value[None].clone()),
        (3, lambda value: value[:-1].clone()),
    ],
    ids=["double", "half", "an axis more", "a row less"],
)
def test_a_state_with_a_tensor_of_another_kind_is_refused(
    whole: Path, present: State, tmp_path: Path, number: int, damage: Callable[[Tensor], Tensor]
) -> None:
    stored, header = state(whole), header_of(whole)
    for name, value in list(stored.items())[number::4]:  # together the four look at every tensor
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
