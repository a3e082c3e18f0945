"""The manifold page in a real browser: a click sets the descriptor everywhere, cancelling leaves the old map."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from core import load_checkpoint
from core.manifold import ExtractorMap, load_map, told
from dashboard.session.settings import rounded
from tests.browser import IDLE, Server, settled, slider, watched

CHART = ".st-key-manifold-chart"
# Where row ``n`` of the points' trace is on the screen.
SPOT = """([chart, n]) => {
  const plot = document.querySelector(chart + ' .js-plotly-plot'), layout = plot._fullLayout;
  const trace = plot._fullData.find(each => each.name === 'points'), box = plot.getBoundingClientRect();
  return [box.x + layout.xaxis._offset + layout.xaxis.l2p(trace.x[n]),
          box.y + layout.yaxis._offset + layout.yaxis.l2p(trace.y[n])];
}"""


@pytest.fixture(scope="module")
def mapped() -> ExtractorMap:
    return load_map(load_checkpoint().metadata["digest"])


@pytest.fixture
def page(browser: Browser, server: Server, mapped: ExtractorMap) -> Iterator[Page]:
    with watched(browser, height=1100) as page:
        page.goto(server.address)
        page.get_by_role("link", name="Manifold").click()
        page.wait_for_selector(f"{CHART} .scatterlayer .point")
        page.wait_for_selector(IDLE)
        yield page


def lonely(mapped: ExtractorMap) -> int:
    """The point that is farthest from any other on the map, so that a click can only mean this one."""
    positions = mapped.layout("umap", 2).positions
    apart = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    return int(apart.min(1).argmax())


def test_a_click_sets_the_descriptor_everywhere(page: Page, mapped: ExtractorMap) -> None:
    row = lonely(mapped)
    page.mouse.click(*page.evaluate(SPOT, [CHART, row]))
    wanted = [rounded(float(value)) for value in mapped.points[row]]
    for number, value in enumerate(wanted):
        expect(slider(page, number)).to_have_value(f"{value:g}")
    page.get_by_role("link", name="Explore").click()
    settled(page)
    for number, value in enumerate(wanted):
        expect(slider(page, number)).to_have_value(f"{value:g}")
    assert "a=" in page.url


def test_cancelling_leaves_the_old_map(page: Page, mapped: ExtractorMap) -> None:
    made = page.get_by_text(f"seed {mapped.settings.seed}, checkpoint {mapped.checkpoint}")
    expect(made).to_be_visible()
    before = page.evaluate(SPOT, [CHART, 5])
    page.get_by_role("radio", name="another map").click()
    page.get_by_role("button", name="Make the map").click()
    expect(page.get_by_text("Making the map").first).to_be_visible()
    page.get_by_role("button", name="Cancel").first.click()
    expect(page.get_by_text("cancelled; everything is as it was.")).to_be_visible()
    page.wait_for_selector(IDLE)
    expect(made).to_be_visible()
    assert page.evaluate(SPOT, [CHART, 5])[0] == pytest.approx(before[0], abs=1)
    expect(page.get_by_role("button", name="Make the map")).to_be_enabled()


def test_pointing_at_a_dot_shows_at_once_what_its_extractor_finds(page: Page, mapped: ExtractorMap) -> None:
    assert mapped.line_ups
    row, axis = lonely(mapped), int(told(mapped.layout("umap", 2).positions, mapped.points).argmax())
    page.wait_for_selector(".lookup[data-listening=true]")
    page.mouse.move(*page.evaluate(SPOT, [CHART, row]))
    expect(page.locator(".lookup")).to_have_attribute("data-point", str(row), timeout=2000)
    wanted = mapped.line_ups.order[row, axis].tolist()
    expect(page.locator(".lookup .line").first).to_have_attribute("data-order", " ".join(map(str, wanted)))


def test_a_stored_task_is_drawn_without_waiting(page: Page) -> None:
    page.get_by_role("radio", name="the walk").click()
    expect(page.get_by_text("Three fits from the file")).to_be_visible()
    expect(page.locator(".st-key-manifold-landscape .js-plotly-plot")).to_be_visible()
    expect(page.get_by_role("button", name="Compute the landscape")).to_have_count(0)


def test_a_projector_shows_the_map_before_anything_else(browser: Browser, server: Server) -> None:
    with watched(browser, width=1280, height=720) as page:
        page.goto(f"{server.address}/manifold?projector=1")
        page.wait_for_selector(f"{CHART} .scatterlayer .point")
        page.wait_for_selector(IDLE)
        box = page.locator(f"{CHART} .js-plotly-plot").bounding_box()
        assert box and box["y"] < 360, "half of the screen at least is the map's"
