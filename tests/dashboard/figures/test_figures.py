"""Figures as pure functions: what they show, in which colour, and what a reader of the screen hears."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from dashboard import figures
from dashboard.figures import Cell, Row, theme
from dashboard.figures.bars import Bar, bars_html
from dashboard.figures.theme import DARK, LIGHT

NAMES = ("turn", "tint", "blur")
MATRIX = np.array([[0.4, -0.02, 0.0], [0.01, 0.3, 0.05], [0.0, -0.3, 0.2]])


def picture(value: int = 128) -> np.ndarray:
    return np.full((16, 16, 3), value, dtype=np.uint8)


def test_the_matrix_prints_every_number_and_is_centred_on_zero() -> None:
    figure = figures.matrix_figure(MATRIX, np.array([-1, -0.5, 0.2]), NAMES, ("measured", "here"), LIGHT)
    (heat,) = figure.data
    assert heat.zmin == -heat.zmax and heat.colorscale[1][1] == LIGHT.surface
    texts = [note.text for note in figure.layout.annotations]
    assert {"<b>+0.40</b>", "−0.02", "−0.30", "+1.00", "+0.50", "−0.20", "measured<br>here"} <= set(texts)
    assert len(texts) == 9 + 3 + 2


def test_the_matrix_of_a_collapsed_model_has_no_colour() -> None:
    grey = theme.greyed(DARK)
    assert grey.more == grey.less == grey.a == grey.b == DARK.quiet


@pytest.mark.parametrize("count", [3, 6])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_fingerprint_stays_inside_and_never_stands_alone(count: int, value: float) -> None:
    svg = figures.descriptor_svg([value] * count, LIGHT.a, LIGHT.quiet)
    assert svg.count("<circle") == count and "nan" not in svg
    html = figures.card_html(svg, [value] * count, ["<turn>"] * count)
    assert "alt=" in html and html.count("&lt;turn&gt;") == 2 * count and "<turn>" not in html


def test_a_sheet_describes_and_escapes() -> None:
    rows = [Row('<A> "x"', [Cell(picture(), 'a "cat"', "1.00"), Cell(picture(), "b", "−0.20")], LIGHT.a)]
    html = figures.sheet_html(["−1", "+1"], rows)
    assert html.count("<img") == html.count("alt=") == 2
    assert "<A>" not in html and 'a "cat"' not in html and "−0.20" in html and LIGHT.a in html


def test_a_sheet_on_paper_has_its_pictures_and_its_caption() -> None:
    row = Row("A", [Cell(picture(10), "", "0.5")] * 3, LIGHT.a)
    short, long = (
        Image.open(io.BytesIO(figures.sheet_png(["−1", "0", "+1"], [row], [text]))) for text in ("said", "said " * 90)
    )
    assert short.mode == "RGB" and long.height > short.height
    assert (np.asarray(short) == 10).all(2).sum() > 3 * 100 * 100


def test_heat_grows_in_lightness() -> None:
    ramp = figures.heat(np.linspace(0, 2, 50)[None], 2.0)[0].astype(float) @ [0.2126, 0.7152, 0.0722]
    assert np.all(np.diff(ramp) > -1) and ramp[0] < 5 and ramp[-1] > 200


def test_a_glow_leaves_grey_where_nothing_is() -> None:
    values = np.zeros((8, 8))
    values[6:, 6:] = 1
    found = figures.glow(picture(200), values)
    assert found.shape == (16, 16, 3) and len(set(found[0, 0])) == 1 and found[-1, -1, 0] > found[-1, -1, 2]


def test_colours_have_enough_contrast() -> None:
    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colours in (LIGHT, DARK):
        for colour in (colours.a, colours.b, colours.ink, colours.quiet, colours.more, colours.less):
            bright, dark = sorted((luminance(colour), luminance(colours.surface)), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= 4.5, (colour, colours.surface)


def test_the_theme_file_has_the_same_colours() -> None:
    import tomllib
    from pathlib import Path

    file = Path(__file__).parents[3] / ".streamlit" / "config.toml"
    config = tomllib.loads(file.read_text(encoding="utf-8"))["theme"]
    for name, colours in (("light", LIGHT), ("dark", DARK)):
        found = config[name]
        assert found["primaryColor"] == found["blueTextColor"] == colours.a
        assert found["orangeTextColor"] == colours.b


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (-0.0, "0"), (30, "+30"), (-0.4, "−0.4"), (1 / 3, "+0.333")])
def test_signed(value: float, text: str) -> None:
    assert theme.signed(value) == text


@pytest.mark.parametrize(("value", "text"), [(-0.04, "+0.0"), (8, "+8.0"), (-4.25, "−4.2"), (36.31, "+36.3")])
def test_points_have_one_decimal(value: float, text: str) -> None:
    assert theme.points(value) == text


def test_bars_are_on_one_scale_and_say_their_numbers() -> None:
    drawn = bars_html([Bar("a < b", 0.5, "50 %"), Bar("long", 2.0, "200 %"), Bar("none", -0.1, "−10 %")])
    assert re.findall(r"width:([0-9.]+)%", drawn) == ["25.0", "100.0", "0.0"]
    assert "a &lt; b" in drawn and "<b>−10 %</b>" in drawn
    assert re.findall(r"width:([0-9.]+)%", bars_html([Bar("half", 0.5, "")])) == ["50.0"]
