"""The Adapt page in a real browser: it streams, stops at once, survives a reload, and ends with its tab."""

from __future__ import annotations

import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser import IDLE, Server, comes_back, reload


def opened(page: Page, server: Server) -> Page:
    page.goto(f"{server.address}/adapt")
    page.get_by_text("Ready. Press Play.").wait_for()
    page.wait_for_selector(IDLE)
    return page


def steps(page: Page) -> int:
    """How many steps the page shows, also of a fit that has ended before anybody looked."""
    found = re.search(r"Step (\d+):|Done\. (\d+) steps", page.locator("main").inner_text())
    return int(found[1] or found[2]) if found else 0


def wait_steps(page: Page, count: int) -> None:
    end = time.monotonic() + 90
    while steps(page) < count:
        assert time.monotonic() < end, page.locator("main").inner_text()
        page.wait_for_timeout(50)


def slowly(page: Page, server: Server) -> None:
    """A fit that goes on for long, at its second step."""
    opened(page, server)
    page.get_by_text("Settings of the fit").click()
    page.get_by_text("slow", exact=True).first.click()
    page.wait_for_selector(IDLE)
    page.get_by_role("button", name="Play").click()
    wait_steps(page, 2)


def test_a_fit_streams_stops_at_once_and_is_found_again(page: Page, server: Server, tmp_path: Path) -> None:
    slowly(page, server)  # so that it still goes on after the reload
    expect(page.locator(".st-key-adapt-descriptor .js-plotly-plot").first).to_be_visible()
    key = parse_qs(urlsplit(page.url).query)["run"]
    reload(page)  # within the grace: the same run goes on
    page.wait_for_selector(IDLE)
    wait_steps(page, 3)
    assert parse_qs(urlsplit(page.url).query)["run"] == key
    page.get_by_text("Settings of the fit").click()
    expect(page.get_by_role("radio", name="slow")).to_be_checked()
    page.screenshot(path=tmp_path / "adapt.png", full_page=True)
    page.get_by_role("button", name="Rewind").click()  # on a busy machine the fit may have ended by now
    expect(page.get_by_text("Ready. Press Play.")).to_be_visible()
    page.get_by_role("button", name="Step").click()  # a run that waits: another may end before the click arrives
    wait_steps(page, 1)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped. Play goes on from here")).to_be_visible()
    count = steps(page)
    page.wait_for_timeout(1000)
    assert steps(page) == count
    page.get_by_role("button", name="Rewind").click()
    expect(page.get_by_text("Ready. Press Play.")).to_be_visible()


def test_two_tabs_have_runs_of_their_own(page: Page, browser: Browser, server: Server) -> None:
    opened(page, server)
    page.get_by_text("Settings of the fit").click()
    page.get_by_role("button", name="Step").click()
    wait_steps(page, 1)
    other = browser.new_context().new_page()
    opened(other, server)
    assert steps(other) == 0
    assert urlsplit(other.url).query != urlsplit(page.url).query
    other.context.close()


def test_a_page_that_a_lost_message_leaves_empty_comes_back_by_itself(page: Page, server: Server) -> None:
    opened(page, server)
    page.get_by_text("Settings of the fit").click()
    page.get_by_role("button", name="Step").click()
    wait_steps(page, 1)
    key = parse_qs(urlsplit(page.url).query)["run"]
    lose = "window.dispatchEvent(new ErrorEvent('error', {message: 'Error: Cannot set a node at a delta path'}))"
    comes_back(page, lambda: page.evaluate(lose))
    page.wait_for_selector(IDLE)
    assert steps(page) == 1 and parse_qs(urlsplit(page.url).query)["run"] == key
    page.evaluate("window.__second = true")
    page.evaluate(lose)
    page.wait_for_timeout(1000)
    assert page.evaluate("window.__second"), "a page that is lost again at once is left for a person to see"


def test_a_page_asks_again_only_once_it_is_answered(page: Page, server: Server) -> None:
    held: list[str | bytes] = []
    asked: list[str | bytes] = []
    holding = False

    def between(socket: WebSocketRoute) -> None:
        there = socket.connect_to_server()

        def question(message: str | bytes) -> None:
            asked.append(message)
            there.send(message)

        def answer(message: str | bytes) -> None:
            held.append(message) if holding else socket.send(message)

        socket.on_message(question)
        there.on_message(answer)

    page.route_web_socket(re.compile("_stcore/stream"), between)
    slowly(page, server)
    holding = True
    page.wait_for_timeout(1500)  # what was asked before
    asked.clear()
    page.wait_for_timeout(6000)
    assert len(asked) <= 3, "each part that follows the fit waits for its answer"
    assert held


