"""The Adapt page in Streamlit's test harness, with a small model: every verb, own images, bad input."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

import core
from core.adaptation.preferences import Slice, slices
from core.baselines import METHODS, Job, Method, Outcome, called, head_at
from core.evaluation.controls import untrained
from core.sharing import write_run
from dashboard.adapt import files as sharing
from dashboard.adapt import runs
from dashboard.jobs import beside
from dashboard.text.adapt import amount
from tests.dashboard.harness import (
    adapt_page,
    component,
    element,
    healthy,
    html,
    page_of_a_small_model,
    press,
    prose,
    touch,
    wait,
    worker,
)


@pytest.fixture
def page() -> Iterator[AppTest]:
    with adapt_page() as app:
        yield app


def small() -> core.AmortisedExtractor:
    return untrained(core.Architecture(core.Compact((8,) * 6, 16), rank=4, hidden=8))


def rows(app: AppTest) -> list[str]:
    shown = [list(each.value["name"]) for each in app.dataframe if "name" in each.value]
    assert (shown[0] if shown else []) == [called(each) for each in worker(app).snapshot().outcomes]
    return shown[0] if shown else []


def again(app: AppTest) -> list[str]:
    """Buttons of the runs of before."""
    return [str(each.key) for each in app.button if str(each.key).startswith("adapt.again.")]


def origins(app: AppTest) -> list[str]:
    """What the table says rows were fitted with, where that is not the page's setup."""
    (frame,) = [each.value for each in app.dataframe if "name" in each.value]
    return list(frame["fitted with"])


def edit(app: AppTest, changes: dict) -> AppTest:
    """What the browser sends after a person has edited the table; the harness has no words for it."""
    states = app._tree.get_widget_states()
    (editor,) = [each for each in app.dataframe if "name" in each.value]
    states.widgets.add(id=editor.proto.id, string_value=json.dumps(changes | {"added_rows": []}))
    return healthy(app._run(states))


def charts(app: AppTest) -> set[str]:
    return {each.proto.id.rsplit("adapt.", 1)[-1] for each in app.get("plotly_chart")}


def test_play_to_the_end_gives_curves_a_table_and_a_verdict(page: AppTest) -> None:
    page = healthy(page.selectbox(key="adapt.task").set_value("textures despite hue").run())
    assert "Which texture is it" in prose(page) and "Ready" in prose(page)
    page = press(page, "play")
    page = wait(page, lambda: worker(page).snapshot().status == "done" and not worker(page).snapshot().busy)
    text = prose(page)
    assert "Done." in text and "this task" in text.lower()
    assert charts(page) == {"scores", "loss", "descriptor", "gradient", "slices"}
    (csv,) = [each for each in page.get("download_button") if each.proto.id.endswith("adapt.csv")]
    assert csv.proto.url.endswith(".csv")
    assert page.button(key="adapt.play").disabled and page.button(key="adapt.stop").disabled
    fitted = worker(page).snapshot()
    assert fitted.adapted is not None
    assert component(page, "dials")["values"] == list(fitted.adapted.descriptor), "one source for sliders and row"
    shown = [list(each.value["descriptor"]) for each in page.dataframe if "name" in each.value]
    said = ", ".join(
        f"{axis.name} {value:.2f}" for axis, value in zip(core.AXES, fitted.adapted.descriptor, strict=True)
    )
    assert shown == [[said]]
    board = html(page, "scoreboard")
    assert "fitted sliders" in board and "one class for all" in board
    assert amount(fitted.outcomes[0].score, False) in board and "95 % interval" in text
    page = press(page, "rewind")
    assert "Ready" in prose(page) and not page.button(key="adapt.play").disabled


