"""A fitted classifier in a real browser: packed, saved, tried on a picture, and a cell of its confusions opened."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

import core
from tests.browser import IDLE, Server
from tests.core.samples import write_images

PATIENCE_MS = 300_000
"""Packing takes a quarter of a minute on an idle machine."""


def test_a_classifier_is_taken_home_and_tried(page: Page, server: Server, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "pets", {"cat": 14, "dog": 14})
    page.goto(f"{server.address}/adapt")
    page.get_by_text("Ready. Press Play.").wait_for()
    page.get_by_text("Bring your own images").click()
    page.get_by_label("Or the path of such a folder on this computer").fill(str(folder))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Which of the 2 classes in pets is it?")).to_be_visible()
    page.wait_for_selector(IDLE)
    page.get_by_role("button", name="Play").click()

    page.get_by_role("button", name="Classifier: pack it").click(timeout=PATIENCE_MS)
    save = page.get_by_role("button", name=re.compile(r"Classifier: save it \(\d+ MB\)"))
    save.wait_for(timeout=PATIENCE_MS)
    with page.expect_download() as waiting:
        save.click()
    with zipfile.ZipFile(waiting.value.path()) as archive:
        assert {Path(each).name for each in archive.namelist()} >= {"model.onnx", "model.safetensors", "predict.py"}

    photo = next(each for each in core.photographs() if each.name == "cat")
    content = io.BytesIO()
    Image.fromarray((photo.pixels.permute(1, 2, 0) * 255).byte().numpy()).save(content, "JPEG")
    files = [
        {"name": "mine.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()},
        {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"},
    ]
    page.locator(".st-key-adapt-try input[type=file]").set_input_files(files)  # type: ignore[arg-type]  # as documented
    expect(page.get_by_role("heading", name=re.compile(r"^(cat|dog), \d+ % sure$"))).to_be_visible()
    expect(page.get_by_text("notes.jpg cannot be opened")).to_be_visible()
    expect(page.get_by_alt_text(re.compile("^Labelled (cat|dog)$"))).to_have_count(3)

    cell = page.locator(".confusion td button").first
    said = re.fullmatch(r"(\d+) of (cat|dog) called (cat|dog): show them", cell.get_attribute("aria-label") or "")
    assert said
    cell.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".confusion td button[aria-pressed=true]")).to_have_count(1)
    # A dot for the slash of the path, which would end the pattern in the browser.
    named = re.compile(rf"^Is {said[2]}: {said[2]}.\d+\.png · \d+.% sure$")
    expect(page.get_by_alt_text(named)).to_have_count(int(said[1]))
