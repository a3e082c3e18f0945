"""Numbers as people say them."""

from __future__ import annotations

import pytest

from core.axes.transforms import AXES, Axis
from dashboard.text.labels import counted, strength


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1234, "1,234 files"), (-1, "-1 files")]
)
def test_a_number_has_the_right_noun(number: int, said: str) -> None:
    assert counted(number, "file") == said


def test_every_strength_of_every_change_is_words() -> None:
    said = {axis.name: [strength(axis, value) for value in (axis.low, 0, axis.high)] for axis in AXES}
    assert said == {
        "rotation": ["turned by 45° anticlockwise", "unchanged", "turned by 45° clockwise"],
        "translation": ["shifted to the left by 25\u00a0% of its width", "unchanged",
                        "shifted to the right by 25\u00a0% of its width"],
        "scale": ["half as large", "unchanged", "twice as large"],
        "hue": ["tinted by −120°", "unchanged", "tinted by +120°"],
        "brightness": ["half as bright", "unchanged", "twice as bright"],
        "blur": ["unchanged", "unchanged", "blurred by 10\u00a0% of its width"],
    }  # fmt: skip


def test_what_is_between_is_said_too() -> None:
    by_name = {axis.name: axis for axis in AXES}
    assert strength(by_name["scale"], -1 / 3) == "0.79 times as large"
    assert strength(by_name["brightness"], 1 / 3) == "1.3 times as bright"
    assert strength(by_name["hue"], -83.6) == "tinted by −84°"
    assert strength(by_name["translation"], 8.333) == "shifted to the right by 8.3\u00a0% of its width"


def test_a_change_of_one_s_own_has_its_unit() -> None:
    grain = Axis("grain", "grey levels", 0.0, 10.0, "grain comes", filter=lambda images, _: images)
    assert strength(grain, 10) == "changed by 10\u00a0grey levels"
