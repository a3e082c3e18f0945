"""The Theory page in a real browser: the slider for the number of labels moves the mark, console errors fail."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser import IDLE, Server

# Where the fitted descriptor's mark is, in the chart's own numbers.
MARK = """() => {
  const plot = document.querySelector('.st-key-theory-chart .js-plotly-plot');
  const named = plot && plot._fullData && plot._fullData.filter(each => each.showlegend);
  const mark = named && named.find(each => each.name.startsWith('fitted descriptor'));
  return mark ? [mark.x[0], mark.y[0]].join(' ') : '';
}"""

AXES = """() => ['tradeoff', 'growth'].map(name => {
  const layout = document.querySelector(`.st-key-theory-${name} .js-plotly-plot`)._fullLayout;
  return [layout.xaxis.range, layout.yaxis.range];
})"""


def test_fewer_labels_move_the_mark(page: Page, server: Server) -> None:
    page.goto(f"{server.address}/theory")
    page.wait_for_function(MARK)
    page.wait_for_selector(IDLE)
    before, axes = page.evaluate(MARK), page.evaluate(AXES)
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowLeft")
    page.wait_for_function(f"before => {{ const now = ({MARK})(); return now && now !== before; }}", arg=before)
    page.wait_for_selector(IDLE)
    assert page.evaluate(AXES) == axes, "axes stay while the mark moves"
    page.get_by_text("In nats: the table, the formula, the conditions").click()
    page.get_by_text("It holds under these conditions.").wait_for()
