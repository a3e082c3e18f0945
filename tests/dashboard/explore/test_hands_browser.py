"""The controls beside the figures in a real browser: strength, play, B's slider, the walk from A to B, and a phone."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core import AXES
from core.inspect.grid import FRAMES, frame_strengths
from dashboard.session.settings import OPENING_AXIS
from dashboard.text import explore, labels
from tests.browser import Server, opened, settled, slider, watched

NAMES = [axis.name for axis in AXES]
AXIS = NAMES.index(OPENING_AXIS)
STRENGTHS = frame_strengths(AXES[AXIS]).tolist()
WORDS = labels.NEIGHBOURS
VISIBLE = """e => { const b = e.getBoundingClientRect();
  return b.width > 40 && b.left >= 0 && b.right <= innerWidth && b.top >= 0 && b.bottom <= innerHeight }"""


def where(number: int) -> str:
    """What the headline says of a strength."""
    value = STRENGTHS[number]
    return "Looking for the unchanged" if value == 0 else labels.strength(AXES[AXIS], value)


def strength(page: Page) -> Locator:
    return page.locator(".neighbours .stops input")


def parameter(page: Page, name: str) -> str | None:
    return parse_qs(urlsplit(page.url).query).get(name, [None])[0]


def test_the_thumb_moves_pictures_and_sentences_before_python_has_it(page: Page, server: Server) -> None:
    opened(page, server.address)
    picture = page.locator(".query img").get_attribute("src")
    thumb = strength(page)
    box = thumb.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 10, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2, steps=6)
    expect(page.locator(".headline")).to_contain_text(where(0))
    assert parameter(page, "at") is None, "the hand has not let go"
    assert page.locator(".query img").get_attribute("src") != picture
    expect(page.locator(".frame[aria-pressed=true]")).to_have_count(1)
    expect(page.locator(".frame").first).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".filmstrip .said")).to_contain_text(where(0))
    page.mouse.up()
    page.wait_for_function("() => new URLSearchParams(location.search).get('at') === '0'")
    settled(page)
    expect(page.locator(".headline")).to_contain_text(where(0))
    assert thumb.get_attribute("aria-valuetext") == explore.strength(AXES[AXIS], STRENGTHS[0])


def test_play_runs_through_all_strengths_and_a_hand_can_stop_it(page: Page, server: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, server.address)
    page.get_by_role("button", name=WORDS["play"]).click()
    for number in range(3):
        expect(page.locator(".headline")).to_contain_text(where(number))
    page.get_by_role("button", name=WORDS["stop"]).click()
    page.wait_for_function("() => ['2', '3'].includes(new URLSearchParams(location.search).get('at'))")
    settled(page)
    number = int(parameter(page, "at") or "")
    expect(page.locator(".headline")).to_contain_text(where(number))
    expect(page.get_by_role("button", name=WORDS["play"])).to_be_visible()


@pytest.mark.slow
def test_play_comes_back_to_where_it_began(page: Page, server: Server) -> None:
    opened(page, server.address)
    page.get_by_role("button", name=WORDS["play"]).click()
    expect(page.locator(".headline")).to_contain_text(where(0))
    expect(page.get_by_role("button", name=WORDS["play"])).to_be_visible(timeout=60_000)
    expect(page.locator(".headline")).to_contain_text(where(FRAMES - 1))
    assert parameter(page, "at") is None


def test_while_a_slider_is_dragged_the_sentence_stays_at_its_strength(page: Page, server: Server) -> None:
    opened(page, server.address)
    before = page.locator(".headline").inner_text()
    box = slider(page, AXIS).bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 10, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2, steps=8)
    expect(page.locator(".headline")).not_to_have_text(before)
    assert where(FRAMES - 1) in page.locator(".headline").inner_text()
    assert where(FRAMES - 1) in page.locator(".filmstrip .said").inner_text()
    expect(page.locator(".line.A .dial output")).to_have_text("0.00")
    page.mouse.up()
    page.wait_for_function("() => location.search.includes('a=')")
    settled(page)
    assert where(FRAMES - 1) in page.locator(".headline").inner_text()


def test_sliders_beside_the_line_up_set_a_and_b(page: Page, server: Server) -> None:
    opened(page, server.address)
    page.locator(".line.A .dial input").fill("0.3")
    page.wait_for_function("() => location.search.includes('a=')")
    settled(page)
    assert float(slider(page, AXIS).input_value()) == 0.3
    b = page.locator(".line.B .dial input")
    order = page.locator(".line.B").get_attribute("data-order")
    b.fill("1")
    page.wait_for_function("() => location.search.includes('b=')")
    settled(page)
    assert (parameter(page, "b") or "").split("-")[AXIS] == "1"
    assert page.locator(".line.B").get_attribute("data-order") != order
    assert float(b.input_value()) == 1


def test_the_walk_shows_what_is_between_and_only_a_click_makes_it_a(page: Page, server: Server) -> None:
    opened(page, server.address)
    start = page.locator(".headline").inner_text()
    walk = page.get_by_role("slider", name=WORDS["walk"])
    walk.fill("0.8")
    expect(page.locator(".line.A .dial output")).to_have_text("0.20")
    expect(page.locator(".headline")).not_to_have_text(start)
    page.wait_for_timeout(600)
    assert parameter(page, "a") is None
    walk.fill("0")
    expect(page.locator(".headline")).to_have_text(start)
    expect(page.locator(".line.A .dial output")).to_have_text("1.00")
    walk.fill("0.8")
    page.get_by_role("button", name=WORDS["take"]).click()
    page.wait_for_function("() => location.search.includes('a=')")
    settled(page)
    assert float((parameter(page, "a") or "").split("-")[AXIS]) == pytest.approx(0.2)
    expect(walk).to_have_value("0")


def test_on_a_phone_the_sliders_stand_in_sight_of_what_they_move(browser: Browser, server: Server) -> None:
    with watched(browser, 390, 844) as page:
        opened(page, server.address)
        dial = page.locator(".line.A .dial input")
        dial.evaluate("e => e.scrollIntoView({block: 'center'})")
        tiles = page.locator(".line.A .tile:not(.away) img")
        assert dial.evaluate(VISIBLE) and all(tiles.nth(n).evaluate(VISIBLE) for n in range(tiles.count()))
        dial.fill("0.1")
        expect(page.locator(".line.A .dial output")).to_have_text("0.10")
        page.wait_for_function("() => location.search.includes('a=')")
        settled(page)
        other = page.locator(".panel .dial input").first
        other.evaluate("e => e.scrollIntoView({block: 'center'})")
        assert other.evaluate(VISIBLE) and page.locator(".panel svg").first.evaluate(VISIBLE)
        other.fill("0.2")
        page.wait_for_function("() => new URLSearchParams(location.search).get('a')?.startsWith('0.2-')")
        settled(page)
        assert float(slider(page, 0).input_value()) == pytest.approx(0.2)
        over = "() => { const e = document.querySelector('main'); return e.scrollWidth - e.clientWidth }"
        assert page.evaluate(over) <= 1
        assert not re.search(r"undefined|NaN", page.locator(".curves").inner_text())