def test_a_check_that_was_stopped_can_be_made(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    on = threading.Event()

    def held(*args: object) -> Iterator[Slice]:
        for cut in slices(*args):  # type: ignore[arg-type] # as it is called
            assert on.wait(60)
            yield cut

    monkeypatch.setattr(beside, "slices", held)
    page = press(page, "play")
    page = wait(page, lambda: worker(page).snapshot().busy == beside.CUTTING)
    page = press(page, "stop")
    assert "its check was stopped" in prose(page) and "Done." in prose(page)
    on.set()
    page = press(page, "check")
    page = wait(page, lambda: not worker(page).snapshot().busy)
    assert "its check was stopped" not in prose(page) and len(worker(page).snapshot().slices) == 6


def test_one_step_then_stop(page: AppTest) -> None:
    page = press(page, "step")
    page = wait(page, lambda: worker(page).snapshot().status == "paused")
    assert "Step 1:" in prose(page)
    page = press(page, "stop")
    assert "Stopped." in prose(page) and not page.button(key="adapt.play").disabled, "and can be taken back"


def test_the_task_is_seen_before_anything_is_fitted(page: AppTest) -> None:
    task = worker(page).task
    cards = html(page, "cards")
    assert [f"<b>{name}</b>" in cards for name in task.classes] == [True] * len(task.classes)
    assert cards.count("data:image/") == len(task.classes)
    labelled, tested = (int((targets == 0).sum()) for targets in (task.labelled.targets, task.test.targets))
    assert f"{labelled} + {tested}" in cards
    page = healthy(page.selectbox(key="adapt.task").set_value("hue of textures").run())
    cards = html(page, "cards")
    assert cards.count("data:image/") == 10 and "<b>−" in cards and "°</b>" in cards, "a quantity from least to most"
    assert worker(page).snapshot().status == "ready"


def test_a_hand_made_descriptor_is_one_row(page: AppTest) -> None:
    page = touch(page, 0, 1.0)
    page = wait(page, lambda: worker(page).snapshot().by_hand is not None)
    assert "Runs" in [each.value for each in page.header] and "by hand" in html(page, "scoreboard")
    page = touch(page, 1, 0.25)
    page = wait(page, lambda: worker(page).snapshot().by_hand is not None and not worker(page).snapshot().busy)
    (row,) = worker(page).snapshot().outcomes
    assert row.descriptor == (1.0, 0.25, *(0.5,) * 4) and component(page, "dials")["values"][:2] == [1, 0.25]
    page = press(page, "by_hand")
    page = wait(page, lambda: not worker(page).snapshot().busy and not worker(page).snapshot().waiting)
    assert rows(page) == ["by hand"]
    page = healthy(page.multiselect(key="adapt.baselines").set_value(["i=1"]).run())
    page = press(page, "run_baselines")
    wait(page, lambda: len(worker(page).snapshot().outcomes) == 2)


def test_a_baseline_that_is_one_entry_is_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def toy(job: Job) -> Outcome:
        return head_at(job.model, job.task, (0.25,) * len(job.model.transforms))

    monkeypatch.setitem(METHODS, "toy", Method("toy", "a toy", "What nobody would choose.", toy))
    with adapt_page() as page:
        assert "a toy" in page.multiselect(key="adapt.baselines").options
        assert "**a toy**: What nobody would choose." in prose(page)
        page = healthy(page.multiselect(key="adapt.baselines").set_value(["toy"]).run())
        page = press(page, "run_baselines")
        page = wait(page, lambda: len(worker(page).snapshot().outcomes) == 1)
        assert rows(page) == ["a toy"]
        assert worker(page).snapshot().outcomes[0].descriptor == (0.25,) * 6


def test_a_slider_that_is_grabbed_while_the_fit_runs_moves_it(page: AppTest) -> None:
    worker(page).settings = replace(worker(page).settings, steps=1000, patience=1000)  # however long a page takes
    page = healthy(element(page, "adapt.pace").set_value(["medium"]).run())
    page = press(page, "play")
    page = wait(page, lambda: len(worker(page).snapshot().steps) > 0)
    page = touch(page, 1, 0.95, held=True)
    page = wait(page, lambda: sum(s.descriptor[1] == pytest.approx(0.95) for s in worker(page).snapshot().steps) > 1)
    assert "You hold translation" in prose(page) and component(page, "dials")["held"] == [1]
    page = touch(page, 1, 0.95)
    page = wait(page, lambda: worker(page).snapshot().steps[-1].descriptor[1] != pytest.approx(0.95))
    assert not component(page, "dials")["held"] and not rows(page), "the gradient moves it on, and no row is made"
    page = press(page, "play")  # which says "Pause" by now
    assert "Paused." in prose(page)


def test_rows_stay_with_the_task_and_say_what_they_were_fitted_with(page: AppTest) -> None:
    page = touch(page, 0, 0.5)
    page = wait(page, lambda: len(worker(page).snapshot().outcomes) == 1)
    page = healthy(page.slider(key="adapt.shots").set_value(8).run())
    page = touch(page, 0, 0.5)
    page = wait(page, lambda: len(worker(page).snapshot().outcomes) == 2)
    assert rows(page) == ["by hand", "by hand"] and origins(page) == ["20 per class", ""] and "Ready" in prose(page)
    page = healthy(page.selectbox(key="adapt.objective").set_value("joint").run())
    assert origins(page) == ["20 per class, fitted to evidence", "fitted to evidence"]
    run = runs.REGISTRY.get(page.session_state["adapt.key"])
    assert run is not None
    shared = sharing.shared_run(run, worker(page).snapshot(), small())
    content = write_run(shared, small())
    first = page.session_state["adapt.key"]
    page = healthy(page.selectbox(key="adapt.task").set_value("digits despite rotation").run())
    assert rows(page) == [], "another task has other rows"
    page = press(page, f"again.{first}")
    assert not again(page), "nothing came out of it yet"
    page = healthy(page.selectbox(key="adapt.task").set_value("digits despite rotation").run())
    page = touch(page, 0, 0.5)
    page = wait(page, lambda: len(worker(page).snapshot().outcomes) == 1)
    page = press(page, f"again.{first}")
    assert page.session_state["adapt.key"] == first and len(rows(page)) == 2, "and those of before are still there"
    (other,) = again(page)
    page = press(page, other.removeprefix("adapt."))
    assert page.selectbox(key="adapt.task").value == "digits despite rotation"
    opener = next(each for each in page.file_uploader if each.key == "adapt.shared")
    page = healthy(opener.upload("run.json", content, "application/json").run())
    page = healthy(page.selectbox(key="adapt.objective").set_value("evidence").run())
    assert rows(page) == ["by hand", "by hand"] and origins(page) == ["20 per class", ""], "a file remembers it, too"
    page = edit(page, {"edited_rows": {"0": {"name": "mine", "drawn": False}}, "deleted_rows": [1]})
    assert rows(page) == ["mine"] and origins(page) == ["20 per class"] and worker(page).snapshot().hidden == {0}
    page = edit(page, {"edited_rows": {"0": {"drawn": True}}, "deleted_rows": []})
    assert rows(page) == ["mine"] and not worker(page).snapshot().hidden
    page = edit(page, {"edited_rows": {"0": {"name": ""}}, "deleted_rows": []})
    assert rows(page) == ["by hand"], "without a name it is called as its method"


def test_another_task_ends_the_old_fit_and_a_reload_finds_the_new_one(page: AppTest) -> None:
    old = worker(page)
    page = healthy(page.number_input(key="adapt.seed").set_value(7).run())
    assert old.snapshot().status == "stopped" and worker(page) is not old
    other = AppTest.from_function(page_of_a_small_model, default_timeout=60)
    other.query_params["run"] = page.session_state["adapt.key"]
    other = healthy(other.run())
    assert other.number_input(key="adapt.seed").value == 7 and worker(other) is worker(page)
    third = healthy(AppTest.from_function(page_of_a_small_model, default_timeout=60).run())
    assert worker(third) is not worker(page), "a second tab has a run of its own"
    assert not other.info and not third.info


def test_a_link_to_a_run_that_is_gone_says_so_until_something_is_done(page: AppTest) -> None:
    other = AppTest.from_function(page_of_a_small_model, default_timeout=60)
    other.query_params["run"] = "gone"
    other = healthy(other.run())
    assert "no longer here" in other.info[0].value and worker(other) is not worker(page)
    other = press(other, "step")
    other = wait(other, lambda: worker(other).snapshot().status == "paused")
    assert not healthy(other.run()).info
    other = press(other, "rewind")
    assert worker(other).snapshot().status == "ready" and not other.info, "said once"


def test_a_run_that_is_looked_at_is_not_forgotten(page: AppTest) -> None:
    page = press(page, "step")
    page = wait(page, lambda: worker(page).snapshot().status == "paused")
    key, before = page.session_state["adapt.key"], worker(page)
    del runs.REGISTRY._runs[key]  # as when others need the room
    page = healthy(page.run())
    assert page.session_state["adapt.key"] == key and worker(page) is before and "Step 1:" in prose(page)
