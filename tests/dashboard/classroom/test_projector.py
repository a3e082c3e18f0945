"""Figures for the back row: thick, dashed, large; and every figure of the pages goes through it."""

from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard import figures
from dashboard.figures.fit_progress import Line, confusion_figure, score_figure, slices_figure, traces_figure
from dashboard.figures.projector import TEXT, THREAD, WIDTH, projected
from dashboard.figures.theme import DARK, LIGHT

NAMES = ("turn", "tint", "blur")
LINES = [
    Line("this fit", np.arange(3.0), np.array([0.1, 0.5, 0.9]), method="ours"),
    Line("other", np.array([1.0]), np.array([0.4]), method="pixels"),
]
FIGURES = {
    "scores": score_figure(LINES, 0.9, "accuracy", LIGHT),
    "traces": traces_figure(np.random.rand(9, 3), NAMES, "descriptor", DARK),
    "slices": slices_figure(np.linspace(0, 1, 5), np.random.rand(3, 5), NAMES, LIGHT),
    "confusion": confusion_figure(np.eye(3), NAMES, LIGHT),
    "matrix": figures.matrix_figure(np.eye(3), np.zeros(3), NAMES, ("measured", "here"), LIGHT),
    "plain": go.Figure([go.Scatter(y=[1, 2], name=name) for name in NAMES]),
}


@pytest.mark.parametrize("name", FIGURES)
def test_text_is_large_and_lines_are_thick_and_dashed(name: str) -> None:
    before = json.loads(FIGURES[name].to_json())
    figure = projected(FIGURES[name])
    assert json.loads(FIGURES[name].to_json()) == before, "the figure itself is left alone"
    lines = [trace for trace in figure.data if trace.type == "scatter"]
    assert all(trace.line.width >= WIDTH for trace in lines)
    places = {(trace.xaxis, trace.line.dash or "solid") for trace in lines}
    assert len(places) == len(lines), "told apart without colour: by dashes, or by the panel they are in"
    fonts = [figure.layout.font, figure.layout.legend.font, *(note.font for note in figure.layout.annotations)]
    axes = [*figure.select_xaxes(), *figure.select_yaxes()]
    fonts += [font for axis in axes for font in (axis.tickfont, axis.title.font)]
    assert all(font.size >= TEXT for font in fonts)
    assert all(axis.automargin for axis in axes)


def test_threads_stay_thin_and_a_figure_may_say_its_height() -> None:
    figure = go.Figure([go.Scatter(y=[1, 2], line={"width": THREAD}), go.Scatter(y=[1, 2])], {"height": 500})
    found = projected(figure)
    assert [trace.line.width for trace in found.data] == [THREAD, WIDTH] and found.layout.height > 500
    assert projected(figure.update_layout(meta={"projected": 300})).layout.height == 300
