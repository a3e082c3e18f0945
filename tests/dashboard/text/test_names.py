"""Names in figures and in the report: as they are, whatever they mean to plotly or to HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.figures.control_matrix import matrix_figure
from dashboard.figures.cube import Line as Polyline
from dashboard.figures.cube import cube_figure
from dashboard.figures.fit_progress import Line, confusion_figure, score_figure, traces_figure
from dashboard.figures.landscape import Ground, Track, landscape_figure
from dashboard.figures.map import Cloud, Overlay, Way, map_figure
from dashboard.figures.risk_complexity import Dot, Extent, Lines, Rate, growth_figure, tradeoff_figure
from dashboard.figures.route import route_figure
from dashboard.figures.text import literal
from dashboard.figures.theme import LIGHT
from tests.names import LETTERS, TEXTS

GROUPS = [TEXTS[start : start + 5] for start in range(0, len(TEXTS), 5)]
OURS = re.compile(r"</?b>|<br>|<extra></extra>|%\{[\w.\[\]]+(:[^}]*)?\}")
"""What our own figures say to plotly."""


def texts(value: Any) -> Iterator[str]:
    """Every text in a part of a figure."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)


def ramp(*shape: int) -> np.ndarray:
    return np.linspace(0, 1, int(np.prod(shape))).reshape(shape)


def figures(names: Sequence[str]) -> dict[str, go.Figure]:
    """One of every kind, with these names wherever there are some."""
    count = len(names)
    spots = ramp(4, 2)
    cloud = Cloud(spots, np.array([[0, 1]]), ramp(4), names[0], (0, 1), np.ones(4, bool), "", ramp(4, 1))
    dots = [Dot(name, name, 0.1 + place, 0.1, 0.2, 0.3, False) for place, name in enumerate(names)]
    lines = Lines(np.array([0.1]), ramp(2), ramp(1, 2))
    return {
        "scores": score_figure([Line(name, ramp(2), ramp(2)) for name in names], 0.9, names[0], LIGHT),
        "traces": traces_figure(ramp(3, count), names, names[0], LIGHT),
        "confusion": confusion_figure(np.eye(count, dtype=int), names, LIGHT),
        "mapped": map_figure(
            cloud, Overlay({}, [Way(name, spots, "#000000") for name in names]), (names[0], names[1]), "", LIGHT
        ),
        "cube": cube_figure([Polyline(name, ramp(count).tolist(), "#000000") for name in names], names, LIGHT),
        "landscape": landscape_figure(
            Ground(ramp(2), ramp(2, 2), names[0], True, (names[0], names[1])),
            [Track(name, spots, "dot") for name in names],
            LIGHT,
        ),
        "matrix": matrix_figure(ramp(count, count), ramp(count), names, (names[0],), LIGHT),
        "route": route_figure(ramp(2), ramp(2, count), names, LIGHT),
        "tradeoff": tradeoff_figure(dots, lines, ramp(2), 0.5, Extent(1.0, 1.0), LIGHT),
        "growth": growth_figure(
            [10, 20], [Rate(name, [0.1, 0.2], name, "dash", "star") for name in names], 0.5, 10, LIGHT
        ),
    }


@pytest.mark.parametrize("names", GROUPS)
def test_figures_show_every_name_as_it_is(names: Sequence[str]) -> None:
    for kind, figure in figures(names).items():
        found = [OURS.sub("", text) for text in texts(figure.to_plotly_json())]
        for name in names:
            assert any(name in unescape(text) for text in found), (kind, name)
        for text in found:
            assert not re.search(r"[<>$]|%\{|&(?!#\d+;)", text), (kind, text)


@given(st.text(LETTERS + "\udcff", max_size=30))
def test_text_comes_back_from_a_figure(text: str) -> None:
    """Different names stay different, because they are categories of an axis."""
    assert unescape(literal(text)) == text.replace("\udcff", "\\udcff")
    assert (
        not set(literal(text)) & set("<>${}")
        and literal(text).isprintable() == text.replace("\udcff", "").isprintable()
    )
