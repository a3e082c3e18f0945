"""A person's own pictures on the Explore page: odd ones work, bad ones give one sentence and keep the page."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import core
from dashboard.session.settings import OPENING_PICTURE, UPLOAD
from tests.dashboard.harness import component, element, headline, healthy, prose, slide, start

AXES = core.AXES


@pytest.fixture
def page() -> AppTest:
    return start()


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(mode: str, size: tuple[int, int] = (90, 60)) -> Image.Image:
    channels = len(Image.new(mode, (1, 1)).getbands())
    shape = (size[1], size[0], channels) if channels > 1 else (size[1], size[0])
    values = np.random.default_rng(0).integers(0, 255, shape, dtype=np.uint8)
    return Image.frombytes(mode, size, values.tobytes())


def huge_header() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("cmyk.jpg", lambda: encoded(noise("CMYK"), "JPEG")),
        ("moving.gif", lambda: encoded(noise("L"), "GIF", save_all=True, append_images=[noise("L")] * 3)),
        ("glass.png", lambda: encoded(noise("RGBA"), "PNG")),
        ("tall.png", lambda: encoded(noise("RGB", (20, 200)), "PNG")),
        ("[bold](name) <b>.png", lambda: encoded(noise("RGB"), "PNG")),
    ],
)
def test_unusual_pictures_just_work(page: AppTest, name: str, make: Callable[[], bytes]) -> None:
    healthy(page.file_uploader[0].set_value((name, make(), "image/png")).run())
    assert not page.error
    assert element(page, "picture").value == UPLOAD
    assert "Looking for the picture" in headline(page)
    healthy(page.button(key="reset").click().run())
    assert element(page, "picture").value == OPENING_PICTURE


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("notes.jpg", lambda: b"not an image", "not a picture"),
        ("empty.png", lambda: b"", "it is empty"),
        ("half.jpg", lambda: encoded(noise("RGB", (400, 400)), "JPEG")[:900], "damaged"),
        ("dot.png", lambda: encoded(noise("RGB", (1, 1)), "PNG"), "1 x 1"),
        ("huge.png", huge_header, "pixels"),
        ("![x](http://a.b).png", lambda: b"?", "not a picture"),
    ],
)
def test_bad_uploads_give_one_sentence_and_keep_the_page(
    page: AppTest, name: str, make: Callable[[], bytes], reason: str
) -> None:
    before = headline(page)
    healthy(page.file_uploader[0].set_value((name, make(), "image/png")).run())
    assert len(page.error) == 1 and reason in page.error[0].value
    assert "![" not in page.error[0].value
    assert headline(page) == before
    slide(page, AXES[0].name, 0.9)
    assert not page.error, "the sentence goes when something else is chosen"


def upload_gallery(page: AppTest, *files: tuple[str, bytes, str]) -> AppTest:
    return healthy(page.file_uploader[1].set_value(list(files)).run())


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(name, encoded(noise("RGB", (40 + number, 40)), "PNG"))
    return buffer.getvalue()


def test_a_gallery_of_one_s_own_replaces_the_photographs(page: AppTest) -> None:
    upload_gallery(page, ("mine.zip", zipped("cat.png", "dog.png", "owl.png"), "application/zip"))
    assert not page.error
    names = {item["label"].split(",")[0] for item in component(page, "neighbours")["items"]}
    assert names == {OPENING_PICTURE, "cat (yours)" if OPENING_PICTURE == "cat" else "cat", "dog", "owl"}
    assert "3 pictures of yours" in prose(page)
    healthy(page.button(key="undo").click().run())
    assert "dog" not in {item["label"].split(",")[0] for item in component(page, "neighbours")["items"]}


@pytest.mark.parametrize("name", ["../a.png", "notes.txt"])
def test_a_bad_gallery_gives_one_sentence_and_keeps_the_page(page: AppTest, name: str) -> None:
    before = component(page, "neighbours")["items"]
    content = zipped(name) if name.endswith("png") else b"hello"
    upload_gallery(page, ("bad.zip" if name.endswith("png") else name, content, "application/zip"))
    assert len(page.error) == 1 and page.error[0].value.endswith(".")
    assert component(page, "neighbours")["items"] == before
