"""What all figures have in common: a clear ground, the page's type, axes that stay where they are."""

from __future__ import annotations

from typing import Any

from dashboard.figures.text import literal
from dashboard.figures.theme import FONT, LABEL_SIZE, TICK_SIZE, Palette

CLEAR = "rgba(0, 0, 0, 0)"


def framed(colours: Palette, height: int, margin: tuple[int, int, int, int]) -> dict[str, Any]:
    """A layout to add to.

    Args:
        colours: of the current theme.
        height: px.
        margin: px; left, right, top, bottom.
    """
    return {
        "height": height,
        "margin": dict(zip("lrtb", margin, strict=True)),
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"family": FONT, "size": TICK_SIZE, "color": colours.ink},
        "dragmode": False,
        "hoverlabel": {"namelength": -1},  # whole names: a cut could go through an entity
    }


def axis(colours: Palette, title: str = "") -> dict[str, Any]:
    """An axis to add to, without grid; its title is plain text."""
    return {
        "title": {"text": literal(title), "font": {"size": LABEL_SIZE}},
        "color": colours.ink,
        "tickfont": {"size": TICK_SIZE},
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }


def legend_above(y: float = 1.02) -> dict[str, Any]:
    """A legend in a line above the plot."""
    return {"orientation": "h", "yanchor": "bottom", "y": y, "x": 0, "font": {"size": TICK_SIZE}}
