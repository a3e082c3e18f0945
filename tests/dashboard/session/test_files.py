"""Files that the pages save and open: the same view and the same run come back, and nothing bad is let in."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

import core
from core.adaptation import Settings
from core.evaluation.controls import untrained
from core.inspect.gallery import read_gallery
from core.inspect.picture_report import look
from core.sharing import SharedRun, SharedView, envelope, read_run, read_view, record, write_run, write_view
from core.tasks import folder_task, known_tasks
from dashboard import cache
from dashboard.adapt import files as run_files
from dashboard.adapt import runs
from dashboard.adapt.setup import OWN
from dashboard.encode import read_upload
from dashboard.live.measured import shown
from dashboard.session import files
from dashboard.session.settings import UPLOAD, Choices
from tests.core.conftest import TINY
from tests.core.samples import write_images, zipped
from tests.dashboard.harness import APP, adapt_page, component, headline, healthy, press, prose, start, worker

DIGEST = "0123456789ab"
TASK = "textures despite hue"


def noise(side: int, seed: int = 0) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def open_view(page: AppTest, content: bytes) -> AppTest:
    (uploader,) = [each for each in page.file_uploader if (each.key or "").startswith("view")]
    return healthy(uploader.upload("view.json", content, "application/json").run())


def view_of(page: AppTest) -> bytes:
    return files.view_file(page.session_state["history"].present, core.load_checkpoint().metadata["digest"])


def test_a_view_with_its_pictures_comes_back_in_another_session() -> None:
    choices = Choices(("cat", "rocket"), core.AXES)
    study = choices.opening()
    study = type(study)(
        UPLOAD, core.AXES[1].name, (0.25,) * len(core.AXES), None, study.arrangement, 2, 17, (("mine", study.a),),
        read_upload(noise(40), "mine.png"), read_gallery([("a.png", noise(24, 1)), ("b.png", noise(30, 2))]),
    )  # fmt: skip
    view, warnings = read_view(files.view_file(study, DIGEST), "view.json", DIGEST)
    found, problems = files.opened_view(view, choices)
    assert warnings == problems == ()
    assert found.upload is not None and study.upload is not None
    assert found.gallery is not None and study.gallery is not None
    assert torch.equal(found.upload.pixels, study.upload.pixels)
    pairs = list(zip(found.gallery.pictures, study.gallery.pictures, strict=True))
    assert len(pairs) == 2 and all(torch.equal(a.pixels, b.pixels) and a.name == b.name for a, b in pairs)
    bare = [vars(each) | {"upload": None, "gallery": None} for each in (found, study)]
    assert bare[0] == bare[1]


def test_a_saved_view_opens_on_the_page_and_undo_brings_back_what_was() -> None:
    there = start(panel="take away", picture="temple", axis=core.AXES[0].name, a="1-0-1-0-1-0", b="none", at="1")
    content = view_of(there)
    page = start(panel="take away")
    before = headline(page)
    page = open_view(page, content)
    assert headline(page) == headline(there) != before and not page.error
    assert component(page, "sliders")["values"] == [1, 0, 1, 0, 1, 0]
    page = healthy(page.button(key="undo").click().run())
    assert headline(page) == before


@pytest.mark.parametrize(
    "content, said",
    [
        (b"\x80\x04K\x01.", "is not JSON"),
        (write_view(SharedView({"picture": "cat"}), DIGEST)[:150], "cut off"),
        (write_view(SharedView({"picture": "upload"}, b"no picture"), DIGEST), "cannot be opened"),
        (b'{"format": "hyperinvariances-shared", "schema": 9}', "newer version"),
    ],
)
def test_a_bad_view_is_one_sentence_and_changes_nothing(content: bytes, said: str) -> None:
    page = start(panel="take away")
    before = headline(page)
    page = open_view(page, content)
    assert said in page.error[0].value and headline(page) == before


def test_a_view_of_another_checkpoint_opens_with_a_warning_and_replaces_what_it_does_not_know() -> None:
    address = {"picture": "temple", "axis": "speed", "future": "yes"}
    page = open_view(start(panel="take away"), write_view(SharedView(address), DIGEST))
    said = " ".join(each.value for each in page.error)
    assert DIGEST in said and "transformation was replaced" in said and "temple" in prose(page)


def test_the_file_of_a_lesson_that_goes_on_holds_its_step() -> None:
    study = Choices(("cat",), core.AXES).opening()
    digest = core.load_checkpoint().metadata["digest"]
    content = files.view_file(study, digest, {"lesson": "slider", "step": "2"})
    view, _ = read_view(content, "view.json", digest)
    assert view.lesson and view.address["step"] == "2" and view.address["picture"] == "cat"
    page = open_view(start(panel="take away"), content)
    (link,) = page.get("link_button")
    assert "lesson=slider&step=2" in link.proto.url and not page.error


def test_a_lesson_in_a_file_is_a_link() -> None:
    lesson = SharedView({"page": "adapt", "lesson": "one & two", "step": "3"}, lesson=True)
    page = open_view(start(panel="take away"), write_view(lesson, DIGEST))
    (link,) = page.get("link_button")
    assert link.proto.url == "/adapt?lesson=one+%26+two&step=3"
    assert files.link(SharedView({"page": "//evil.org", "step": "1"}, lesson=True)) == "/?step=1"


@pytest.mark.slow
def test_the_command_line_has_the_numbers_of_the_page() -> None:
    shipped, photos = core.load_checkpoint(), cache.photographs()
    study = replace(Choices(tuple(photos), shipped.transforms).opening(), at=2, seed=3)
    now = shown(study, shipped, photos[study.picture])
    pictures = {name: each.pixels for name, each in photos.items()}
    for label, reading in now.readings.items():
        found = look(shipped, pictures, study.picture, now.descriptor(label), now.axis, at=2, seed=3)
        assert np.array([curve["movement"] for curve in found["curves"]]) == pytest.approx(reading.movement, abs=1e-3)
        order = [(now.scene.candidates[n].name, now.scene.candidates[n].strength) for n in reading.ranking.order]
        assert [(each["picture"], each["strength"]) for each in found["nearest"]] == order
        assert found["recognised"] == cache.recognised(shipped, now.descriptor(label), now.scene)


@pytest.fixture(scope="module")
def model() -> core.AmortisedExtractor:
    return untrained(TINY)


@pytest.fixture(scope="module")
def shared(model: core.AmortisedExtractor) -> SharedRun:
    source = next(each for each in known_tasks(core.AXES) if each.name == TASK)
    return record(model, source, 6, Settings(seed=4), ("i=1",))[0]


@pytest.fixture
def page() -> Iterator[AppTest]:
    with adapt_page() as app:
        yield app


def open_run(page: AppTest, content: bytes) -> AppTest:
    uploader = next(each for each in page.file_uploader if each.key == "adapt.shared")
    return healthy(uploader.upload("run.json", content, "application/json").run())


def test_a_run_opens_on_another_computer_with_all_its_figures(
    page: AppTest, model: core.AmortisedExtractor, shared: SharedRun
) -> None:
    content = write_run(shared, model)
    page = open_run(page, content)
    assert not page.error and not page.warning
    assert page.selectbox(key="adapt.task").value == TASK and page.number_input(key="adapt.seed").value == 4
    assert page.slider(key="adapt.shots").value == 6
    assert "Done." in prose(page) and "this task" in prose(page).lower() and len(page.get("plotly_chart")) == 5
    run = runs.REGISTRY.get(page.session_state["adapt.key"])
    assert run is not None and worker(page).snapshot().outcomes == shared.outcomes
    again = run_files.shared_run(run, worker(page).snapshot(), model)
    before, after = (envelope.read(each, "run.json", ("run",)) for each in (content, write_run(again, model)))
    assert after.body == before.body and after.tensors.keys() == before.tensors.keys(), "it is saved as it was"
    for name, values in before.tensors.items():  # a network on other batches rounds otherwise
        torch.testing.assert_close(after.tensors[name], values, rtol=1e-2, atol=2e-3)
    page = press(page, "rewind")
    assert "Ready" in prose(page), "and it can be run anew"


def test_a_run_of_own_images_needs_those_images(page: AppTest, model: core.AmortisedExtractor, tmp_path: Path) -> None:
    pets = zipped(write_images(tmp_path / "pets", {"cat": 12, "dog": 12}), tmp_path / "pets.zip")
    others = zipped(write_images(tmp_path / "others", {"cat": 12, "dog": 13}), tmp_path / "others.zip")
    content = write_run(record(model, folder_task(pets), 5, Settings())[0], model)
    page = open_run(page, content)
    assert "pets" in page.error[0].value and "Bring them first" in page.error[0].value
    for archive, said in ((others, "not those of the run"), (pets, None)):
        page = healthy(page.file_uploader(key="adapt.archive").upload("a.zip", archive.read_bytes()).run())
        page = open_run(page, content)
        assert (said in page.error[0].value) if said else not page.error
    assert "Done." in prose(page) and page.selectbox(key="adapt.task").value == OWN


def test_what_the_page_cannot_show_is_one_sentence(
    page: AppTest, model: core.AmortisedExtractor, shared: SharedRun
) -> None:
    before = worker(page)
    document = json.loads(write_run(shared, model))
    for change, said in (
        ({"shots": 5000}, "shows runs with 4 to 100"),
        ({"seed": 10**9}, "shows runs with 0 to 9999"),
        ({"task": "chess [x](y)"}, "no task called chess"),
        ({"seed": 5}, "draws other images"),
    ):
        document["body"] |= {"shots": 6, "seed": 4, "task": TASK} | change
        page = open_run(page, json.dumps(document).encode())
        assert said in page.error[0].value and worker(page) is before


def test_a_run_of_another_checkpoint_opens_with_a_warning(
    page: AppTest, model: core.AmortisedExtractor, shared: SharedRun
) -> None:
    content = write_run(shared, model)
    digest = json.loads(content)["checkpoint"]
    page = open_run(page, content.replace(f'"checkpoint": "{digest}"'.encode(), b'"checkpoint": "ffff"'))
    assert "ffff" in page.warning[0].value and "Done." in prose(page)


def test_a_run_does_not_open_as_a_view_and_the_other_way_round(
    page: AppTest, model: core.AmortisedExtractor, shared: SharedRun
) -> None:
    page = open_run(page, write_view(SharedView({}), DIGEST))
    assert "Explore page" in page.error[0].value
    with pytest.raises(ValueError, match="Adapt page"):
        read_view(write_run(shared, model), "run.json", DIGEST)
    assert Path(APP).exists() and read_run(write_run(shared, model), "run.json", model)[1] == ()
