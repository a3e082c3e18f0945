"""The radar: a ring for every extractor, told apart without colour, and one sentence that is true."""

from __future__ import annotations

import pytest

from dashboard.figures.radar import Ring, radar_figure, radar_said
from dashboard.figures.theme import DARK, LIGHT, Palette

AXES = ("turn", "tint", "blur")
RINGS = (
    Ring("Keep all", (0.1, -0.4, 0.3)),
    Ring("Ignore all", (0.6, 0.9, 0.5)),
    Ring("plain SimCLR", (0.2, 0.25, 0.7), reference=True),
    Ring("frozen backbone", (0.3, 0.5, 0.4), reference=True),
)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_ring_is_closed_and_told_apart_without_colour(colours: Palette) -> None:
    figure = radar_figure(RINGS, AXES, "measured", colours)
    assert [trace.name for trace in figure.data] == [ring.name for ring in RINGS]
    for trace in figure.data:
        assert len(trace.r) == len(AXES) + 1 and trace.r[0] == trace.r[-1] and trace.theta[0] == trace.theta[-1]
    assert len({(trace.line.dash, trace.marker.symbol) for trace in figure.data}) == len(RINGS)
    assert [trace.line.color == colours.quiet for trace in figure.data] == [ring.reference for ring in RINGS]
    assert [note.text for note in figure.layout.annotations] == ["measured"]


def test_what_lies_below_zero_is_drawn_at_the_centre_and_says_its_number() -> None:
    keep = radar_figure(RINGS, AXES, "", LIGHT).data[0]
    assert keep.r == (0.1, 0, 0.3, 0.1) and keep.text == ("+0.1", "−0.4", "+0.3", "+0.1")
    assert radar_figure(RINGS, AXES, "", LIGHT).layout.polar.radialaxis.range == (0, 1)


def test_names_are_plain_text() -> None:
    figure = radar_figure([Ring("<b>x</b> $1$", (0.1, 0.2, 0.3))], ("<i>", "b", "c"), "50 % < 1", LIGHT)
    assert "<" not in figure.data[0].name + "".join(figure.data[0].theta) + figure.data[0].hovertemplate[:20]
    assert "<" not in figure.layout.annotations[0].text


def test_the_sentence_names_the_widest_direction_and_its_ends() -> None:
    assert radar_said(RINGS, AXES) == (
        "The same network goes furthest in tint: from −0.40 at “Keep all” to 0.90 at “Ignore all”, where 1 is not "
        "moved at all; plain SimCLR: 0.20 to 0.70; frozen backbone: 0.30 to 0.50."
    )
    assert radar_said(RINGS[:1], AXES) == "“Keep all” lies at −0.40 to 0.30."
    assert radar_said(RINGS[3:], AXES) == "frozen backbone: 0.30 to 0.50."
    assert radar_said([], AXES) == "Nothing was measured."
