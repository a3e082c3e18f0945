"""The address and the study: everything survives the round trip, and nothing that is typed there can break the page."""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from core import AXES
from core.axes.presets import presets
from core.backbones import DEFAULT
from core.inspect.grid import FRAMES
from dashboard.encode import Picture
from dashboard.session import settings as study
from dashboard.session import url
from dashboard.session.settings import (
    PANELS,
    Arrangement,
    Choices,
    Study,
    contrast,
    is_contrast,
    quick,
    rounded,
    turned,
    usual,
)
from dashboard.session.url import ADDRESS, decode

CHOICES = Choices(("cat", "coffee"), AXES)
OPENING = CHOICES.opening()
LENGTH = len(AXES)

NAMES = [axis.name for axis in AXES]
coordinates = some.tuples(*[some.integers(0, 100).map(lambda n: rounded(n * study.STEP))] * LENGTH)
arrangements = some.builds(
    Arrangement,
    pad=some.permutations(NAMES).map(lambda names: tuple(names[:2])),
    panel=some.sampled_from(PANELS),
    layer=some.sampled_from(DEFAULT.layers),
    aligned=some.booleans(),
)
saved = some.dictionaries(some.from_regex(url.NAME, fullmatch=True), coordinates, max_size=study.MAX_SAVED)
studies = some.builds(
    Study,
    picture=some.sampled_from(CHOICES.pictures),
    axis=some.sampled_from(NAMES),
    a=coordinates,
    b=some.none() | coordinates,
    arrangement=arrangements,
    at=some.integers(0, FRAMES - 1),
    seed=some.integers(0, study.MAX_SEED),
    saved=saved.map(lambda named: tuple(named.items())),
)


@given(studies)
def test_round_trip(some_study: Study) -> None:
    assert decode(ADDRESS.encode(some_study, OPENING), CHOICES) == (some_study, ())


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # the machine may be busy
@given(
    some.dictionaries(
        some.sampled_from([*ADDRESS.names, "other"]),
        some.text(max_size=40) | some.sampled_from(["nan", "1e9"]),
    )
)
def test_any_address_gives_a_study_and_a_sentence_per_problem(parameters: dict[str, str]) -> None:
    found, problems = decode(parameters, CHOICES)
    assert found.picture in CHOICES.pictures and found.axis in NAMES
    assert all(0 <= value <= 1 for value in (*found.a, *(found.b or ())))
    assert len(problems) <= len(parameters)
    assert decode(ADDRESS.encode(found, OPENING), CHOICES) == (found, ())
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in problems)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("picture", "dog"),
        ("picture", study.UPLOAD),
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
        ("at", str(FRAMES)),
        ("pad", NAMES[0]),
        ("pad", f"{NAMES[0]}-{NAMES[0]}"),
        ("pad", f"{NAMES[0]}-taste"),
        ("panel", "roof"),
        ("layer", "conv99"),
        ("aligned", "maybe"),
        ("saved", "best"),
        ("saved", "<b>:" + "-".join(["0"] * LENGTH)),
        ("saved", "~".join(f"p{n}:" + "-".join(["0"] * LENGTH) for n in range(9))),
    ],
)
def test_a_bad_value_falls_back_with_one_sentence(name: str, text: str) -> None:
    found, problems = decode({name: text}, CHOICES)
    assert found == OPENING
    assert len(problems) == 1 and "usual" in problems[0]


def test_the_first_screen_has_a_clean_address_and_compares_one_axis() -> None:
    assert ADDRESS.encode(OPENING, OPENING) == {}
    assert OPENING.b is not None
    different = [axis.name for axis, a, b in zip(AXES, OPENING.a, OPENING.b, strict=True) if a != b]
    assert different == [OPENING.axis]


def test_the_opening_exists_with_any_axes_and_pictures() -> None:
    other = Choices(("dog",), AXES[:1])
    opening = other.opening()
    assert (opening.picture, opening.axis, len(opening.a)) == ("dog", AXES[0].name, 1)


def test_values_between_steps_are_rounded() -> None:
    found, problems = decode({"a": "-".join(["0.333"] * LENGTH)}, CHOICES)
    assert set(found.a) == {0.33} and not problems


def test_an_upload_is_kept_by_decode_when_it_is_there() -> None:
    upload = Picture("picture", "d", torch.zeros(3, 8, 8))
    found, problems = decode({"picture": study.UPLOAD}, CHOICES, upload)
    assert found.picture == study.UPLOAD and found.upload == upload and not problems


def test_presets_are_distinct_descriptors_with_a_purpose() -> None:
    found = presets(AXES)
    assert len({preset.values for preset in found}) == len({preset.name for preset in found}) == len(found)
    assert all(len(preset.values) == LENGTH and preset.purpose.endswith(".") for preset in found)


@given(coordinates, some.sampled_from(NAMES))
def test_quick_presets_and_contrast_touch_one_axis(a: tuple[float, ...], axis: str) -> None:
    number = NAMES.index(axis)
    both = contrast(Study("cat", axis, a, None, OPENING.arrangement), NAMES)
    assert both.b is not None
    for values, end in (
        (both.a, 1.0),
        (both.b, 0.0),
        *zip((p.values for p in quick(axis, AXES, a)), (1.0, 0.0), strict=True),
    ):
        assert values[number] == end
        assert values[:number] + values[number + 1 :] == a[:number] + a[number + 1 :]


@given(studies, some.sampled_from(NAMES))
def test_another_transformation_changes_a_and_b_only_where_they_were_a_contrast(study: Study, axis: str) -> None:
    found = turned(study, axis, NAMES)
    assert found.axis == axis and found.at == study.at
    if not is_contrast(study, NAMES):
        assert (found.a, found.b) == (study.a, study.b)
    shown = contrast(study, NAMES)
    assert is_contrast(shown, NAMES) and is_contrast(turned(shown, axis, NAMES), NAMES)
    rest = [n for n, name in enumerate(NAMES) if name not in (axis, study.axis)]
    assert [turned(shown, axis, NAMES).a[n] for n in rest] == [study.a[n] for n in rest]


@given(some.sampled_from(NAMES))
def test_an_address_with_a_transformation_alone_means_its_contrast(axis: str) -> None:
    found = turned(OPENING, axis, NAMES)
    usual_there = usual(OPENING, axis, NAMES)
    assert ADDRESS.encode(found, usual_there) == ({} if axis == OPENING.axis else {"axis": axis})
    assert decode({"axis": axis}, CHOICES, base=usual_there) == (found, ())


def test_the_arrangement_is_no_difference() -> None:
    other = Study(**{**vars(OPENING), "arrangement": Arrangement(OPENING.arrangement.pad, panel=PANELS[-1])})
    assert other != OPENING and not other.differs(OPENING)
