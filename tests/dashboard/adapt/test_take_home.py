"""The Adapt page's classifier: packed in the background and the same as the page's, tried on pictures, looked into."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.adaptation.export import LABELS
from core.adaptation.network_file import ONNX, WEIGHTS
from core.adaptation.policy import Policy
from core.sharing import write_run
from dashboard import cache
from dashboard.adapt import files, runs
from dashboard.adapt.misclassified import confusion
from dashboard.adapt.setup import Run
from dashboard.cache.bounded import leaves
from dashboard.jobs.bundle import BundleJob
from dashboard.panels.adapt.confusion import KEY
from dashboard.text import classifier as words
from dashboard.text.markdown import literal
from tests.core.samples import write_images
from tests.dashboard.harness import adapt_page, element, healthy, press, prose, wait, waited, worker

TASK = "textures despite hue"


@pytest.fixture(scope="module")
def page() -> Iterator[AppTest]:
    """With a fit that has ended."""
    with adapt_page() as app:
        app = healthy(app.selectbox(key="adapt.task").set_value(TASK).run())
        app = press(app, "play")
        yield wait(app, lambda: worker(app).snapshot().status == "done" and not worker(app).snapshot().busy)


def current(app: AppTest) -> Run:
    run = runs.REGISTRY.get(app.session_state["adapt.key"])
    assert run is not None
    return run


def key_of(app: AppTest) -> str:
    adapted = worker(app).snapshot().adapted
    assert adapted is not None
    return cache.fit_key(worker(app).model, worker(app).kept, adapted)


def job(app: AppTest) -> BundleJob:
    found = cache.bundle(key_of(app))
    assert found is not None
    return found


def drawn(app: AppTest) -> str:
    """What is drawn as HTML."""
    return "\n".join(each.proto.body for each in app.get("html"))


def picture(pixels: torch.Tensor, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray((pixels.permute(1, 2, 0) * 255).round().byte().numpy()).save(buffer, kind)
    return buffer.getvalue()


def given(app: AppTest, *pictures: tuple[str, bytes]) -> AppTest:
    uploader = next(each for each in app.file_uploader if each.key == "adapt.try")
    return healthy(uploader.set_value([(name, content, "image/png") for name, content in pictures]).run())


def test_before_the_end_there_is_the_run_alone_and_before_a_step_nothing() -> None:
    with adapt_page() as app:
        assert words.HOME not in prose(app)
        app = press(app, "step")
        app = wait(app, lambda: worker(app).snapshot().status == "paused")
        keys = {each.proto.id.rsplit("-", 1)[-1] for each in app.get("download_button")}
        assert keys == {"adapt.save_run", "adapt.save_report"} and words.HOME_EARLIER in prose(app)
        assert words.TRY not in prose(app) and words.WRONG not in prose(app)


def test_the_policy_is_the_one_that_was_measured(page: AppTest) -> None:
    page = wait(page, lambda: bool(policy_of(page)))
    found = policy_of(page)[0]
    (code,) = [each.value for each in page.code]
    assert code.strip() == found.code.strip() and words.policy(found) in prose(page)
    cuts = worker(page).snapshot().slices
    for cut, share in zip(cuts, found.shares, strict=True):
        assert share == 0 or cut.wants in ("ignore", "between")
        assert share > 0 or f"# {cut.axis.name} is left alone" in code


def policy_of(app: AppTest) -> tuple[Policy, ...]:
    seen = worker(app).snapshot()
    assert seen.adapted is not None
    return cache.policy(worker(app).model, worker(app).kept, seen.adapted, seen.slices).found()


@pytest.mark.slow
def test_the_packed_classifier_says_what_the_page_says(page: AppTest, tmp_path: Path) -> None:
    page = healthy(page.button(key="adapt.pack").click().run())
    assert job(page).running and page.button(key="adapt.pack").disabled
    assert page.get("progress") and page.button(key="adapt.cancel_pack")
    waited(lambda: not job(page).running, 300)
    assert job(page).problem == ""
    page = healthy(page.run())
    (saved,) = [each for each in page.get("download_button") if each.proto.id.endswith("adapt.save_classifier")]
    assert saved.proto.label == words.SAVE.format(size=len(job(page).found()[0]) / 1e6)
    with zipfile.ZipFile(io.BytesIO(job(page).found()[0])) as archive:
        archive.extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    names = {each.name for each in folder.iterdir()}
    assert names == {WEIGHTS, ONNX, LABELS, "README.md", "predict.py", "augment.py"}
    task = worker(page).task
    file = tmp_path / "one.png"
    file.write_bytes(picture(task.test.pixels[0]))
    said = subprocess.run(
        [sys.executable, folder / "predict.py", file], capture_output=True, text=True, check=True, timeout=120
    ).stdout
    page = given(page, (file.name, file.read_bytes()))
    found = re.search(r"### \*\*(.+)\*\*, (\d+)\u00a0% sure", prose(page))
    theirs = re.fullmatch(rf"{re.escape(str(file))}: (.+) \((\d\.\d+)\)\n", said)
    assert found and theirs and found[1] == theirs[1] and abs(int(found[2]) / 100 - float(theirs[2])) <= 0.0051
    seen = worker(page).snapshot()
    assert seen.adapted is not None and seen.outputs is not None
    ready = cache.classifier(worker(page).model, worker(page).kept, seen.adapted, seen.outputs)
    _, answer = cache.answer(worker(page).model, key_of(page), ready, file.read_bytes(), "one.png")
    assert float(theirs[2]) == pytest.approx(max(answer.shares), abs=1e-3)
    card = (folder / "README.md").read_text(encoding="utf-8")
    table = next(each.value for each in page.dataframe if "descriptor" in each.value)
    assert f"| {table['descriptor'][0]} |" in card, "the same numbers as in the page's table"
    assert f"{table[f'test {task.score_name}'][0]:.3f}" in card


@pytest.mark.slow
def test_packing_can_be_cancelled_and_begun_again(page: AppTest) -> None:
    seen, kept = worker(page).snapshot(), worker(page).kept
    assert seen.adapted is not None and seen.outputs is not None
    work = BundleJob(worker(page).model, kept, seen.adapted, seen.outputs, seen.slices, {}, "name")
    waited(lambda: work.text == "writing ONNX")
    work.cancel()
    assert not work.running and work.problem.startswith("stopped") and not work.found()
    wrong = BundleJob(worker(page).model, kept, seen.adapted, seen.outputs + 1, seen.slices, {}, "name")
    waited(lambda: not wrong.running)
    assert "fitted with another network" in wrong.problem


def test_pictures_are_tried(page: AppTest) -> None:
    task = worker(page).task
    noise = torch.rand(3, 64, 48, generator=torch.Generator().manual_seed(0))
    page = given(page, ("one.png", picture(task.labelled.pixels[3])), ("noise.png", picture(noise)))
    text, shown = prose(page), drawn(page)
    assert text.count(" sure\n") >= 2 and words.NEAREST in text and "test pictures they say" in text
    truth = task.classes[int(task.labelled.targets[3])]
    assert f'alt="Labelled {truth}"' in shown and f"{truth} · 1.00 alike" in shown, "it is its own nearest"
    assert shown.count('class="bars"') == 2 and "one.png, as the network gets it" in shown
    assert "it was right in" in text or "uncalibrated" in text


def test_bad_files_are_a_sentence_each_and_the_others_are_shown(page: AppTest) -> None:
    good = picture(worker(page).task.test.pixels[1])
    page = given(page, ("notes.txt", b"hello"), ("a*b*.png", good), ("cut.png", good[:200]))
    said = [each.value for each in page.error]
    assert len(said) == 2 and "not a picture of a known format" in said[0] and "damaged" in said[1]
    assert drawn(page).count('class="bars"') == 1 and "a*b*.png" in drawn(page)
    page = given(page, *((f"{number}.png", good) for number in range(words.MOST_PICTURES + 2)))
    assert drawn(page).count('class="bars"') == words.MOST_PICTURES
    assert [each.value for each in page.warning] == [literal(words.TOO_MANY.format(count=10, most=words.MOST_PICTURES))]
    given(page)


def test_a_cell_of_the_table_opens_its_pictures(page: AppTest) -> None:
    run = current(page)
    task, outputs = run.worker.task, run.worker.snapshot().outputs
    assert outputs is not None
    counts = confusion(task, outputs)
    for row, column in ((0, 0), tuple(np.argwhere(counts - np.diag(np.diag(counts)))[:1].reshape(-1)) or (1, 1)):
        page.session_state[KEY] = {"cell": [int(row), int(column)]}
        page = healthy(page.run())
        count = int(counts[row, column])
        assert words.cell(count, task.classes[row], task.classes[column], min(count, 24)) in prose(page)
        assert drawn(page).count(f'alt="Is {task.classes[row]}: test picture ') == min(count, 24)
        assert "% sure" in drawn(page)
    for bad in ([0, 99], [-1, 0], "no", [0.5, 1], None, [True, 0]):
        page.session_state[KEY] = {"cell": bad}
        page = healthy(page.run())
        assert words.WORST in prose(page) or words.RIGHT in prose(page)


def test_no_part_that_streamlit_draws_anew_holds_images_that_may_go_to_disk(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: dict[str, tuple[Any, ...]] = {}

    def fragment(part: Callable[..., None]) -> Callable[..., None]:
        def drawn(*args: Any, **kwargs: Any) -> None:
            held[part.__name__] = (*args, *kwargs.values())
            part(*args, **kwargs)

        return drawn

    monkeypatch.setattr(st, "fragment", fragment)
    healthy(page.run())
    assert {"_table", "_part", "_below"} <= set(held)
    for name, values in held.items():
        beside = [each for each in values if not isinstance(each, Run)]  # a run lays its own images on disk
        assert sum(size for each in beside for _, size in leaves(each)) < 1 << 20, name


def test_a_run_that_is_opened_again_can_be_tried_and_one_of_another_network_says_so(page: AppTest) -> None:
    run = current(page)
    seen, model = run.worker.snapshot(), run.worker.model
    shared = files.shared_run(run, seen, model)
    assert shared.outputs is not None
    with adapt_page() as app:
        opener = next(each for each in app.file_uploader if each.key == "adapt.shared")
        app = healthy(opener.upload("run.json", write_run(shared, model), "application/json").run())
        app = given(app, ("one.png", picture(run.worker.task.test.pixels[0])))
        assert drawn(app).count('class="bars"') == 1 and not app.error and not app.info
    other = worker(page).snapshot()
    assert other.outputs is not None and other.adapted is not None
    with pytest.raises(ValueError, match="fitted with another network"):
        cache.adapt.check_outputs(model, run.worker.task, other.adapted, other.outputs + 1)


def test_pictures_of_a_folder_are_named_by_their_files(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "pets", {"cat": 12, "dog": 12})
    with adapt_page() as app:
        app = healthy(app.text_input(key="adapt.folder").set_value(str(folder)).run())
        app = healthy(app.slider(key="adapt.shots").set_value(4).run())
        app = press(app, "play")
        app = wait(app, lambda: worker(app).snapshot().status == "done" and not worker(app).snapshot().busy)
        task, outputs = worker(app).task, worker(app).snapshot().outputs
        assert outputs is not None and set(task.test.names) < {
            f"{(n // 12 and 'dog') or 'cat'}/{n}.png" for n in range(24)
        }
        row, column = np.argwhere(confusion(task, outputs))[0]
        app.session_state[KEY] = {"cell": [int(row), int(column)]}
        app = healthy(app.run())
        assert re.search(rf'alt="Is {task.classes[row]}: {task.classes[row]}/\d+\.png · \d+\xa0% sure"', drawn(app))
        assert element(app, "adapt.try") is not None
