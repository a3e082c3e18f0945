"""The page in a real browser: what no simulation shows (dragging, keyboard, layout, files, address, console)."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from core import AXES
from dashboard.session.settings import OPENING_AXIS, OPENING_PICTURE
from tests.browser import IDLE, Scheme, Server, drag, opened, settled, slider, watched

NAMES = [axis.name for axis in AXES]
AXIS = NAMES.index(OPENING_AXIS)
PATHS = """() => [...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('.curves')).filter(Boolean)
    .flatMap(root => [...root.querySelectorAll('polyline.A')].map(line => line.getAttribute('points')))"""
# The values of every repaint, and what each figure shows at that moment: they must be the same.
WATCH = """() => {
  const find = (name) => [...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector(name)).find(Boolean);
  window.__frames = [];
  window.addEventListener('hyperinvariances:painted', e => window.__frames.push(
    [e.detail.a, ...['.curves', '.neighbours', '.filmstrip'].map(name => find(name).dataset.a)]));
}"""

LISTENERS = "() => window[Symbol.for('hyperinvariances')].listeners.size"

# Pairs of labels of one chart that lie on one another.
OVERLAPS = """root => [...root.querySelectorAll('.panel svg')].flatMap(svg => {
  const texts = [...svg.querySelectorAll('text')].map(e => [e.textContent, e.getBoundingClientRect()]);
  return texts.flatMap(([one, a], n) => texts.slice(n + 1)
    .filter(([, b]) => a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
    .map(([other]) => `${one} / ${other}`));
})"""


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((64, 48), 80).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


def parameters(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def committed(page: Page, name: str = "a") -> Page:
    """Wait until the address has a parameter and everything is drawn."""
    page.wait_for_function("name => new URLSearchParams(location.search).has(name)", arg=name)
    return settled(page)


def values(page: Page) -> list[float]:
    return [float(slider(page, number).input_value()) for number in range(len(NAMES))]


def test_curves_follow_the_hand_and_no_frame_is_stale(page: Page, server: Server) -> None:
    opened(page, server.address)
    before = page.evaluate(PATHS)
    page.evaluate(WATCH)
    shares = [1 - n / 60 for n in range(61)] + [n / 60 for n in range(31)]
    drag(page, AXIS, shares)
    page.wait_for_function("() => window.__frames.length > 3")
    committed(page)
    frames = page.evaluate("() => window.__frames")
    assert all(len(set(drawn)) == 1 for _, *drawn in frames), "all figures show the same values"
    asked = [float(frame[1].split("-")[AXIS]) for frame in frames]
    low = asked.index(min(asked))
    assert asked[: low + 1] == sorted(asked[: low + 1], reverse=True) and asked[low:] == sorted(asked[low:])
    assert values(page)[AXIS] == pytest.approx(0.5, abs=0.03)
    assert float(parameters(page)["a"][0].split("-")[AXIS]) == values(page)[AXIS]
    after = page.evaluate(PATHS)
    assert after != before
    link = page.url
    page.goto("about:blank")
    assert opened(page, link).evaluate(PATHS) == after, "the link restores what the drag has left"


def test_the_pad_moves_two_sliders_and_b_stays(page: Page, server: Server) -> None:
    opened(page, server.address)
    pad = page.locator(".pad")
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4, steps=8)
    page.mouse.up()
    committed(page)
    across, up = (NAMES.index(page.locator(f"#pad{n}").input_value()) for n in (0, 1))
    assert values(page)[across] == pytest.approx(0.25, abs=0.03)
    assert values(page)[up] == pytest.approx(0.75, abs=0.03)
    assert "b" not in parameters(page)
    pad.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    page.wait_for_timeout(600)
    settled(page)
    assert values(page)[across] == pytest.approx(0.30, abs=0.03)
    free = next(name for n, name in enumerate(NAMES) if n not in (across, up))
    page.locator("#pad1").select_option(free)
    committed(page, "pad")
    assert page.locator("#pad1").input_value() == free


def test_keyboard_alone_slides_undoes_and_does_again(page: Page, server: Server) -> None:
    opened(page, server.address)
    first = values(page)
    slider(page, 0).focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    committed(page)
    moved = values(page)
    assert moved[0] == pytest.approx(first[0] + 0.15)
    page.keyboard.press("Control+z")
    page.wait_for_function("() => !location.search.includes('a=')")
    settled(page)
    assert values(page) == pytest.approx(first), "one burst of keys is one step"
    page.keyboard.press("Control+y")
    committed(page)
    assert values(page) == pytest.approx(moved)
    assert slider(page, 0).evaluate("e => e.labels.length") == 1


def test_every_figure_listens_once_however_often_it_was_drawn(page: Page, server: Server) -> None:
    opened(page, server.address)
    first = page.evaluate(LISTENERS)
    assert first == 4, "the sliders and the three figures"
    for value in ("0.1", "0.9", "0.2", "0.8"):
        slider(page, 0).fill(value)
        page.wait_for_function("v => new URLSearchParams(location.search).get('a')?.startsWith(`${v}-`)", arg=value)
        settled(page)
    assert page.evaluate(LISTENERS) == first
    for name in ("Learn", "Explore"):
        page.locator("nav a", has_text=name).click()
        page.wait_for_selector(f"nav a[aria-current=page]:has-text('{name}')")
        page.wait_for_selector(IDLE)
    settled(page)
    assert page.evaluate(LISTENERS) == first


def test_python_moves_the_sliders(page: Page, server: Server) -> None:
    opened(page, server.address)
    page.get_by_role("button", name="Ignore all").click()
    committed(page)
    assert values(page) == [1.0] * len(NAMES)
    page.get_by_role("button", name="Swap").click()
    page.wait_for_function("() => location.search.includes('b=')")
    settled(page)
    assert values(page)[AXIS] == 0


def test_frames_and_names_are_buttons_and_strengths_are_scrubbed_everywhere(page: Page, server: Server) -> None:
    opened(page, server.address)
    page.locator(".frame").first.click()
    committed(page, "at")
    assert page.locator(".frame[aria-pressed=true]").count() == 1
    other = next(n for n in range(len(NAMES)) if n != AXIS)
    page.locator(".panel .name").nth(other).click()
    committed(page, "axis")
    expect(page.locator(".panel.chosen .name")).to_have_text(NAMES[other])
    page.locator(".panel svg").first.hover(position={"x": 200, "y": 60})
    expect(page.locator(".panel circle")).to_have_count(2 * len(NAMES))
    page.locator(".panel svg").first.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".panel circle")).to_have_count(2 * len(NAMES))


def bad_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../escape.png", picture())
    return buffer.getvalue()


def test_bad_files_show_their_sentence_and_good_ones_their_picture(page: Page, server: Server) -> None:
    opened(page, server.address)
    page.get_by_text("Your own picture", exact=True).click()
    field = page.locator("input[type=file]").first
    for name, content in (
        ("notes.jpg", b"not an image"),
        ("huge.png", b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 2**31)),
    ):
        field.set_input_files({"name": name, "mimeType": "image/png", "buffer": content})
        expect(page.get_by_role("alert")).to_contain_text(f"{name} cannot be opened")
    field.set_input_files({"name": "p.png", "mimeType": "image/png", "buffer": picture()})
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("heading", name="Looking for the picture")).to_be_visible()
    settled(page)
    page.get_by_text("The other pictures", exact=True).click()
    gallery = page.locator("input[type=file]").last
    gallery.set_input_files({"name": "all.zip", "mimeType": "application/zip", "buffer": bad_zip()})
    expect(page.get_by_role("alert")).to_contain_text("outside its folder")
    settled(page)


@pytest.mark.parametrize("kind", ["SVG", "PNG"])
def test_curves_are_saved_with_their_caption(page: Page, server: Server, tmp_path: Path, kind: str) -> None:
    opened(page, server.address)
    with page.expect_download() as waiting:
        page.locator(".exports button", has_text=kind).click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    if kind == "PNG":
        assert min(Image.open(file).size) > 500
        return
    text = file.read_text(encoding="utf-8")
    assert "checkpoint" in text and OPENING_PICTURE in text and all(name in text for name in NAMES)
    assert "var(" not in text and text.count("<polyline") == 2 * len(NAMES)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_at_820_pixels_and_pictures_stay_visible(
    browser: Browser, server: Server, scheme: Scheme
) -> None:
    with watched(browser, 820, 1180, scheme) as page:
        opened(page, server.address)
        expect(page.locator(".st-key-controls")).to_be_visible()
        page.wait_for_selector(IDLE)
        over = "() => { const e = document.querySelector('main'); return e.scrollWidth - e.clientWidth }"
        assert page.evaluate(over) <= 1
        assert page.locator(".curves").evaluate(OVERLAPS) == []
        for name in (".photo", ".tile:not(.away) img"):
            widths = page.locator(name).evaluate_all("all => all.map(e => e.getBoundingClientRect().width)")
            assert min(widths) >= 70, name
        ink, ground = page.locator(".curves").evaluate(
            "e => [getComputedStyle(e).color, getComputedStyle(e).getPropertyValue('--st-background-color')]"
        )
        dark = sum(int(part) for part in ink.removeprefix("rgb(").removesuffix(")").split(",")) > 380
        assert dark == (scheme == "dark"), (ink, ground)


def test_the_first_page_is_found_by_its_name_and_keeps_the_link(page: Page, server: Server) -> None:
    opened(page, f"{server.address}/explore?axis=blur")
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert parse_qs(urlsplit(page.url).query) == {"axis": ["blur"]} and urlsplit(page.url).path == "/"
