"""The page in Streamlit's own test harness: default run, every verb, every bad input."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import core
from core.backbones import DEFAULT
from core.inspect import background
from core.model import checkpoints
from dashboard import cache
from dashboard.session import state, url
from dashboard.session.settings import PANELS
from dashboard.text import explore, labels
from tests.dashboard.harness import APP, changed, component, element, headline, healthy, prose, slide, start

AXES = core.AXES


def save(page: AppTest):
    return next(each for each in page.button if each.label == "Save")


def press(page: AppTest, name: str) -> AppTest:
    return healthy(page.button(key=f"do.{name}").click().run())


def descriptor(page: AppTest) -> list[float]:
    return component(page, "sliders")["values"]


def pinned(page: AppTest) -> list[float] | None:
    return component(page, "sliders")["pinned"]


@pytest.fixture
def page() -> AppTest:
    return start()


def test_the_first_screen_shows_a_striking_case_without_a_click(page: AppTest) -> None:
    found = component(page, "neighbours")
    kinds = {
        label: [found["items"][n]["kind"] for n in reading["order"][: found["count"]]]
        for label, reading in found["readings"].items()
    }
    assert kinds["A"].count("object") > kinds["A"].count("change")
    assert kinds["B"].count("change") > kinds["A"].count("change"), "B goes by the change"
    assert not page.error
    assert all(component(page, name)["alt"] for name in ("neighbours", "filmstrip", "curves"))
    assert page.button(key="reset").disabled and page.button(key="undo").disabled and page.button(key="redo").disabled


@pytest.mark.slow
def test_every_axis_has_a_slider_and_can_be_shown(page: AppTest) -> None:
    assert [each["name"] for each in component(page, "sliders")["axes"]] == [axis.name for axis in AXES]
    for axis in AXES:
        healthy(element(page, "axis").set_value(axis.name).run())
        assert changed(axis) in headline(page)
        assert component(page, "curves")["chosen"] == axis.name


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_says_what_to_see(panel: str) -> None:
    page = start(panel=panel)
    assert labels.DEEPER[panel] in [each.value for each in page.header]
    assert not page.error
    assert all(chart.proto.alt for chart in page.get("plotly_chart"))


@pytest.mark.parametrize("layer", DEFAULT.layers[::2])
@pytest.mark.parametrize("axis", [AXES[0].name, AXES[-1].name])
def test_maps_of_every_layer(layer: str, axis: str) -> None:
    page = start(layer=layer, axis=axis, aligned="yes")
    assert f"the maps of the layer “{layer}”" in prose(page)
    assert page.toggle(key="aligned").disabled == (axis == AXES[-1].name)


def test_a_slider_changes_the_numbers_and_the_address(page: AppTest) -> None:
    before, axis = component(page, "curves"), element(page, "axis").value
    slide(page, axis, 0.0)
    after = component(page, "curves")
    assert after["readings"]["A"] != before["readings"]["A"] and after["readings"]["B"] == before["readings"]["B"]
    assert not page.button(key="reset").disabled
    assert "a" in page.query_params
    again = AppTest.from_file(APP, default_timeout=60)
    again.query_params.update(page.query_params)
    assert component(healthy(again.run()), "curves")["readings"] == after["readings"]


def test_an_old_or_senseless_report_of_the_sliders_changes_nothing(page: AppTest) -> None:
    slide(page, AXES[0].name, 0.9)
    values = descriptor(page)
    senseless = [[0.1], [float("nan")] * len(AXES), "x", None]
    reports = [{"values": [0.1] * len(AXES), "number": 1}, *({"values": each, "number": 9} for each in senseless), None]
    for report in reports:
        page.session_state[state.SLIDERS] = {"value": report}
        healthy(page.run())
        assert descriptor(page) == values
    page.session_state[state.SLIDERS] = {"value": {"values": [7.0, -3.0, *[0.333] * (len(AXES) - 2)], "number": 2}}
    assert descriptor(healthy(page.run())) == [1.0, 0.0, *[0.33] * (len(AXES) - 2)]


def test_pin_swap_unpin_and_reset(page: AppTest) -> None:
    a, b = descriptor(page), pinned(page)
    press(page, "Swap")
    assert (descriptor(page), pinned(page)) == (b, a)
    press(page, "Pin A")
    assert pinned(page) == descriptor(page) == b
    press(page, "Unpin")
    assert pinned(page) is None
    assert page.button(key="do.Unpin").disabled and page.button(key="do.Swap").disabled
    assert " B " not in headline(page)
    press(page, "Reset A and B")
    assert (descriptor(page), pinned(page)) == (a, b)
    press(page, "Unpin")
    healthy(page.button(key="reset").click().run())
    assert (descriptor(page), pinned(page)) == (a, b)
    assert page.button(key="reset").disabled


def test_every_step_can_be_undone_and_done_again(page: AppTest) -> None:
    def shown() -> tuple[Any, ...]:
        return descriptor(page), pinned(page), element(page, "picture").value, element(page, "seed").value

    seen = [shown()]
    slide(page, AXES[0].name, 0.9)
    seen.append(shown())
    press(page, "Swap")
    seen.append(shown())
    healthy(element(page, "picture").set_value("coffee").run())
    seen.append(shown())
    healthy(page.number_input(key="seed").set_value(3).run())
    seen.append(shown())
    healthy(element(page, "panel").set_value(PANELS[-1]).run())
    assert shown() == seen[-1]
    for earlier in reversed(seen[:-1]):
        healthy(page.button(key="undo").click().run())
        assert shown() == earlier
        assert element(page, "panel").value == PANELS[-1], "the arrangement of the page is no step"
    assert page.button(key="undo").disabled
    for later in seen[1:]:
        healthy(page.button(key="redo").click().run())
        assert shown() == later
    assert page.button(key="redo").disabled


def test_presets_set_all_sliders(page: AppTest) -> None:
    press(page, "Ignore all")
    assert descriptor(page) == [1.0] * len(AXES)
    press(page, "Keep all")
    assert descriptor(page) == [0.0] * len(AXES)
    press(page, "contrast")
    number = [axis.name for axis in AXES].index(element(page, "axis").value)
    held = pinned(page)
    assert held is not None and (descriptor(page)[number], held[number]) == (1.0, 0.0)


def test_own_presets_are_saved_in_the_address_used_and_deleted() -> None:
    page = start(panel="presets")
    slide(page, AXES[0].name, 0.9)
    values = descriptor(page)
    page.text_input(key=state.NAME).set_value("my best")
    healthy(save(page).click().run())
    assert "my best" in prose(page) and "my best:" in str(page.query_params["saved"])
    press(page, "Keep all")
    healthy(page.button(key="preset.my best.Use as A").click().run())
    assert descriptor(page) == values
    healthy(page.button(key="preset.my best.Delete").click().run())
    assert "my best" not in prose(page)


def test_a_bad_name_gives_one_sentence() -> None:
    page = start(panel="presets")
    page.text_input(key=state.NAME).set_value("<b>")
    healthy(save(page).click().run())
    assert [each.value for each in page.error] == [url.BAD_NAME]


def test_the_whole_state_comes_back_from_an_address() -> None:
    count = len(AXES)
    page = start(
        picture="coffee", axis=AXES[0].name, a="-".join(["0.25"] * count), b="none", seed="7", at="1",
        pad=f"{AXES[1].name}-{AXES[2].name}", panel="presets", saved="mine:" + "-".join(["0.5"] * count),
    )  # fmt: skip
    assert element(page, "picture").value == "coffee"
    assert descriptor(page) == [0.25] * count and pinned(page) is None
    assert "coffee" in headline(page) and changed(AXES[0]) in headline(page)
    assert page.number_input(key="seed").value == 7 and component(page, "filmstrip")["at"] == 1
    assert component(page, "sliders")["pad"] == [AXES[1].name, AXES[2].name]
    assert "mine" in prose(page)


def test_a_bad_address_gives_one_sentence_per_value_and_the_usual_page() -> None:
    page = start(picture="dog", a="nan", axis="../etc")
    assert len(page.error) == 3 and all("usual" in each.value for each in page.error)
    assert page.button(key="reset").disabled
    assert not page.query_params


@pytest.mark.slow
def test_the_copied_code_computes_what_the_page_shows() -> None:
    page = start(panel="take away", picture="temple", at="0", seed="5")
    names: dict[str, Any] = {}
    exec(page.code[0].value, names)
    curves, found = component(page, "curves"), component(page, "neighbours")
    for label, reading in curves["readings"].items():
        for axis, movement in zip(AXES, reading["movement"], strict=True):
            np.testing.assert_allclose(names["curves"][label, axis.name], movement, atol=2e-3)
        shown = [found["items"][n]["label"] for n in reading["order"][: found["count"]]]
        axis = next(axis for axis in AXES if axis.name == element(page, "axis").value)
        assert [explore.short(name, axis, strength) for name, strength in names["nearest"][label]] == shown


def test_a_missing_checkpoint_gives_one_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checkpoints, "SHIPPED", tmp_path / "missing.safetensors")
    page = start()
    assert len(page.error) == 1 and "no checkpoint" in page.error[0].value and "run.sh" in page.error[0].value


def test_a_broken_checkpoint_gives_one_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(checkpoints.SHIPPED.read_bytes()[:1000])
    monkeypatch.setattr(checkpoints, "SHIPPED", broken)
    page = start()
    assert len(page.error) == 1 and "safetensors" in page.error[0].value


def test_a_collapsed_extractor_is_never_called_invariant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "MINIMUM_RANK", 1000)
    page = start()
    assert "grey" in prose(page) and "No statement" in headline(page)
    assert "invariant)" not in prose(page) and "equivariant)" not in prose(page)
    assert all(reading["muted"] for reading in component(page, "curves")["readings"].values())


def test_the_sidebar_says_where_the_model_comes_from(page: AppTest) -> None:
    said = page.caption[-1].value
    metadata = core.load_checkpoint().metadata
    assert metadata["digest"] in said and str(metadata["date"]) in said
    assert re.search(r"Drawn in \d+ ms", said)


def test_a_flat_curve_is_no_invariance_where_pictures_are_not_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "recognised", lambda *_: 0.1)
    assert "so this is no invariance" in prose(start())
