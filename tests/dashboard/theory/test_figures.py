"""The Theory page's figures as pure functions: marks at their place, shapes and labels besides colour, grey above."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.figures.risk_complexity import Dot, Lines, growth_figure, reach, tradeoff_figure
from dashboard.figures.theme import DARK, LIGHT, Palette

ACROSS = np.linspace(0, 0.5, 6)
EDGE = np.array([0.3, 0.2, 0.1, 0.05, np.nan, np.nan])
LINES = Lines(np.array([0.1, 0.4]), ACROSS, np.array([[0.05, np.nan, np.nan, np.nan, np.nan, np.nan], EDGE / 2]))


def dots() -> list[Dot]:
    return [
        Dot("head", 0, 0.0, 0.10, 0.3, 0.15, False),
        Dot("fitted descriptor", 1, 0.01, 0.10, 0.2, 0.05, False),
        Dot("fine-tuning", 3, 0.4, 0.02, 0.9, None, True),
    ]


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_method_has_a_mark_a_shape_a_label_and_an_arrow(colours: Palette) -> None:
    figure = tradeoff_figure(dots(), LINES, EDGE, 0.5, colours)
    marks = {trace.name: trace for trace in figure.data if trace.mode == "markers"}
    assert marks["head"].x == (0.0,) and marks["head"].y == (0.10,)
    assert marks["head, other images"].y == (0.15,) and "fine-tuning, other images" not in marks
    assert marks["head, other images"].marker.symbol == f"{marks['head'].marker.symbol}-open"
    solid = [trace for name, trace in marks.items() if "other" not in name]
    assert len({trace.marker.symbol for trace in solid}) == len({trace.marker.color for trace in solid}) == 3
    arrows = [note for note in figure.layout.annotations if note.showarrow]
    assert [(note.ay, note.y) for note in arrows] == [(0.10, 0.15), (0.10, 0.05)]
    texts = {note.name: note.text for note in figure.layout.annotations if note.name}
    assert (
        "≤ 20.0%" in texts["fitted descriptor"] and "vacuous" in texts["fine-tuning"] and "vacuous" not in texts["head"]
    )


def test_labels_of_near_marks_do_not_lie_on_each_other() -> None:
    figure = tradeoff_figure(dots(), LINES, EDGE, 0.5, LIGHT)
    heights = sorted(note.y for note in figure.layout.annotations if note.name and note.xanchor == "left")
    top = figure.layout.yaxis.range[1]
    assert len(heights) == 2 and heights[1] - heights[0] > 0.04 * top
    assert next(note for note in figure.layout.annotations if note.name == "fine-tuning").xanchor == "right"
    assert figure.layout.xaxis.range[1] == reach(dots()) > 0.4


def test_the_vacuous_part_is_grey_from_the_edge_up_and_all_of_it_where_the_edge_has_ended() -> None:
    area = tradeoff_figure(dots(), LINES, EDGE, 0.5, LIGHT).data[0]
    count = len(ACROSS)
    assert area.fill == "toself" and list(area.y[:count]) == [0.3, 0.2, 0.1, 0.05, 0, 0]
    assert set(area.y[count:]) == {tradeoff_figure(dots(), LINES, EDGE, 0.5, LIGHT).layout.yaxis.range[1]}


def test_every_line_that_is_drawn_says_its_risk() -> None:
    texts = [note.text for note in tradeoff_figure(dots(), LINES, EDGE, 0.5, LIGHT).layout.annotations]
    assert "≤ 10%" in texts and "≤ 40%" in texts and "vacuous: certified above 50%" in texts


def test_promises_over_labels_are_told_apart_by_dash_and_shape() -> None:
    figure = growth_figure([40, 100], [("a", [0.5, 0.4]), ("b", [0.3, None])], 0.5, LIGHT)
    assert len({trace.line.dash for trace in figure.data}) == len({trace.marker.symbol for trace in figure.data}) == 2
    assert list(figure.layout.xaxis.ticktext) == ["40", "100"] and figure.layout.shapes[0].y0 == 0.5
