"""Another transformation shows its contrast at once, unless a person has set A or B; sentences keep to one strength."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import core
from core import AXES
from core.inspect import grid
from dashboard.session import state
from dashboard.session.settings import OPENING_AXIS, OPENING_REST
from dashboard.text import explore, inside, labels
from tests.dashboard.harness import changed, component, element, headline, healthy, prose, slide, start

NAMES = [axis.name for axis in AXES]
FIRST = NAMES.index(OPENING_AXIS)


@pytest.fixture
def page() -> AppTest:
    return start()


def shown(page: AppTest) -> tuple[list[float], list[float] | None]:
    data = component(page, "sliders")
    return data["values"], data["pinned"]


def turn(page: AppTest, axis: str) -> AppTest:
    return healthy(element(page, "axis").set_value(axis).run())


def movement(page: AppTest) -> dict[str, np.ndarray]:
    data = component(page, "neighbours")
    return {
        label: np.array(reading["movement"])[data["number"], :: grid.STRIDE]
        for label, reading in data["readings"].items()
    }


@pytest.mark.slow
def test_every_transformation_has_one_visible_effect(page: AppTest) -> None:
    for axis in (name for name in NAMES if name != OPENING_AXIS):
        turn(page, axis)
        number, (a, b) = NAMES.index(axis), shown(page)
        assert b is not None and (a[number], b[number]) == (1.0, 0.0)
        assert [a[n] for n in range(len(NAMES)) if n != number] == [OPENING_REST] * (len(NAMES) - 1)
        moved, at = movement(page), component(page, "neighbours")["at"]
        gap = abs(moved["B"] - moved["A"])
        assert gap[at] == gap.max() > 0.3, "it is shown where A and B differ most"
        said = headline(page)
        assert changed(AXES[number]) in said and ("other things" in said or explore.percent(moved["B"][at]) in said)


def test_one_choice_is_one_step_and_the_address_stays_short(page: AppTest) -> None:
    before = shown(page)
    turn(page, NAMES[0])
    after = shown(page)
    assert after != before and {"a", "b"}.isdisjoint(page.query_params)
    again = start(axis=NAMES[0])
    assert shown(again) == after
    healthy(page.button(key="undo").click().run())
    assert shown(page) == before and element(page, "axis").value == OPENING_AXIS


def test_what_a_person_has_set_stays(page: AppTest) -> None:
    slide(page, OPENING_AXIS, 0.4)
    held, at = shown(page), component(page, "neighbours")["at"]
    turn(page, NAMES[0])
    assert shown(page) == held and component(page, "neighbours")["at"] == at
    healthy(page.button(key="do.contrast").click().run())
    a, b = shown(page)
    assert b is not None and (a[0], b[0]) == (1.0, 0.0) and a[FIRST] == b[FIRST] == 0.4
    turn(page, NAMES[1])
    a, b = shown(page)
    assert b is not None and (a[1], b[1]) == (1.0, 0.0), "the page's own contrast goes on"


@pytest.mark.parametrize("report", [[0.1], None, "x", [float("nan")] * len(NAMES), [True, "1"] * 3])
def test_coordinates_from_the_browser_that_make_no_sense_are_refused(report: Any) -> None:
    assert state.coordinates(report, len(NAMES)) == ()
    assert state.coordinates([2.0, -1, *[0.333] * (len(NAMES) - 2)], len(NAMES)) == (1, 0, *[0.33] * (len(NAMES) - 2))


def test_both_sentences_are_about_the_chosen_strength(page: AppTest) -> None:
    for at in ("0", "2"):
        found = start(at=at)
        axis = AXES[FIRST]
        where = labels.strength(axis, float(grid.frame_strengths(axis)[int(at)]))
        strip = "".join(text for text, _ in component(found, "filmstrip")["strip"])
        assert where in headline(found) and where in strip
        moved = movement(found)
        assert all(explore.percent(moved[label][int(at)]) in strip for label in "AB")


def test_doublings_are_said_as_people_say_them() -> None:
    doubled = next(axis for axis in AXES if axis.unit == "octaves")
    assert "the cat twice as large, its" in explore.headline("cat", doubled, 1.0, {"A": 0.5})
    assert explore.pictured("cat", doubled, -1.0) == "cat, half as large"
    assert explore.strength(doubled, 1.0) == "×2" and explore.strength(doubled, 0.0) == "original"
    assert explore.reach(doubled) == "half as large to twice as large"
    assert not any(re.search(r"octaves|stops", explore.pictured("cat", axis, axis.high)) for axis in AXES)


@pytest.mark.parametrize(
    ("value", "text"), [(0.125, "0.13"), (-0.125, "−0.13"), (0.315, "0.32"), (-0.004, "0.00"), (0.305, "0.30")]
)
def test_two_digits_are_rounded_as_the_browser_rounds_them(value: float, text: str) -> None:
    """Number.toFixed takes the exact value of the float, and halves away from 0."""
    assert explore.two(value) == text


def test_pieces_keep_every_word_and_know_whose_it_is() -> None:
    said = f"Looking, {explore.inked('A', 'A')} finds {explore.inked('B', '5 %')}."
    assert explore.pieces(said) == [["Looking, ", ""], ["A", "A"], [" finds ", ""], ["5 %", "B"], [".", ""]]
    assert "".join(text for text, _ in explore.pieces(said)) == explore.plain(said)


def test_a_grey_picture_with_another_hue_gets_a_remark(page: AppTest) -> None:
    grey = io.BytesIO()
    Image.fromarray(np.tile(np.arange(0, 240, 4, dtype=np.uint8), (60, 1))).convert("RGB").save(grey, "PNG")
    assert not page.info
    healthy(page.file_uploader[0].set_value(("grey.png", grey.getvalue(), "image/png")).run())
    assert [each.value for each in page.info] == [explore.invisible("picture", AXES[FIRST])]
    turn(page, next(axis.name for axis in AXES if axis.warp is not None))
    assert not page.info


def test_the_maps_open_on_a_layer_where_a_and_b_differ(page: AppTest) -> None:
    assert element(page, "layer").value == core.load_checkpoint().backbone.layers[3]
    said = next(line for line in prose(page).splitlines() if "the maps of the layer" in line)
    assert said.count("nearly invariant)") == 1, said


def test_a_tick_says_why_few_pictures_are_recognised(page: AppTest) -> None:
    (said,) = (each.value for each in page.markdown if "strongest" in each.value)
    assert f"as it should: it notices {OPENING_AXIS}" in said.splitlines()[1]
    assert "as it should" not in said.splitlines()[0]


def test_layers_are_named_in_the_sentence_about_maps() -> None:
    assert "layer “conv3”" in inside.maps("conv3", AXES[0], 10.0, {"A": (0.9, None)})
