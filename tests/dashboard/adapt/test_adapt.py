"""The Adapt page in Streamlit's test harness, with a small model: every verb, own images, bad input."""

from __future__ import annotations

import json
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import core
from core.baselines import METHODS, Method, called, head_at
from core.data import listing
from core.data.grouping import COPIES
from core.evaluation.controls import untrained
from core.sharing import write_run
from core.tasks import TaskSource
from dashboard.adapt import files as sharing
from dashboard.adapt import runs
from dashboard.adapt.setup import OWN
from dashboard.jobs.preparing import Heard
from dashboard.text import labels
from tests.core.samples import write_images, zipped
from tests.dashboard.harness import adapt_page, element, healthy, page_of_a_small_model, press, prose, wait, worker


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


def test_play_to_the_end_gives_curves_a_table_a_verdict_and_a_policy(page: AppTest) -> None:
    page = healthy(page.selectbox(key="adapt.task").set_value("textures despite hue").run())
    assert "Which texture is it" in prose(page) and "Ready" in prose(page)
    page = press(page, "play")
    page = wait(page, lambda: worker(page).snapshot().status == "done" and not worker(page).snapshot().busy)
    text = prose(page)
    assert "Done." in text and "this task" in text.lower() and "augmentation policy" in text
    assert "v2.Compose" in page.code[0].value
    assert charts(page) == {"scores", "loss", "descriptor", "gradient", "slices", "confusion"}
    assert len(page.get("image")) >= 1 or "No test image is called wrongly" in text, "the worst mistakes"
    (csv,) = [each for each in page.get("download_button") if each.proto.id.endswith("adapt.csv")]
    assert csv.proto.url.endswith(".csv")
    assert page.button(key="adapt.play").disabled and page.button(key="adapt.stop").disabled
    page = press(page, "rewind")
    assert "Ready" in prose(page) and not page.button(key="adapt.play").disabled


def test_one_step_then_stop(page: AppTest) -> None:
    page = press(page, "step")
    page = wait(page, lambda: worker(page).snapshot().status == "paused")
    assert "Step 1, loss" in prose(page)
    page = press(page, "stop")
    assert "Stopped." in prose(page)


def test_a_hand_made_descriptor_becomes_a_row(page: AppTest) -> None:
    page = healthy(page.slider(key="adapt.hand.0").set_value(1.0).run())
    page = press(page, "by_hand")
    page = wait(page, lambda: len(worker(page).snapshot().outcomes) == 1)
    assert "Runs" in [each.value for each in page.header]
    page = healthy(page.multiselect(key="adapt.baselines").set_value(["i=1"]).run())
    page = press(page, "run_baselines")
    wait(page, lambda: len(worker(page).snapshot().outcomes) == 2)


def test_a_baseline_that_is_one_entry_is_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def toy(model, task, settings, budget, stop):
        return head_at(model, task, (0.25,) * len(model.transforms))

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
    page = healthy(element(page, "adapt.pace").set_value(["slow"]).run())
    page = press(page, "play")
    page = wait(page, lambda: len(worker(page).snapshot().steps) > 0)
    assert worker(page).snapshot().status == "running", "slow enough to be grabbed"
    page = healthy(page.slider(key="adapt.hand.1").set_value(0.95).run())
    page = wait(page, lambda: any(s.descriptor[1] == pytest.approx(0.95) for s in worker(page).snapshot().steps))
    page = press(page, "pause")
    assert "Paused." in prose(page) and len(worker(page).snapshot().steps) < 100


def test_rows_stay_with_the_task_and_say_what_they_were_fitted_with(page: AppTest) -> None:
    page = press(page, "by_hand")
    page = wait(page, lambda: len(worker(page).snapshot().outcomes) == 1)
    page = healthy(page.slider(key="adapt.shots").set_value(8).run())
    page = press(page, "by_hand")
    page = wait(page, lambda: len(worker(page).snapshot().outcomes) == 2)
    assert rows(page) == ["by hand", "by hand"] and origins(page) == ["20 per class", ""] and "Ready" in prose(page)
    page = healthy(page.selectbox(key="adapt.objective").set_value("joint").run())
    assert origins(page) == ["20 per class, fitted to evidence", "fitted to evidence"]
    run = runs.REGISTRY.get(page.session_state["adapt.key"])
    assert run is not None
    shared = sharing.shared_run(run, worker(page).snapshot(), small())
    content = write_run(shared, small())
    page = healthy(page.selectbox(key="adapt.task").set_value("digits despite rotation").run())
    assert rows(page) == [], "another task has other rows"
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


