"""Steps of every lesson in a real browser: what they talk about is in sight, above the bar that talks about it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

import core
from core.axes.transforms import AXES
from dashboard.lessons.lesson import Lesson, Step
from dashboard.lessons.reader import read_lessons
from dashboard.pages import PAGES
from dashboard.session.settings import Choices
from tests.browser import IDLE, Server, leave, watched

CHOICES = Choices(tuple(photo.name for photo in core.photographs()), AXES, PAGES)
LESSONS, _ = read_lessons(CHOICES)
SIZES = ((1440, 900), (1024, 768))
PATIENCE_S = 20
"""Within which a page has come to where it is going."""
LEAST = 200
"""Pixels of a part that has more than there is room for, which are seen at least."""

# For each part: whether it is drawn, and how much of it one sees between the top of the window and the lesson's bar.
SEEN = """keys => {
  const bar = document.querySelector('.st-key-lesson').getBoundingClientRect();
  return keys.map(key => {
    const part = document.querySelector(`.st-key-${key}`)?.getBoundingClientRect();
    if (!part || !part.height) return null;
    const covered = part.right > bar.left + 1;
    const room = (covered ? bar.top : innerHeight);
    return {top: part.top, height: part.height, room, seen: Math.min(part.bottom, room) - Math.max(part.top, 0)};
  });
}"""
# The chart of the change that the lesson is about, among those of all changes, and the slider that moves it.
CHOSEN = """() => {
  const roots = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean);
  const inside = selector => roots.map(root => root.querySelector(selector)).find(Boolean);
  const bar = document.querySelector('.st-key-lesson').getBoundingClientRect();
  const chart = inside('.panel.chosen').getBoundingClientRect(), knob = inside('#c0').getBoundingClientRect();
  return [chart.top, bar.top - chart.bottom, knob.top, innerHeight - knob.bottom];
}"""


@pytest.fixture(scope="module")
def window(browser: Browser, server: Server) -> Iterator[tuple[Page, str]]:
    """One window for all lessons: opening one for each step would take minutes."""
    with watched(browser, *SIZES[0]) as page:
        yield page, server.address


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def sized(window: tuple[Page, str], request: pytest.FixtureRequest) -> tuple[Page, str]:
    """The window in each size."""
    resize(window[0], request.param)
    return window


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def drawn(page: Page, lesson: Lesson, number: int) -> None:
    """Wait until a step is there, and nothing moves any more."""
    expect(page.locator(".st-key-lesson")).to_contain_text(f"step {number} of {len(lesson.steps)}")
    page.wait_for_selector(IDLE)
    last: object = None
    for _ in range(100):
        now = page.evaluate("() => [...document.querySelectorAll('[class*=st-key-part-]')].map(e => "
                            "[e.getBoundingClientRect().top, e.getBoundingClientRect().height])")  # fmt: skip
        if now == last:
            return
        last = now
        page.wait_for_timeout(150)
    raise AssertionError("The page does not come to rest.")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_step_has_its_evidence_in_sight(window: tuple[Page, str], lesson: Lesson) -> None:
    page, address = window
    count = len(lesson.steps)
    for number in sorted({1, (count + 1) // 2, count}):
        step = lesson.steps[number - 1]
        leave(page, f"{address}/{CHOICES.path(step.page)}?lesson={lesson.name}&step={number}")
        for size in SIZES:
            resize(page, size)
            drawn(page, lesson, number)
            seen(page, step, (*size, number))


def _in_sight(box: dict[str, float]) -> bool:
    """What a step is about begins in the window, and enough of it is seen."""
    return box["top"] >= -1 and box["seen"] >= min(box["height"] - 1, LEAST)


def seen(page: Page, step: Step, where: tuple[int, ...]) -> None:
    """What a step is about is in sight, and what would give the answer away is not there."""
    parts = [step.focus, *step.beside]
    covered = step.prediction.covers if step.prediction else ()
    deadline = time.monotonic() + PATIENCE_S
    while True:  # the page may still be on its way there
        found = dict(zip(parts, page.evaluate(SEEN, [part.key for part in parts]), strict=True))
        there = found[step.focus]
        if not there or _in_sight(there) or time.monotonic() > deadline:
            break
        page.wait_for_timeout(100)
    for part, box in found.items():
        if part.name in covered:
            assert box is None, f"{part.name} would give the answer away"
            continue
        assert box, f"{part.name} is not there at {where}"
        if part is step.focus:
            assert _in_sight(box), (where, part.name, box)
        elif part.main != step.focus.main:  # beside it, not below it
            assert box["seen"] >= min(box["height"] - 1, 60), (where, part.name, box)


def test_the_slider_and_its_curve_are_seen_together(sized: tuple[Page, str]) -> None:
    page, address = sized
    leave(page, f"{address}/?lesson=slider&step=3")
    lesson = next(each for each in LESSONS if each.name == "slider")
    drawn(page, lesson, 3)
    assert min(page.evaluate(CHOSEN)) >= 0
    page.mouse.move(700, 300)
    page.mouse.wheel(0, 600)
    page.wait_for_function(f"() => ({CHOSEN})()[0] < 0")
    page.wait_for_timeout(400)
    assert page.evaluate(CHOSEN)[0] < 0, "who scrolls away is not pulled back"
    page.get_by_role("button", name="Show me").click()
    drawn(page, lesson, 3)
    assert min(page.evaluate(CHOSEN)) >= 0
    before = page.locator(".st-key-lesson").bounding_box()
    page.get_by_role("button", name="Fold", exact=True).click()
    after = page.locator(".st-key-lesson").bounding_box()
    assert before and after and after["height"] < before["height"] - 20
    page.get_by_role("button", name="Unfold", exact=True).click()


def test_what_an_answer_shows_stays_in_sight_when_the_bar_grows(sized: tuple[Page, str]) -> None:
    page, address = sized
    leave(page, f"{address}/?lesson=slider&step=2")
    lesson = next(each for each in LESSONS if each.name == "slider")
    drawn(page, lesson, 2)
    page.locator(".st-key-lesson").get_by_role("radiogroup").locator("label").first.click()
    page.locator(".st-key-lesson-reveal").get_by_role("button").click()
    expect(page.locator(".st-key-part-curves")).to_be_visible()
    drawn(page, lesson, 2)
    assert min(page.evaluate(CHOSEN)) >= 0
    assert page.evaluate("() => document.querySelector('.st-key-lesson').clientHeight") <= 0.46 * page.evaluate(
        "innerHeight"
    )
