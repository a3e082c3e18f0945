"""The Theory page in a real browser: the slider for the number of labels moves the mark, console errors fail."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser import IDLE, Server

# Where the fitted descriptor's mark is, in the chart's own numbers.
MARK = """() => {
  const plot = document.querySelector('.st-key-theory-chart .js-plotly-plot');
  const mark = plot && plot._fullData && plot._fullData.find(each => each.name === 'fitted descriptor');
  return mark ? [mark.x[0], mark.y[0]].join(' ') : '';
}"""


def test_fewer_labels_move_the_mark(page: Page, server: Server) -> None:
    page.goto(f"{server.address}/theory")
    page.wait_for_function(MARK)
    page.wait_for_selector(IDLE)
    before = page.evaluate(MARK)
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowLeft")
    page.wait_for_function(f"before => {{ const now = ({MARK})(); return now && now !== before; }}", arg=before)
    page.wait_for_selector(IDLE)
    assert page.get_by_text("It holds under these conditions.").is_visible()
