"""Figures as pure functions: what is drawn, where, in which colour."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dashboard import figures, theme
from dashboard.theme import DARK, LIGHT

FRAMES = np.linspace(-90, 90, 7)
POINTS = np.linspace(-90, 90, 13)


def trace(label: str, height: float = 0.5, *, muted: bool = False) -> figures.Trace:
    movement = np.abs(POINTS) / 90 * height
    band = movement[::2]
    return figures.Trace(label, POINTS, movement, FRAMES, 0.8 * band, 1.2 * band, muted)


def by_name(figure, name: str):
    return next(each for each in figure.data if each.name == name)


def test_curve_shows_both_descriptors_in_their_colours_with_bands_and_reference_line() -> None:
    figure = figures.sensitivity_figure([trace("A"), trace("B", 0.9)], FRAMES, "turn, °", LIGHT)
    a, b = by_name(figure, "A"), by_name(figure, "B")
    assert (a.line.color, a.line.dash) == (LIGHT.a, "solid")
    assert (b.line.color, b.line.dash) == (LIGHT.b, "dash")
    np.testing.assert_allclose(a.y, trace("A").movement)
    np.testing.assert_allclose(by_name(figure, "A high").y, trace("A").high)
    assert by_name(figure, "A high").fill == "tonexty"
    assert [shape.y0 for shape in figure.layout.shapes] == [1]
    assert figure.layout.xaxis.title.text == "turn, °"


def test_curve_axis_is_fixed_and_its_ticks_stand_under_the_columns_of_the_filmstrip() -> None:
    low, high = (
        figures.sensitivity_figure([trace("A", height)], FRAMES, "turn", LIGHT).layout for height in (0.1, 1.5)
    )
    assert low.yaxis.range == high.yaxis.range
    left, right = low.xaxis.range
    centres = left + (np.arange(len(FRAMES)) + 0.5) * (right - left) / len(FRAMES)
    np.testing.assert_allclose(centres, FRAMES)
    assert low.margin.l == theme.GUTTER and low.margin.r == 0


def test_a_collapsed_curve_is_grey() -> None:
    figure = figures.sensitivity_figure([trace("A", muted=True)], FRAMES, "turn", DARK)
    assert by_name(figure, "A").line.color == DARK.quiet


@pytest.mark.parametrize("heights", [(0.5, 0.5), (0.0, 0.02), (1.4, 1.4), (0.2, 0.9)])
def test_end_labels_never_overlap_and_stay_inside(heights: tuple[float, float]) -> None:
    figure = figures.sensitivity_figure([trace("A", heights[0]), trace("B", heights[1])], FRAMES, "turn", LIGHT)
    a, b = (note.y for note in figure.layout.annotations if note.text in ("<b>A</b>", "<b>B</b>"))
    assert abs(a - b) >= 0.129
    assert all(0 <= y <= theme.MOVEMENT_LIMIT for y in (a, b))


@pytest.mark.parametrize("count", [1, 3, 6])
def test_overview_has_one_row_per_axis_and_prints_every_number(count: int) -> None:
    names = [f"axis {number}" for number in range(count)]
    profiles = [figures.Profile("A", np.full(count, 0.04)), figures.Profile("B", np.full(count, 2.0))]
    figure = figures.overview_figure(profiles, names, names[-1], LIGHT)
    texts = [note.text for note in figure.layout.annotations]
    assert texts.count(theme.percent(0.04)) == texts.count(theme.percent(2)) == count
    assert figure.layout.yaxis.ticktext[-1] == f"<b>{names[-1]}</b>"
    assert max(by_name(figure, "B").x) < theme.MOVEMENT_LIMIT
    assert len(figures.overview_figure(profiles[:1], names, names[0], LIGHT).data) == 1


def test_filmstrip_describes_and_escapes() -> None:
    frames = [figures.Frame(value, "data:p", "data:s") for value in (-1.0, 0.0, 1.0)]
    html = figures.strip_html(frames, '<cat> "x"', "turn", "°")
    assert html.count("<img") == 6 and html.count("alt=") == 6
    assert "original" in html and "−1" in html and "+1" in html
    assert "<cat>" not in html and '"x"' not in html


def test_numbers_are_text_in_the_colour_of_their_descriptor() -> None:
    rows = [figures.Row("A", np.array([1.0, 0.954, -0.001, -0.2])), figures.Row("B", np.zeros(4), muted=True)]
    html = figures.numbers_html(rows, LIGHT)
    assert re.findall(r">(−?\d\.\d\d)<", html) == ["1.00", "0.95", "0.00", "−0.20"] + ["0.00"] * 4
    assert html.count(LIGHT.a) == 5 and html.count(LIGHT.quiet) == 5 and LIGHT.b not in html


def test_colours_have_enough_contrast() -> None:
    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colours in (LIGHT, DARK):
        for colour in (colours.a, colours.b, colours.ink, colours.quiet):
            bright, dark = sorted((luminance(colour), luminance(colours.surface)), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= 4.5, (colour, colours.surface)


def test_the_theme_file_has_the_same_colours() -> None:
    import tomllib
    from pathlib import Path

    config = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())["theme"]
    for name, colours in (("light", LIGHT), ("dark", DARK)):
        found = config[name]
        assert found["primaryColor"] == found["blueTextColor"] == colours.a
        assert found["orangeTextColor"] == colours.b


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (-0.0, "0"), (30, "+30"), (-0.4, "−0.4"), (1 / 3, "+0.333")])
def test_signed(value: float, text: str) -> None:
    assert theme.signed(value) == text
