"""Figures of comparisons: what is ahead, what is behind and what nobody can tell are told apart without colour."""

from __future__ import annotations

import pytest

from dashboard.figures.cost import Price, cost_figure
from dashboard.figures.differences import Gain, differences_figure
from dashboard.figures.few_labels import Line, few_labels_figure
from dashboard.figures.theme import DARK, LIGHT, Palette

GAINS = (
    Gain("weak <b>", 9.0, 5.0, 13.0, [("a $1$", 8.0), ("b", 10.0)]),
    Gain("strong", -4.0, -6.0, -2.0),
    Gain("near", 0.5, -1.0, 2.0),
)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_the_hardest_rival_is_on_top_and_doubt_is_an_open_dot(colours: Palette) -> None:
    tasks, dots = differences_figure(GAINS, "measured", colours).data
    assert list(dots.y) == ["weak &#60;b&#62;", "near", "strong"], "plotly draws the last one on top"
    assert list(dots.marker.symbol) == ["circle", "circle-open", "circle"]
    assert list(dots.marker.color) == [colours.more, colours.quiet, colours.less]
    assert list(dots.error_x.array) == [4.0, 1.5, 2.0] and list(dots.error_x.arrayminus) == [4.0, 1.5, 2.0]
    assert list(tasks.x) == [8.0, 10.0] and "$" not in tasks.text[0]


def test_the_fit_is_the_thick_line_and_no_two_lines_look_alike() -> None:
    lines = [Line("fit", (0.5, 0.7), ours=True), *(Line(f"other {n}", (0.4, 0.6)) for n in range(5))]
    figure = few_labels_figure(lines, (5, 20), LIGHT)
    assert [trace.line.width for trace in figure.data] == [4, 2, 2, 2, 2, 2]
    assert figure.data[0].line.color == LIGHT.a and all(trace.line.color != LIGHT.a for trace in figure.data[1:])
    assert len({(trace.line.dash, trace.marker.symbol) for trace in figure.data}) == len(lines)
    assert figure.layout.xaxis.type == "log" and figure.layout.xaxis.ticktext == ("5", "20")


def test_the_quickest_is_on_top_and_the_fit_alone_has_its_colour() -> None:
    prices = [Price("fit", 0.4, None), Price("slow <b>", 60.0, 4.84), Price("none", 0.0, -30.0)]
    (trace,) = cost_figure(prices, LIGHT).data
    assert list(trace.y) == ["slow &#60;b&#62;", "fit", "none"], "plotly draws the last one on top"
    assert list(trace.x) == [60.0, 0.4, 1e-3] and [text.strip() for text in trace.text] == ["+4.8", "the fit", "−30.0"]
    assert [colour == LIGHT.a for colour in trace.marker.color] == [False, True, False]
