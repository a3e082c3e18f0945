"""The page in Streamlit's own test harness: default run, every verb, every bad input."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import core
from core import checkpoints, sensitivity
from dashboard import state

APP = str(Path(__file__).parents[2] / "dashboard" / "app.py")
AXES = core.AXES


def start(**parameters: str) -> AppTest:
    page = AppTest.from_file(APP, default_timeout=60)
    page.query_params.update(parameters)
    return healthy(page.run())


def healthy(page: AppTest) -> AppTest:
    assert not page.exception, [each.value for each in page.exception]
    return page


def prose(page: AppTest) -> str:
    kinds = (page.title, page.header, page.markdown, page.caption, page.error)
    return "\n".join(each.value for kind in kinds for each in kind)


def headline(page: AppTest) -> str:
    return next(each.value for each in page.markdown if each.value.startswith("###") and "####" not in each.value)


def slider(page: AppTest, axis: str):
    return page.slider(key=state.coordinate_key(axis))


def press(page: AppTest, name: str) -> AppTest:
    return healthy(page.button(key=f"do.{name}").click().run())


def descriptor(page: AppTest) -> list[float]:
    return [slider(page, axis.name).value for axis in AXES]


def pinned(page: AppTest) -> list[float] | None:
    found = [re.search(r"B (\d\.\d\d)", slider(page, axis.name).label) for axis in AXES]
    return [float(match[1]) for match in found] if all(found) else None


@pytest.fixture
def page() -> AppTest:
    return start()


def test_the_first_screen_shows_a_striking_case_without_a_click(page: AppTest) -> None:
    a, b = (int(number) for number in re.findall(r"\*\*(\d+)\s%\*\*", headline(page)))
    assert b - a >= 30, headline(page)
    assert not page.error
    assert len(page.get("plotly_chart")) == 2
    assert all(chart.proto.alt for chart in page.get("plotly_chart"))
    assert page.button(key="reset").disabled


def test_every_axis_has_a_slider_and_can_be_shown(page: AppTest) -> None:
    assert [each.label.split(" ")[0] for each in page.slider] == [axis.name for axis in AXES]
    for axis in AXES:
        healthy(page.get_by_key("axis").set_value(axis.name).run())
        assert axis.name in headline(page)


def test_a_slider_changes_the_numbers_and_the_address(page: AppTest) -> None:
    before, axis = headline(page), page.get_by_key("axis").value
    healthy(slider(page, axis).set_value(0.0).run())
    assert headline(page) != before
    assert not page.button(key="reset").disabled
    again = AppTest.from_file(APP, default_timeout=60)
    again.query_params.update(page.query_params)
    assert "a" in page.query_params
    assert headline(healthy(again.run())) == headline(page)


def test_pin_swap_unpin_and_reset(page: AppTest) -> None:
    a, b = descriptor(page), pinned(page)
    press(page, "Swap")
    assert (descriptor(page), pinned(page)) == (b, a)
    press(page, "Pin A")
    assert pinned(page) == descriptor(page) == b
    press(page, "Unpin")
    assert pinned(page) is None
    assert page.button(key="do.Unpin").disabled and page.button(key="do.Swap").disabled
    assert headline(page).count(":orange") == 0
    healthy(page.button(key="reset").click().run())
    assert (descriptor(page), pinned(page)) == (a, b)


def test_presets_set_all_sliders(page: AppTest) -> None:
    press(page, "Ignore all")
    assert descriptor(page) == [1.0] * len(AXES)
    press(page, "Keep all")
    assert descriptor(page) == [0.0] * len(AXES)


def test_the_whole_state_comes_back_from_an_address() -> None:
    count = len(AXES)
    page = start(picture="coffee", axis=AXES[0].name, a="-".join(["0.25"] * count), b="none", seed="7")
    assert page.get_by_key("picture").value == "coffee"
    assert descriptor(page) == [0.25] * count and pinned(page) is None
    assert "coffee" in headline(page) and AXES[0].name in headline(page)


def test_a_bad_address_gives_one_sentence_per_value_and_the_usual_page() -> None:
    page = start(picture="dog", a="nan", axis="../etc")
    assert len(page.error) == 3 and all("usual" in each.value for each in page.error)
    assert page.button(key="reset").disabled
    assert not page.query_params


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
    assert page.get_by_key("picture").value == state.UPLOAD
    assert "features of the picture" in headline(page)
    healthy(page.button(key="reset").click().run())
    assert page.get_by_key("picture").value == state.OPENING_PICTURE


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("notes.jpg", lambda: b"not an image", "not a picture"),
        ("empty.png", lambda: b"", "not a picture"),
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
    healthy(slider(page, AXES[0].name).set_value(0.9).run())
    assert not page.error, "the sentence goes when something else is chosen"


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
    monkeypatch.setattr(sensitivity, "MINIMUM_RANK", 1000)
    page = start()
    assert "grey" in prose(page)
    assert not re.search(r"\binvariant\b", prose(page))


def test_the_sidebar_says_where_the_model_comes_from(page: AppTest) -> None:
    said = page.caption[-1].value
    metadata = core.load_checkpoint().metadata
    assert metadata["digest"] in said and str(metadata["date"]) in said
    assert re.search(r"Last update: \d+ ms", said)
