"""Names in a real browser: a folder whose classes and files mean something to Markdown, to HTML and to plotly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

import core
from core.adaptation import Settings
from core.sharing import record, write_run
from core.tasks import folder_task
from dashboard.adapt.misclassified import MOST_CLASSES, mistakes
from tests.browser import IDLE, Server
from tests.names import FILES

BROKEN = "[copy] ~old~ *1* :smile:.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A class for every name, of noise, so that there are mistakes; one file is no picture."""
    noise, root = np.random.default_rng(0), tmp_path / "pets [draft] *x* :smile: $a$"
    for name in FILES:
        (root / name).mkdir(parents=True)
        for number in range(4):
            pixels = noise.integers(0, 256, (40, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    (root / FILES[0] / BROKEN).write_bytes(b"no picture")
    return root


def test_names_are_read_as_they_are(page: Page, server: Server, folder: Path, tmp_path: Path) -> None:
    model, source = core.load_checkpoint(), folder_task(folder)
    run, _ = record(model, source, 4, Settings(steps=1, restarts=1))
    file = tmp_path / "run.json"
    file.write_bytes(write_run(run, model))
    page.goto(f"{server.address}/adapt")
    page.wait_for_selector(IDLE)
    page.get_by_text("Bring your own images").click()
    path = page.get_by_label("Or the path of such a folder")
    path.fill(str(folder))
    path.press("Enter")
    task = source.with_shots(4, 0)
    expect(page.get_by_role("heading", name=task.title)).to_have_text(task.title)
    page.wait_for_selector(IDLE)
    for note in source.notes:
        expect(page.locator("[role=alert], [role=status]").get_by_text(note, exact=True)).to_be_visible()
    assert any(f"{FILES[0]}/{BROKEN}" in note for note in source.notes)

    page.locator(".st-key-adapt-shared input[type=file]").set_input_files(file)
    assert run.outputs is not None
    wrong = mistakes(task, run.outputs)
    captions = page.locator(".st-key-part-wrong .pictures figcaption")
    assert wrong
    expect(captions).to_have_text([each.said for each in wrong], use_inner_text=True)
    assert set(task.classes) == set(FILES)
    named = page.locator(".confusion th.is")
    expect(named).to_have_count(MOST_CLASSES)
    found = named.all_text_contents()
    assert found == [name for name in task.classes if name in found], "as they are, in order"
    page.wait_for_selector(IDLE)
