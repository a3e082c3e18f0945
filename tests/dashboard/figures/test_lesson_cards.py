"""The pictures on lessons' cards: whole drawings, names that do not lie on one another, and a text for each."""

from __future__ import annotations

import base64
import re
from html import unescape
from xml.etree import ElementTree

import numpy as np
import pytest

from dashboard.figures import lesson_cards as cards
from dashboard.figures.lesson_cards import HEIGHT, WIDTH, Curve
from dashboard.figures.theme import DARK, LIGHT

PIXEL = "data:image/png;base64,iVBORw0KGgo="
ALT = 'A "cat" & others'
CURVES = [Curve("A ignores", [0.0, 0.0, 0.0], LIGHT.a), Curve("B keeps", [0.0, 0.01, 0.02], LIGHT.b)]
DRAWN = {
    "strip": cards.strip([PIXEL] * 7, CURVES, ALT, LIGHT),
    "lines": cards.lines(CURVES, "labels", ALT, DARK),
    "sheet": cards.sheet([PIXEL] * 40, 10, ALT),
    "dials": cards.dials([PIXEL] * 5, [(str(n), 30.0 * n) for n in range(5)], ALT, LIGHT),
    "sliders": cards.sliders([PIXEL] * 3, [(f"axis {n}", n / 5) for n in range(6)], ALT, LIGHT),
    "dots": cards.dots(np.random.default_rng(0).normal(size=(50, 2)), np.arange(50.0), ALT),
}


def root(html: str) -> ElementTree.Element:
    found = re.search(r"base64,([^\"]+)\" alt", html)
    assert found
    return ElementTree.fromstring(base64.b64decode(found[1]))


@pytest.mark.parametrize("name", DRAWN)
def test_a_card_is_a_whole_drawing_with_its_text(name: str) -> None:
    said = re.search(r'alt="([^"]*)"', DRAWN[name])
    assert said and unescape(said[1]) == ALT
    drawn = root(DRAWN[name])
    assert drawn.get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
    for image in (each for each in drawn if each.tag.endswith("image")):
        x, y, side = (float(image.get(name) or "nan") for name in ("x", "y", "width"))
        assert min(x, y) >= -0.1 and x + side <= WIDTH + 0.1 and y + side <= HEIGHT + 0.1


@pytest.mark.parametrize("name", ["strip", "lines"])
def test_names_of_lines_do_not_lie_on_one_another(name: str) -> None:
    heights = [float(each.get("y") or 0) for each in root(DRAWN[name]) if each.tag.endswith("text")]
    assert abs(heights[-1] - heights[-2]) >= 12 and max(heights) <= HEIGHT


def test_a_knob_stands_where_the_fit_has_put_it() -> None:
    across = [float(each.get("cx") or 0) for each in root(DRAWN["sliders"]) if each.get("r") == "6"]
    assert across == sorted(across) and across[-1] - across[0] == pytest.approx(160)


def test_an_angle_stands_nearer_to_its_own_name_than_to_the_next() -> None:
    drawn = list(root(DRAWN["dials"]))
    names = [float(each.get("x") or 0) for each in drawn if each.tag.endswith("text")]
    rings = [float(each.get("cx") or 0) for each in drawn if each.tag.endswith("circle")]
    gaps = [(ring - name, after - ring) for name, ring, after in zip(names, rings, names[1:], strict=False)]
    assert gaps and all(own < other for own, other in gaps)
