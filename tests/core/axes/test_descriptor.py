"""Descriptors: reading, writing, changing and refusing."""

from __future__ import annotations

import dataclasses
import doctest
import math
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core import AXES, Descriptor, corners
from core.axes import descriptor

K = len(AXES)
NAMES = [axis.name for axis in AXES]
unit = st.floats(0, 1)
values = st.tuples(*[unit] * K)
written = st.tuples(*[st.integers(0, 10**6).map(lambda n: n / 10**6)] * K)


@given(written)
def test_text_with_six_digits_reads_back_exactly(numbers: tuple[float, ...]) -> None:
    original = Descriptor(numbers)
    assert Descriptor.parse(str(original)) == original
    assert Descriptor.of(str(original)) == original


@given(values)
def test_any_descriptor_reads_back_to_six_digits(numbers: tuple[float, ...]) -> None:
    original = Descriptor(numbers)
    copy = Descriptor.parse(str(original))
    assert str(copy) == str(original)
    assert tuple(copy) == pytest.approx(numbers, rel=1e-5)


@given(values)
def test_plain_numbers_are_read_in_the_order_of_the_axes(numbers: tuple[float, ...]) -> None:
    assert Descriptor.parse(", ".join(map(repr, numbers))).values == numbers


@given(st.dictionaries(st.sampled_from(NAMES), unit, min_size=1), unit)
def test_axes_that_the_text_leaves_out_get_the_default(named: dict[str, float], default: float) -> None:
    read = Descriptor.parse(",".join(f" {name} = {value!r} " for name, value in named.items()), default=default)
    assert read.values == tuple(named.get(name, default) for name in NAMES)


def test_the_default_of_the_default_is_one_half() -> None:
    assert Descriptor.parse("hue=1") == Descriptor.constant(0.5).replace(hue=1)


@given(unit)
def test_a_constant_descriptor_is_the_same_on_every_axis(value: float) -> None:
    assert Descriptor.constant(value).values == (value,) * K
    assert Descriptor.constant(value, AXES[:2]).values == (value,) * 2


@given(values, st.dictionaries(st.sampled_from(NAMES), unit))
def test_replacing_changes_a_copy_and_nothing_else(numbers: tuple[float, ...], changes: dict[str, float]) -> None:
    original = Descriptor(numbers)
    changed = original.replace(**changes)
    assert original.values == numbers
    assert changed.values == tuple(changes.get(name, value) for name, value in zip(NAMES, numbers, strict=True))


@given(values)
def test_equal_descriptors_have_equal_hashes_and_one_place_in_a_set(numbers: tuple[float, ...]) -> None:
    first, second = Descriptor(numbers), Descriptor(numbers)
    assert first == second and hash(first) == hash(second) and len({first, second}) == 1


def test_descriptors_with_other_values_or_axes_differ() -> None:
    assert Descriptor.constant(0) != Descriptor.constant(1)
    assert Descriptor.constant(0, AXES[:3]) != Descriptor.constant(0, AXES[3:])


def test_a_descriptor_cannot_be_changed() -> None:
    original = Descriptor.constant(0.5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        original.values = (0.0,) * K  # type: ignore[misc]  # the point of the test
    original.tensor().fill_(1)
    assert original.values == (0.5,) * K


@given(values)
def test_a_descriptor_is_a_sequence_of_numbers_and_a_tensor(numbers: tuple[float, ...]) -> None:
    made = Descriptor(numbers)
    assert tuple(made) == numbers and len(made) == K
    assert made.tensor().shape == (K,) and made.tensor().dtype == torch.float32
    assert made.tensor().tolist() == pytest.approx(numbers, abs=1e-7)


@pytest.mark.parametrize(
    "source",
    [
        Descriptor((0.5, 0.25, 0, 1, 0, 0)),
        [0.5, 0.25, 0, 1, 0, 0],
        (0.5, 0.25, 0.0, 1.0, 0.0, 0.0),
        torch.tensor([0.5, 0.25, 0, 1, 0, 0]),
        torch.tensor([0.5, 0.25, 0, 1, 0, 0], dtype=torch.float64, requires_grad=True),
        "0.5, 0.25, 0, 1, 0, 0",
        "rotation=0.5, translation=0.25, scale=0, hue=1, brightness=0, blur=0",
    ],
    ids=["descriptor", "list", "tuple", "tensor", "tensor with gradient", "numbers", "names"],
)
def test_a_descriptor_is_made_of_anything_like_it(source: Any) -> None:
    assert Descriptor.of(source) == Descriptor((0.5, 0.25, 0, 1, 0, 0))


def test_a_representation_names_every_axis() -> None:
    assert repr(Descriptor((1, 0, 0.5, 0.125, 0, 1))) == (
        "Descriptor('rotation=1, translation=0, scale=0.5, hue=0.125, brightness=0, blur=1')"
    )


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, math.inf, "1", None])
@pytest.mark.parametrize("place", [0, K - 1])
def test_a_coordinate_outside_the_unit_interval_is_refused_by_name(value: Any, place: int) -> None:
    numbers: list[Any] = [0.5] * K
    numbers[place] = value
    with pytest.raises(ValueError, match=rf"coordinate for {NAMES[place]} must be a number in \[0, 1\]"):
        Descriptor(tuple(numbers))


@pytest.mark.parametrize("count", [0, 1, K - 1, K + 1])
def test_a_wrong_number_of_coordinates_is_refused(count: int) -> None:
    for source in ((0.5,) * count, torch.full((count,), 0.5)):
        with pytest.raises(ValueError, match=rf"needs {K} numbers, one per axis \(rotation, .*got {count}"):
            Descriptor.of(source)


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("tilt=1", "unknown: tilt.*Known axes: rotation"),
        ("rotation=1, rotation=0", "named twice"),
        ("rotation", "Could not read 'rotation' as a descriptor"),
        ("rotation=", "Could not read"),
        ("rotation=much", "Could not read.*much"),
        ("rotation=1=0", "Could not read"),
        ("rotation=1, 0.5", "Could not read"),
        ("rotation=2", r"rotation must be a number in \[0, 1\]"),
        ("rotation=nan", r"rotation must be a number in \[0, 1\]"),
        ("", f"needs {K} numbers"),
        ("1, 0", f"needs {K} numbers"),
        ("1, 0, 0, 0, 0, x", "Could not read"),
    ],
)
def test_text_that_is_no_descriptor_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Descriptor.parse(text)


@given(st.text(max_size=30))
def test_no_text_raises_anything_but_a_value_error(text: str) -> None:
    try:
        assert len(Descriptor.parse(text)) == K
    except ValueError as error:
        assert str(error).endswith(".")


def test_replacing_an_unknown_axis_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Unknown axis: tilt\. Known axes: rotation, "):
        Descriptor.constant(0.5).replace(tilt=1)
    with pytest.raises(ValueError, match="hue must be a number"):
        Descriptor.constant(0.5).replace(hue=2)


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_the_corners_count_in_binary(count: int) -> None:
    assert corners(count).tolist() == [list(corner) for corner in product((0.0, 1.0), repeat=count)]


def test_the_examples_in_the_documentation_are_true() -> None:
    result = doctest.testmod(descriptor)
    assert result.attempted > 0 and result.failed == 0
