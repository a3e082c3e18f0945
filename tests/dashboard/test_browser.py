"""The page in a real browser: what no simulation shows (layout, keyboard, charts, address, console)."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dashboard import state
from tests.browser import find as find_browser

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
CURVE = """() => Object.fromEntries(document.querySelector('.st-key-curve .js-plotly-plot')._fullData
    .map(trace => [trace.name, Array.from(trace.y)]))"""
TIMEOUT_MS = 60_000


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server of our own on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
    command += ["--server.port", str(port), "--server.headless", "true"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def wait_for(url: str, server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert server.poll() is None, f"the server ended with code {server.returncode}"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url} in {seconds} s")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, or Playwright's own; the test fails with the line to run where there is neither."""
    try:
        path = find_browser()
    except RuntimeError as error:
        pytest.fail(str(error))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test on any console error, script error, failed request or HTTP status >= 400."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("response", lambda reply: faults.append(f"{reply.status} {reply.url}") if reply.status >= 400 else None)
    page.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
    page.on(
        "request", lambda request: faults.append(f"left the machine: {request.url}") if foreign(request.url) else None
    )
    yield page
    seen = list(faults)
    context.close()
    assert not seen


def foreign(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1"


def opened(page: Page, url: str) -> Page:
    page.goto(url)
    page.wait_for_selector(".st-key-overview .js-plotly-plot .main-svg")
    page.wait_for_selector(READY)
    return page


def coordinate(page: Page, axis: str):
    return page.locator(f"[class*='{state.coordinate_key(axis)}'], .st-key-a-{axis}").locator("input[type=range]").first


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((64, 48), 80).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


def parameters(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_slide_by_keyboard_moves_the_curve_and_the_link_restores_it(page: Page, address: str) -> None:
    opened(page, address)
    assert parameters(page) == {}
    before = page.evaluate(CURVE)
    coordinate(page, state.OPENING_AXIS).focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => location.search.includes('a=')")
    page.wait_for_selector(READY)
    page.wait_for_function(
        f"before => JSON.stringify(({CURVE})().A) !== before", arg=page.evaluate("x => JSON.stringify(x)", before["A"])
    )
    after = page.evaluate(CURVE)
    assert max(abs(x - y) for x, y in zip(before["A"], after["A"], strict=True)) > 1e-3
    assert after["B"] == before["B"], "the pinned curve stays"
    link = page.url
    page.goto("about:blank")
    restored = opened(page, link).evaluate(CURVE)
    assert restored["A"] == pytest.approx(after["A"], abs=1e-5)


def test_a_bad_upload_shows_its_sentence_and_a_good_one_its_picture(page: Page, address: str) -> None:
    opened(page, address)
    page.get_by_text("Your own picture").click()
    field = page.locator("input[type=file]")
    field.set_input_files({"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"not an image"})
    expect(page.get_by_role("alert")).to_contain_text("it is not a picture of a known format")
    field.set_input_files({"name": "p.png", "mimeType": "image/png", "buffer": picture()})
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("heading", name="the features of the picture move")).to_be_visible()


def test_every_strength_is_one_vertical_line_through_pictures_numbers_and_curve(page: Page, address: str) -> None:
    opened(page, address)
    middles = """selector => [...document.querySelectorAll(selector)].map(e => {
        const box = e.getBoundingClientRect(); return box.left + box.width / 2 })"""
    photos = page.evaluate(middles, ".strip .photo")
    ticks = page.evaluate(middles, ".st-key-curve .xtick text")
    assert len(photos) == len(ticks) > 2
    assert all(abs(x - y) < 5 for x, y in zip(photos, ticks, strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_at_820_pixels_in_either_theme(browser: Browser, address: str, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 820, "height": 1180}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    opened(page, address)
    width = page.evaluate(
        "() => { const e = document.querySelector('[data-testid=stMain]'); return e.scrollWidth - e.clientWidth }"
    )
    context.close()
    assert width <= 1
