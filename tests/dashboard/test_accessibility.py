"""Every page by the rules of axe-core (WCAG 2), and everything of ours by the keyboard alone."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser import IDLE, Scheme, Server, opened, watched

LINKS = "nav a"
WORST = ("moderate", "serious", "critical")
# Remembers what has the focus inside our components, and whether it shows; says whether the focus has left the page.
LOOK = """() => {
  let on = document.activeElement;
  while (on.shadowRoot?.activeElement) on = on.shadowRoot.activeElement;
  if (!(on.getRootNode() instanceof ShadowRoot)) return on === document.body;
  const style = getComputedStyle(on);
  (window.__focused ??= new Map()).set(on, parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none');
  return false;
}"""
# What the keyboard has not reached, or reached without a visible ring.
MISSED = """() => [...document.querySelectorAll('*')].filter(e => e.shadowRoot)
    .flatMap(e => [...e.shadowRoot.querySelectorAll('button, input, select, [tabindex="0"]')])
    .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled && window.__focused.get(e) !== true)
    .map(e => e.outerHTML.slice(0, 80))"""


def faults(page: Page, scheme: Scheme) -> list[str]:
    """By every rule in the light, by those about colour in the dark, where nothing else is different."""
    rules = {"runOnly": ["color-contrast", "link-in-text-block"]} if scheme == "dark" else {}
    found = Axe().run(page, options={"resultTypes": ["violations"]} | rules).response["violations"]
    bad = [each for each in found if each["impact"] in WORST]
    return [f"{each['id']}: {node['html'][:200]}" for each in bad for node in each["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_fault_that_matters(browser: Browser, server: Server, scheme: Scheme) -> None:
    with watched(browser, scheme=scheme) as page:
        page.emulate_media(reduced_motion="reduce")  # what is still fading in has no contrast yet
        opened(page, server.address)
        names = page.locator(LINKS).all_inner_texts()
        assert len(names) >= 5
        found = {}
        for name in names:
            link = page.locator(LINKS, has_text=name)
            if link.get_attribute("aria-current") != "page":  # drawn again, it would be pale for a moment
                link.click()
            page.wait_for_selector(f"{LINKS}[aria-current=page]:has-text('{name}')")
            page.wait_for_selector(IDLE)
            if name == "Adapt":
                found["Adapt before a fit"] = faults(page, scheme)
                page.get_by_text("Settings of the fit").click()
                page.get_by_role("slider", name="Labelled images per class").press("Home")  # the quickest fit
                page.get_by_text(re.compile(r"^40 labelled \+ \d+ test")).wait_for()
                page.get_by_role("button", name="Play").click()
                page.get_by_text("augmentation policy").first.wait_for()
                page.wait_for_selector(".st-key-adapt-slices")
                page.wait_for_selector(IDLE)
            elif name == "Manifold":
                page.wait_for_selector(".st-key-manifold-chart .scatterlayer .point")
            found[name] = faults(page, scheme)
        opened(page, f"{server.address}/?lesson=invariance")
        page.locator(".st-key-lesson").wait_for()
        found["a lesson"] = faults(page, scheme)
        assert found == {name: [] for name in [*names, "Adapt before a fit", "a lesson"]}


def test_the_keyboard_reaches_all_of_ours_and_shows_where_it_is(page: Page, server: Server) -> None:
    opened(page, server.address)
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate(LOOK):
            break
    assert page.evaluate("() => window.__focused.size") > 20
    assert page.evaluate(MISSED) == []
