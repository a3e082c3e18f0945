"""The address: everything survives the round trip, and nothing that is typed there can break the page."""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from core import AXES
from dashboard import state
from dashboard.pictures import Picture
from dashboard.state import Choices, Study

CHOICES = Choices(("cat", "coffee"), AXES)
OPENING = CHOICES.opening()
LENGTH = len(AXES)

coordinates = some.tuples(*[some.integers(0, 20).map(lambda n: state.rounded(n * state.STEP))] * LENGTH)
studies = some.builds(
    Study,
    picture=some.sampled_from(CHOICES.pictures),
    axis=some.sampled_from([axis.name for axis in AXES]),
    a=coordinates,
    b=some.none() | coordinates,
    seed=some.integers(0, state.MAX_SEED),
)


@given(studies)
def test_round_trip(study: Study) -> None:
    assert state.decode(state.encode(study, OPENING), CHOICES) == (study, ())


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # the machine may be busy
@given(
    some.dictionaries(
        some.sampled_from((*state.FIELDS, "other")), some.text(max_size=40) | some.sampled_from(["nan", "1e9"])
    )
)
def test_any_address_gives_a_study_and_a_sentence_per_problem(parameters: dict[str, str]) -> None:
    study, problems = state.decode(parameters, CHOICES)
    assert study.picture in CHOICES.pictures
    assert study.axis in {axis.name for axis in AXES}
    assert all(0 <= value <= 1 for value in (*study.a, *(study.b or ())))
    assert len(problems) <= len(parameters)
    assert state.decode(state.encode(study, OPENING), CHOICES) == (study, ())
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in problems)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("picture", "dog"),
        ("picture", state.UPLOAD),
        ("axis", "taste"),
        ("a", ""),
        ("a", "1"),
        ("a", "-".join(["nan"] * LENGTH)),
        ("a", "-".join(["2"] * LENGTH)),
        ("a", "-".join(["1e-1"] * LENGTH)),
        ("b", "-".join(["0.5"] * (LENGTH + 1))),
        ("b", "None"),
        ("seed", "-1"),
        ("seed", "99999"),
        ("seed", "²"),
    ],
)
def test_a_bad_value_falls_back_with_one_sentence(name: str, text: str) -> None:
    study, problems = state.decode({name: text}, CHOICES)
    assert study == OPENING
    assert len(problems) == 1 and "usual" in problems[0]


def test_the_first_screen_has_a_clean_address_and_compares_one_axis() -> None:
    assert state.encode(OPENING, OPENING) == {}
    assert OPENING.b is not None
    different = [axis.name for axis, a, b in zip(AXES, OPENING.a, OPENING.b, strict=True) if a != b]
    assert different == [OPENING.axis]


def test_the_opening_exists_with_any_axes_and_pictures() -> None:
    other = Choices(("dog",), AXES[:1])
    opening = other.opening()
    assert (opening.picture, opening.axis, len(opening.a)) == ("dog", AXES[0].name, 1)


def test_values_between_steps_are_rounded() -> None:
    study, problems = state.decode({"a": "-".join(["0.33"] * LENGTH)}, CHOICES)
    assert set(study.a) == {0.35} and not problems


def test_an_upload_is_kept_by_decode_when_it_is_there() -> None:
    upload = Picture("picture", "d", torch.zeros(3, 8, 8))
    study, problems = state.decode({"picture": state.UPLOAD}, CHOICES, upload)
    assert study.picture == state.UPLOAD and study.upload == upload and not problems


def test_presets_are_distinct_descriptors() -> None:
    found = state.presets(AXES[2].name, AXES)
    assert len({values for _, values in found.values()}) == len(found)
    assert all(len(values) == LENGTH for _, values in found.values())
