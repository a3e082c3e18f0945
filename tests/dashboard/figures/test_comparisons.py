"""Figures of comparisons: what is ahead, what is behind and what nobody can tell are told apart without colour."""

from __future__ import annotations

import math

import pytest

from core.baselines import BY_HAND, METHODS, OURS
from core.certificates import comparators
from dashboard.figures.cost import Price, cost_figure
from dashboard.figures.differences import Gain, differences_figure
from dashboard.figures.few_labels import Line, few_labels_figure
from dashboard.figures.methods import look
from dashboard.figures.theme import DARK, LIGHT, Palette
from dashboard.figures.trade import Place, trade_figure, trade_said

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
    assert list(dots.marker.color) == [colours.a, colours.quiet, colours.ink]
    assert list(dots.error_x.array) == [4.0, 1.5, 2.0] and list(dots.error_x.arrayminus) == [4.0, 1.5, 2.0]
    assert list(tasks.x) == [8.0, 10.0] and "$" not in tasks.text[0]


def test_the_fit_is_the_thick_line_and_no_two_lines_look_alike() -> None:
    lines = [Line(method, method, (0.5, 0.7)) for method in METHODS]
    figure = few_labels_figure(lines, (5, 20), LIGHT)
    assert [trace.line.width for trace in figure.data] == [4, *[2] * (len(METHODS) - 1)]
    assert figure.data[0].line.color == LIGHT.a and all(trace.line.color != LIGHT.a for trace in figure.data[1:])
    assert len({(trace.line.dash, trace.marker.symbol) for trace in figure.data}) == len(lines)
    assert figure.layout.xaxis.type == "log" and figure.layout.xaxis.ticktext == ("5", "20")


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_a_method_looks_like_itself_on_every_page_and_like_no_other(colours: Palette) -> None:
    every = [*METHODS, BY_HAND]
    looks = {method: look(method, colours) for method in every}
    assert len({(each.colour, each.symbol) for each in looks.values()}) == len(every)
    assert len({(each.colour, each.dash) for each in looks.values()}) == len(every)
    assert [method for method in every if looks[method].colour == colours.a] == [OURS]
    assert [method for method in every if looks[method].colour == colours.b] == [BY_HAND]
    assert not {each.colour for each in looks.values()} & {colours.more, colours.less}, "which are ends of a scale"
    certified = {method: look(method, colours) for method in comparators.METHODS}
    same = dict(zip(("i=0.5", "i=0", OURS), comparators.EXACT, strict=True))
    same |= {"finetune-backbone": "fine-tuning", "scratch": "from scratch"}
    assert all(looks[here] == certified[there] for here, there in same.items())
    assert look(OURS, colours, 1).dash != looks[OURS].dash, "an earlier run of the same"


def test_where_a_method_did_not_run_it_has_no_mark_and_its_line_goes_on() -> None:
    (trace,) = few_labels_figure([Line("scratch", "slow", (0.5, math.nan, 0.7))], (5, 10, 20), LIGHT).data
    assert list(trace.y) == [0.5, None, 0.7] and trace.connectgaps and trace.text[1] == ""


def test_the_quickest_is_on_top_and_the_fit_alone_has_its_colour() -> None:
    prices = [Price("fit", 0.4, None), Price("slow <b>", 60.0, 4.84), Price("none", 0.0, -30.0)]
    (trace,) = cost_figure(prices, LIGHT).data
    assert list(trace.y) == ["slow &#60;b&#62;", "fit", "none"], "plotly draws the last one on top"
    assert list(trace.x) == [60.0, 0.4, 1e-3] and [text.strip() for text in trace.text] == ["+4.8", "the fit", "−30.0"]
    assert [colour == LIGHT.a for colour in trace.marker.color] == [False, True, False]


PLACES = (
    Place("low", 20.0, 1.0, -6.0, on_line=True),
    Place("as <it> is", 12.0, 1.5, -3.04, on_line=True, shipped=True),
    Place("high", 4.0, 2.0, 0.5, on_line=True),
    Place("quiet", 9.0, 1.0, -4.0),
    Place("loud", 10.0, 1.2, -5.0),
)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_the_thresholds_are_a_line_on_which_the_shipped_one_stands_out(colours: Palette) -> None:
    half, opened, *others = trade_figure(PLACES, colours).data
    assert list(half.x) == list(opened.x) == [20.0, 12.0, 4.0]
    assert list(half.y) == [-6.0, -3.04, 0.5] and list(opened.y) == [1.0, 1.5, 2.0]
    assert half.line.dash != opened.line.dash and half.marker.symbol != opened.marker.symbol
    assert [colour == colours.a for colour in half.marker.color] == [False, True, False]
    assert half.marker.size[1] > half.marker.size[0] and half.text[1] == "as &#60;it&#62; is"
    assert half.customdata[1] == "as &#60;it&#62; is: 12.0 times, −3.0 points"
    assert [(list(mark.x), list(mark.y), mark.mode) for mark in others] == [
        ([9.0], [-4.0], "markers"), ([10.0], [-5.0], "markers"),
    ]  # fmt: skip
    assert len({mark.marker.symbol for mark in others}) == 2
    assert {mark.marker.color for mark in others} == {colours.quiet}, "no other method has their colour"


def test_what_the_thresholds_trade_is_said_in_numbers() -> None:
    said = trade_said(PLACES)
    assert "12.0 times less" in said and "−3.0 points" in said and "+1.5 at i = 0" in said
    assert "From “low” to “high” control goes from 20.0 to 4.0 times" in said and "from −6.0 to +0.5" in said
    assert trade_said(PLACES[3:]) == "No thresholds were compared."
