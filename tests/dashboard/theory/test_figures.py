"""The Theory page's figures as pure functions: marks at their place, shapes and labels besides colour, grey above."""

from __future__ import annotations

import numpy as np
import pytest

from core.certificates.comparators import METHODS
from core.certificates.feature_bank import OURS
from dashboard.figures.risk_complexity import Dot, Extent, Lines, Rate, extent, growth_figure, tradeoff_figure
from dashboard.figures.theme import DARK, LIGHT, Palette

ACROSS = np.linspace(0, 0.5, 6)
EDGE = np.array([0.3, 0.2, 0.1, 0.05, np.nan, np.nan])
LINES = Lines(np.array([0.1, 0.4]), ACROSS, np.array([[0.05, np.nan, np.nan, np.nan, np.nan, np.nan], EDGE / 2]))

SIZE = Extent(0.5, 0.7)


def dots() -> list[Dot]:
    return [
        Dot("head", "head, i = 0.5", 0.0, 0.10, 0.3, 0.15, False),
        Dot("fitted descriptor", "fitted descriptor", 0.01, 0.10, 0.2, 0.05, False),
        Dot("fine-tuning", "fine-tuning", 0.4, 0.02, 0.9, None, True),
    ]


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_method_has_a_mark_a_shape_a_name_and_an_arrow(colours: Palette) -> None:
    figure = tradeoff_figure(dots(), LINES, EDGE, 0.5, SIZE, colours)
    marks = {trace.name: trace for trace in figure.data if trace.mode == "markers"}
    assert marks["head"].x == (0.0,) and marks["head"].y == (0.10,)
    assert marks["head, other images"].y == (0.15,) and "fine-tuning, other images" not in marks
    assert marks["head, other images"].marker.symbol == f"{marks['head'].marker.symbol}-open"
    solid = [trace for name, trace in marks.items() if "other" not in name]
    assert len({trace.marker.symbol for trace in solid}) == len({trace.marker.color for trace in solid}) == 3
    arrows = [note for note in figure.layout.annotations if note.showarrow]
    assert [(note.ay, note.y) for note in arrows] == [(0.10, 0.15), (0.10, 0.05)]
    named = [trace.name for trace in figure.data if trace.showlegend]
    assert named == ["head", "fitted descriptor", "fine-tuning"], "in a legend, names do not collide"


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_no_two_methods_share_a_shape_and_the_fit_has_a_colour_of_its_own(colours: Palette) -> None:
    every = [Dot(name, name, 0.1, 0.1, 0.3, None, False) for name in METHODS]
    marks = [each.marker for each in tradeoff_figure(every, LINES, EDGE, 0.5, SIZE, colours).data if each.marker.symbol]
    assert len({mark.symbol for mark in marks}) == len(METHODS) == 6
    assert [mark.color == colours.a for mark in marks] == [name == OURS for name in METHODS]


def test_axes_stay_while_marks_move() -> None:
    few, many = dots()[:1], dots()
    size = extent(many, 0.5)
    assert size.right > 0.4 and 0.5 < size.top <= 1 and extent(few, 0.5).right < size.right
    ranges = [
        (figure.layout.xaxis.range, figure.layout.yaxis.range)
        for figure in (tradeoff_figure(each, LINES, EDGE, 0.5, size, LIGHT) for each in (few, many))
    ]
    assert ranges[0] == ranges[1]


def test_the_vacuous_part_is_grey_from_the_edge_up_and_all_of_it_where_the_edge_has_ended() -> None:
    area = tradeoff_figure(dots(), LINES, EDGE, 0.5, SIZE, LIGHT).data[0]
    count = len(ACROSS)
    assert area.fill == "toself" and list(area.y[:count]) == [0.3, 0.2, 0.1, 0.05, 0, 0]
    assert set(area.y[count:]) == {tradeoff_figure(dots(), LINES, EDGE, 0.5, SIZE, LIGHT).layout.yaxis.range[1]}


def test_every_line_that_is_drawn_says_its_risk() -> None:
    texts = [note.text for note in tradeoff_figure(dots(), LINES, EDGE, 0.5, SIZE, LIGHT).layout.annotations]
    assert "≤ 10%" in texts and "≤ 40%" in texts and "nothing promised: above 50%" in texts


def test_a_risk_stands_further_left_where_another_is_in_its_way() -> None:
    close = np.array([[0.4, 0.3, 0.2, 0.1, 0.1, 0.1], [0.2, 0.15, 0.1, 0.1, 0.1, 0.1]])
    lines = Lines(np.array([0.4, 0.3]), ACROSS, close)
    notes = tradeoff_figure(dots(), lines, EDGE, 0.5, SIZE, LIGHT).layout.annotations
    places = {note.text: note.x for note in notes if note.text.startswith("≤")}
    assert places["≤ 30%"] < places["≤ 40%"]


def test_rates_over_labels_have_the_colour_of_their_method_and_a_dash_each() -> None:
    rates = [
        Rate("promised", [0.5, 0.4], OURS, "solid", "star"),
        Rate("measured", [0.3, None], OURS, "dot", "circle"),
        Rate("test set", [0.3, 0.2], None, "dash", "square"),
    ]
    figure = growth_figure([40, 100], rates, 0.5, 40, LIGHT)
    assert len({trace.line.dash for trace in figure.data}) == len({trace.marker.symbol for trace in figure.data}) == 3
    colours = [trace.line.color for trace in figure.data]
    assert colours[0] == colours[1] != colours[2]
    assert list(figure.layout.xaxis.ticktext) == ["40", "100"] and list(figure.layout.yaxis.range) == [0, 1.02]
    grey, now = figure.layout.shapes
    assert (grey.y0, grey.y1, now.x0) == (0.5, 1.02, 40)
    assert growth_figure([40, 100], rates, 0.5, 100, LIGHT).layout.xaxis.range == figure.layout.xaxis.range
