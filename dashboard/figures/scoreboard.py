"""Scores under each other on one scale, each with its interval: what a fit is worth beside what is simple."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from dashboard.figures.theme import Palette

Kind = Literal["fit", "hand", "simple", "going"]


@dataclass(frozen=True)
class Mark:
    """One method.

    Attributes:
        name: of the method.
        value: its score; 1 is the end of the scale, below 0 is drawn as nothing.
        text: the score in words.
        low, high: 95 % interval, or ``None`` where there is none.
        kind: whose it is, which gives it its colour: the fit's, a hand's, a simple method's, or the fit's so far.
    """

    name: str
    value: float
    text: str
    low: float | None = None
    high: float | None = None
    kind: Kind = "simple"


def scoreboard_html(marks: Sequence[Mark], colours: Palette) -> str:
    """A row per method: name, bar with the interval as a line, and the score."""
    style = f"--fit:{colours.a};--hand:{colours.b};--ink:{colours.ink};--ground:{colours.surface}"
    return f'<div class="scoreboard" style="{style}">{"".join(_row(mark) for mark in marks)}</div>'


def _row(mark: Mark) -> str:
    span = ""
    if mark.low is not None and mark.high is not None:
        left, right = _percent(mark.low), _percent(mark.high)
        span = f'<span class="span" style="left:{left:.1f}%;width:{max(right - left, 0.5):.1f}%"></span>'
    return (
        f'<span class="name">{escape(mark.name)}</span><span class="track">'
        f'<span class="bar {mark.kind}" style="width:{_percent(mark.value):.1f}%"></span>{span}</span>'
        f"<b>{escape(mark.text)}</b>"
    )


def _percent(share: float) -> float:
    return 100 * min(max(share, 0.0), 1.0)