def test_own_images_become_the_task(page: AppTest, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "pets", {"cat": 12, "dog": 12})
    archive = zipped(folder, tmp_path / "pets.zip")
    page = healthy(page.file_uploader[0].upload("pets.zip", archive.read_bytes(), "application/zip").run())
    assert page.selectbox(key="adapt.task").value == OWN and "2 classes" in prose(page)
    page = healthy(page.text_input(key="adapt.folder").set_value(str(tmp_path / "nowhere")).run())
    assert "There is no folder" in prose(page)


def test_the_page_says_how_many_files_are_read_and_a_click_meanwhile_loses_nothing(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, read = write_images(tmp_path / "pets", {"cat": 12, "dog": 12}), runs.folder_task
    calls: list[str] = []

    def interrupted(images: str, name: str, heard: Heard, **rest: Any) -> TaskSource:
        calls.append(images)
        heard(5, 24)
        if len(calls) == 1:
            st.stop()  # as a further click does
        return read(images, name, heard, **rest)

    monkeypatch.setattr(runs, "folder_task", interrupted)
    page = healthy(page.text_input(key="adapt.folder").set_value(str(folder)).run())
    (bar,) = page.get("progress")
    assert bar.proto.text == "Reading the images, 5 of 24 files …" and bar.proto.value == 20
    page = healthy(page.run())
    assert len(calls) == 2 and page.selectbox(key="adapt.task").value == OWN and not page.get("progress")


def test_which_copies_count_once_can_be_chosen_on_the_page(page: AppTest, tmp_path: Path) -> None:
    assert tuple(labels.COPIES) == COPIES, "the page offers what there is"
    folder = write_images(tmp_path / "pets", {"cat": 8, "dog": 8})
    for number in range(4):
        (folder / "cat" / f"{number} (1).png").write_bytes((folder / "cat" / f"{number}.png").read_bytes())
    page = healthy(page.text_input(key="adapt.folder").set_value(str(folder)).run())
    (warning,) = page.warning
    assert "4 images are copies or near copies" in warning.value.replace("\\", "")
    assert page.dataframe[0].value["used"].tolist() == [8, 8] and page.dataframe[0].value["copies"].tolist() == [4, 0]
    page = healthy(page.selectbox(key="adapt.copies").set_value("none").run())
    assert not page.warning and page.dataframe[0].value["used"].tolist() == [12, 8]


def test_bad_input_is_one_sentence_and_keeps_the_task(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def archive(name: str, *names: str, content: bytes = b"x") -> Path:
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as file:
            for each in names:
                file.writestr(each, content)
        return tmp_path / name

    outside = write_images(tmp_path / "outside", {"secret": 4})
    linked = write_images(tmp_path / "linked", {"cat": 6})
    (linked / "dog").symlink_to(outside / "secret")
    link = zipfile.ZipInfo("a/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as file:
        file.writestr(link, "/etc/passwd")
    monkeypatch.setattr(listing, "MAX_BYTES", 1_000_000)
    bad = {
        write_images(tmp_path / "one", {"cat": 6}): "only the subfolder “cat”",
        archive("one.zip", "cat/1.png", "cat/2.png"): "only the subfolder “cat”",
        archive("unreadable.zip", "cat/1.png", "dog/2.png"): "No readable image",
        write_images(tmp_path / "three", {"cat": 2, "dog": 1}): "Each class needs at least 3",
        zipped(write_images(tmp_path / "few", {"cat": 2, "dog": 1}), tmp_path / "few.zip"): "Each class needs",
        archive("many.zip", *(f"{number}/1.png" for number in range(10_000))): "10,000 classes; at most 1,000",
        archive("bomb.zip", "cat/1.png", "dog/1.png", content=bytes(2_000_000)): "unpacks to more than",
        archive("climbing.zip", "cat/1.png", "../out.png"): "outside its folder",
        tmp_path / "link.zip": "holds a link",
        linked: "one class only",
    }
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))  # where "../out.png" would be beside
    before, files = worker(page), set(tmp_path.rglob("*"))
    for path, said in bad.items():
        if path.suffix:
            page = healthy(page.file_uploader[0].upload(path.name, path.read_bytes(), "application/zip").run())
        else:
            page = healthy(page.text_input(key="adapt.folder").set_value(str(path)).run())
        (error,) = page.error
        assert said in error.value and "\n" not in error.value, path.name
        assert worker(page) is before
    assert set(tmp_path.rglob("*")) == files, "nothing was written, and nothing is left behind"
