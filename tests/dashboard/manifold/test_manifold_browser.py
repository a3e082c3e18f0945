"""The manifold page in a real browser: a click sets the descriptor everywhere, cancelling leaves the old map."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from core import load_checkpoint
from core.manifold import ExtractorMap, load_map
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
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("cancelled; everything is as it was.")).to_be_visible()
    page.wait_for_selector(IDLE)
    expect(made).to_be_visible()
    assert page.evaluate(SPOT, [CHART, 5])[0] == pytest.approx(before[0], abs=1)
    expect(page.get_by_role("button", name="Make the map")).to_be_enabled()