def test_a_page_whose_timer_was_lost_comes_back_by_itself(page: Page, server: Server) -> None:
    page.clock.install()
    page.add_init_script("""
      const begun = window.setTimeout;
      const lost = (ms) => window.__lost && ms > 100 && ms < 30000;
      window.setTimeout = (what, ms, ...more) => (lost(ms) ? 0 : begun(what, ms, ...more));
    """)
    slowly(page, server)
    page.evaluate("window.__lost = true")
    page.wait_for_timeout(5000)  # until the last one that has asked is answered
    before = steps(page)
    page.wait_for_timeout(3000)
    assert steps(page) == before, "nothing asks any more"
    comes_back(page, lambda: page.clock.fast_forward(120_000))
    end, ended = time.monotonic() + 90, page.get_by_text("Done.").first
    while steps(page) <= before and not ended.is_visible():  # whether the fit still goes on when the page is back
        assert time.monotonic() < end, page.locator("main").inner_text()
        page.wait_for_timeout(50)


def test_a_button_that_moves_away_under_the_finger_is_pressed_and_one_that_is_left_is_not(
    page: Page, server: Server
) -> None:
    opened(page, server)
    page.add_style_tag(content=".moved { margin-left: 400px }")
    row = page.locator(".st-key-adapt-buttons")
    box = page.get_by_role("button", name="Play").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 200, steps=3)
    page.mouse.up()
    page.wait_for_timeout(500)
    assert steps(page) == 0 and page.get_by_text("Ready. Press Play.").is_visible(), "the hand has gone elsewhere"
    page.mouse.move(x, y)
    page.mouse.down()
    row.evaluate("(row) => row.classList.add('moved')")
    page.mouse.up()
    wait_steps(page, 1)


def test_what_follows_play_keeps_its_place(page: Page, server: Server) -> None:
    opened(page, server)
    stop = page.get_by_role("button", name="Stop")
    before = stop.bounding_box()
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert stop.bounding_box() == before


def knob(page: Page, place: int) -> tuple[float, float]:
    """Where the middle of a slider's knob is on the screen."""
    box = page.locator(f".dials #dial{place}").bounding_box()
    assert box
    share = float(page.locator(f".dials #dial{place}").input_value())
    return box["x"] + 10 + share * (box["width"] - 20), box["y"] + box["height"] / 2


def shown(page: Page, place: int) -> float:
    return float(page.locator(f".dials #dial{place}").input_value())


def test_sliders_move_by_themselves_and_a_hand_holds_one(page: Page, server: Server) -> None:
    opened(page, server)
    page.get_by_text("Settings of the fit").click()
    for count in (1, 2):  # a run that waits: one that goes on may end before the hand is on its slider
        page.get_by_role("button", name="Step").click()
        wait_steps(page, count)
    expect(page.get_by_text("Paused.")).to_be_visible()
    before = [shown(page, place) for place in range(6)]
    assert any(abs(value - 0.5) > 0.02 for value in before), "they have moved by themselves"
    page.get_by_role("heading", level=1).scroll_into_view_if_needed()
    x, y = knob(page, 3)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + (60 if before[3] < 0.5 else -60), y, steps=4)
    held = shown(page, 3)
    expect(page.get_by_text("You hold hue.")).to_be_visible()
    page.get_by_role("button", name="Play").dispatch_event("click")  # mouse and keys are on the slider
    wait_steps(page, 5)  # a fit that is held does not end
    assert shown(page, 3) == held and abs(held - before[3]) > 0.1, "the fit goes on around the hand"
    page.mouse.up()
    expect(page.get_by_text("You hold hue.")).not_to_be_visible()
    end = time.monotonic() + 90
    while shown(page, 3) == held:  # to two places, so that a slow fit's first steps may not be seen
        assert time.monotonic() < end, "and moves it on afterwards"
        page.wait_for_timeout(50)


def test_the_first_screen_has_pictures_sliders_score_and_verdict(page: Page, server: Server) -> None:
    opened(page, server)
    page.get_by_role("button", name="No, thanks").click()
    page.get_by_role("button", name="Play").click()
    card = page.locator(".st-key-adapt-card")
    card.get_by_text("This task").or_(card.get_by_text("labels cannot tell")).first.wait_for()
    page.wait_for_selector(IDLE)
    for width, height in ((1440, 900), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)
        for part in (".cards", ".dials", ".scoreboard", ".st-key-adapt-card", ".st-key-adapt-buttons"):
            box = page.locator(part).first.bounding_box()
            assert box and box["y"] >= 0 and box["y"] + box["height"] <= height, (part, box, height)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        picture = page.locator(".cards img").first
        assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
