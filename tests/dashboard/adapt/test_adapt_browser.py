"""The Adapt page in a real browser: it streams, stops at once, survives a reload, and ends with its tab."""

from __future__ import annotations

import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, expect

from tests.browser import IDLE, Server, reload


def opened(page: Page, server: Server) -> Page:
    page.goto(f"{server.address}/adapt")
    page.get_by_text("Ready. Press Play.").wait_for()
    page.wait_for_selector(IDLE)
    return page


def steps(page: Page) -> int:
    found = re.search(r"Step (\d+), loss", page.locator("main").inner_text())
    return int(found.group(1)) if found else 0


def wait_steps(page: Page, count: int) -> None:
    end = time.monotonic() + 90
    while steps(page) < count:
        assert time.monotonic() < end
        page.wait_for_timeout(50)


def test_a_fit_streams_stops_at_once_and_is_found_again(page: Page, server: Server, tmp_path: Path) -> None:
    opened(page, server)
    page.get_by_text("medium", exact=True).first.click()
    page.get_by_role("button", name="Play").click()
    wait_steps(page, 2)
    expect(page.locator(".st-key-adapt-descriptor .js-plotly-plot").first).to_be_visible()
    key = parse_qs(urlsplit(page.url).query)["run"]
    reload(page)  # within the grace: the same run goes on
    page.wait_for_selector(IDLE)
    wait_steps(page, 3)
    assert parse_qs(urlsplit(page.url).query)["run"] == key
    page.screenshot(path=tmp_path / "adapt.png", full_page=True)
    stop = page.get_by_role("button", name="Stop")
    stop.click()
    expect(page.get_by_text("Stopped. Rewind to start again.")).to_be_visible()
    count = steps(page)
    page.wait_for_timeout(1000)
    assert steps(page) == count
    page.get_by_role("button", name="Rewind").click()
    expect(page.get_by_text("Ready. Press Play.")).to_be_visible()


def test_two_tabs_have_runs_of_their_own(page: Page, browser: Browser, server: Server) -> None:
    opened(page, server)
    page.get_by_role("button", name="Step").click()
    wait_steps(page, 1)
    other = browser.new_context().new_page()
    opened(other, server)
    assert steps(other) == 0
    assert urlsplit(other.url).query != urlsplit(page.url).query
    other.context.close()
