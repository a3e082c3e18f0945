"""The Adapt page in Streamlit's test harness, with a small model: every verb, own images, bad input."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import runs
from tests.core.test_tasks import write_images, zipped


def page_of_a_small_model() -> None:
    """The script under test; it runs in its own namespace."""
    import core
    from core.references import untrained
    from dashboard.views import adapt

    sizes = core.Architecture(widths=(8, 8, 8, 8, 8, 8), features=16, rank=4, hidden=8)
    adapt.render(untrained(sizes))


@pytest.fixture
def page() -> Iterator[AppTest]:
    app = AppTest.from_function(page_of_a_small_model, default_timeout=60)
    yield healthy(app.run())
    if run := runs.REGISTRY.get(app.session_state["adapt.key"]):
        run.worker.stop()


def healthy(app: AppTest) -> AppTest:
    assert not app.exception, [each.value for each in app.exception]
    return app


def press(app: AppTest, name: str) -> AppTest:
    return healthy(app.button(key=f"adapt.{name}").click().run())


def worker(app: AppTest):
    run = runs.REGISTRY.get(app.session_state["adapt.key"])
    assert run is not None
    return run.worker


def wait(app: AppTest, wanted: Callable[[], bool]) -> AppTest:
    end = time.monotonic() + 60
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.05)
    return healthy(app.run())


def prose(app: AppTest) -> str:
    return "\n".join(each.value for kind in (app.markdown, app.caption, app.error, app.header) for each in kind)


def test_play_to_the_end_gives_curves_a_table_a_verdict_and_a_policy(page: AppTest) -> None:
    page = healthy(page.selectbox(key="adapt.task").set_value("textures despite hue").run())
    assert "Which texture is it" in prose(page) and "Ready" in prose(page)
    page = press(page, "play")
    page = wait(page, lambda: worker(page).snapshot().status == "done" and not worker(page).snapshot().busy)
    text = prose(page)
    assert "Done." in text and "This task" in text and "augmentation policy" in text
    assert "v2.Compose" in page.code[0].value
    assert len(page.get("plotly_chart")) == 5
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
    assert page.selectbox(key="adapt.task").value == runs.OWN and "2 classes" in prose(page)
    page = healthy(page.text_input(key="adapt.folder").set_value(str(tmp_path / "nowhere")).run())
    assert "There is no folder" in prose(page)


def test_a_bad_archive_is_one_sentence_and_keeps_the_task(page: AppTest) -> None:
    before = worker(page)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("../out.png", b"x")
    page = healthy(page.file_uploader[0].upload("bad.zip", buffer.getvalue(), "application/zip").run())
    assert "outside its folder" in page.error[0].value and worker(page) is before
