"""A lesson from its beginning to its end in a real browser; the keys, the tour, and projector mode."""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Locator, Page, Route, expect

from core import AXES
from tests.browser import APP, IDLE, Server, opened, reload, settled, slider, watched

ROTATION = [axis.name for axis in AXES].index("rotation")
# Text and lines of our own charts, as they are drawn.
DRAWN = """() => {
  const svg = [...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('.curves svg')).find(Boolean);
  const size = (element, name) => parseFloat(getComputedStyle(element)[name]);
  const lines = [...svg.querySelectorAll('polyline')];
  return [size(svg, 'fontSize'), ...lines.map(line => size(line, 'strokeWidth'))];
}"""
WHITE = """name => {
  const app = document.querySelector(name);
  return app && getComputedStyle(app).backgroundColor === 'rgb(255, 255, 255)';
}"""
SAID = ":is([role=alert], [role=status])"
OVER = "() => { const e = document.querySelector('main'); return e.scrollWidth - e.clientWidth }"


def parameters(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def button(page: Page, key: str) -> Locator:
    """Not its unseen copy, by which Streamlit measures whether a name fits."""
    return page.locator(f".st-key-{key}").get_by_role("button")


def press(page: Page, name: str) -> None:
    button(page, f"lesson-{name}").click()


def later(route: Route) -> None:
    time.sleep(0.5)
    route.continue_()


def step(page: Page, number: int) -> None:
    expect(page.locator(".st-key-lesson")).to_contain_text(f"step {number} of 5")
    page.wait_for_selector(IDLE)


def predict(page: Page) -> None:
    expect(button(page, "lesson-reveal")).to_be_disabled()
    expect(page.locator(".st-key-part-curves")).to_be_hidden()
    page.locator(".st-key-lesson").get_by_role("radiogroup").locator("label").first.click()
    expect(button(page, "lesson-reveal")).to_be_enabled()
    press(page, "reveal")
    expect(page.locator(f".st-key-lesson {SAID}").first).to_contain_text(re.compile("Right|Not quite"))
    expect(page.locator(".st-key-part-curves")).to_be_visible()


def test_a_lesson_from_its_beginning_to_its_end(page: Page, server: Server) -> None:
    page.goto(f"{server.address}/learn")
    button(page, "learn-slider").click()
    box, knob = page.locator(".st-key-lesson"), slider(page, ROTATION)
    step(page, 1)
    settled(page)
    expect(box).to_contain_text("To do:")
    knob.focus()
    page.keyboard.press("Home")
    expect(box).to_contain_text("You did it")
    page.get_by_text("The other pictures", exact=True).click()
    field = page.get_by_role("spinbutton", name="Seed of the bands")
    field.click()
    page.keyboard.press("F2")
    page.wait_for_timeout(500)
    page.wait_for_selector(IDLE)
    expect(box).to_contain_text("You did it")
    page.locator("h1").click()
    page.keyboard.press("F2")
    expect(box).to_contain_text("To do:")
    expect(knob).to_have_value("0.5")
    press(page, "next")
    step(page, 2)
    expect(knob).to_have_value("0")
    predict(page)
    page.wait_for_function("() => location.search.includes('said=2-')")
    reload(page)
    step(page, 2)
    expect(box.locator(SAID).first).to_contain_text(re.compile("Right|Not quite"))
    press(page, "next")
    step(page, 3)
    settled(page)
    reload(page)
    step(page, 3)
    settled(page)
    slider(page, ROTATION).focus()
    page.keyboard.press("End")
    expect(box).to_contain_text("You did it")
    press(page, "next")
    step(page, 4)
    predict(page)
    press(page, "next")
    step(page, 5)
    press(page, "next")
    expect(page.get_by_role("heading", name="Learn in small steps")).to_be_visible()
    expect(button(page, "learn-slider")).to_have_text("Again")
    page.wait_for_function("() => location.search.includes('done=slider')")
    assert "lesson" not in parameters(page)


def test_what_is_still_being_measured_is_not_asked_for_again(page: Page, server: Server) -> None:
    held: list[Route] = []
    page.context.route(lambda url: "bands=1" in url, lambda route: held.append(route))
    page.goto(f"{server.address}/?lesson=slider")
    step(page, 1)
    for name, number in (("next", 2), ("back", 1)) * 2:  # the slider at 0, in the middle, and both again
        press(page, name)
        step(page, number)
    asked = [route.request.url for route in held]
    assert len(asked) == len(set(asked)) == 2
    for route in held:
        route.continue_()
    settled(page)


def test_the_tour_is_offered_once_and_a_projector_is_white_and_large(browser: Browser, server: Server) -> None:
    with watched(browser, 1024, 768, "dark") as page:
        # Slow answers: turning the page white must not cut them off.
        page.context.route(lambda url: "bands=1" in url, later)
        opened(page, server.address)
        page.get_by_role("button", name="No, thanks").click()
        expect(page.get_by_text("New here?")).to_be_hidden()
        reload(page)
        settled(page)
        expect(page.get_by_text("New here?")).to_be_hidden()
        assert page.evaluate(DRAWN) == [14, 4, 4]
        button(page, "tour-again").click()
        expect(page.locator(".st-key-tour")).to_contain_text("stop 1 of 5")
        button(page, "tour-end").click()
        expect(page.locator(".st-key-tour")).to_have_count(0)
        page.wait_for_selector(IDLE)
        page.keyboard.press("F8")
        page.wait_for_function(WHITE, arg=APP)
        settled(page)
        assert parameters(page) == {"projector": "1"}
        assert page.evaluate("() => getComputedStyle(document.documentElement).fontSize") == "20px"
        text, *lines = page.evaluate(DRAWN)
        assert text >= 20 and min(lines) >= 5
        assert page.evaluate(OVER) <= 1
        expect(page.locator(".st-key-part-deeper")).to_be_hidden()
        page.get_by_role("link", name="Adapt").click()
        expect(page.locator(".st-key-part-fit")).to_be_visible()
        expect(page.get_by_role("tablist")).to_be_hidden()  # there is nothing in the tabs
