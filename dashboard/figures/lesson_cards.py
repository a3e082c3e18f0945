"""The picture on a lesson's card, as HTML: what the lesson is about, from photographs and numbers that it is handed."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from dashboard.figures.colour_scale import coloured
from dashboard.figures.theme import FONT, Palette

WIDTH, HEIGHT = 320, 112
_GAP = 4
_NAMES = 88  # where the names of the lines stand
_TEXT = 13


@dataclass(frozen=True)
class Curve:
    """A line: its name, (n,) shares from 0 to 1, its colour and how strong it is."""

    name: str
    shares: Sequence[float]
    colour: str
    opacity: float = 1.0


def strip(pictures: Sequence[str], curves: Sequence[Curve], alt: str, colours: Palette) -> str:
    """Pictures in a row, and below them a line for each extractor; the floor is 0, the dotted line 1.

    Args:
        pictures: data URIs.
        curves: over the same range as the pictures.
        alt: what is to be seen, in words.
        colours: of the current theme.
    """
    span = WIDTH - _NAMES
    side = (span - _GAP * (len(pictures) - 1)) / len(pictures)
    top, bottom = side + 14, HEIGHT - 6
    parts = [_image(uri, n * (side + _GAP), 0, side) for n, uri in enumerate(pictures)]
    parts += [_rule(0, bottom, span, colours), _rule(0, top, span, colours, dotted=True)]
    ends = _apart([bottom - min(c.shares[-1], 1.2) * (bottom - top) for c in curves])
    for curve, end in zip(curves, ends, strict=True):
        across = np.linspace(side / 2, span - side / 2, len(curve.shares))
        up = [bottom - min(share, 1.2) * (bottom - top) for share in curve.shares]
        parts.append(_line(across, up, curve))
        parts.append(_text(span + 4, end + 4, curve.name, curve.colour))
    return _svg(parts, alt)


def lines(curves: Sequence[Curve], floor: str, alt: str, colours: Palette) -> str:
    """Lines alone, from 0 at the floor to 1, and a word about what goes to the right."""
    span, top, bottom = WIDTH - _NAMES, 8, HEIGHT - 22
    parts = [_rule(0, bottom, span, colours), _text(0, HEIGHT - 6, floor, colours.quiet)]
    ends = _apart([bottom - min(curve.shares[-1], 1) * (bottom - top) for curve in curves])
    for curve, end in zip(curves, ends, strict=True):
        up = [bottom - min(share, 1) * (bottom - top) for share in curve.shares]
        parts.append(_line(np.linspace(4, span - 4, len(up)), up, curve))
        parts.append(_text(span + 4, end + 4, curve.name, curve.colour))
    return _svg(parts, alt)


def sheet(pictures: Sequence[str], columns: int, alt: str) -> str:
    """Pictures in rows of so many."""
    rows = -(-len(pictures) // columns)
    side = min((WIDTH - _GAP * (columns - 1)) / columns, (HEIGHT - _GAP * (rows - 1)) / rows)
    step = side + _GAP
    left = (WIDTH - columns * step + _GAP) / 2
    parts = [_image(uri, left + n % columns * step, n // columns * step, side) for n, uri in enumerate(pictures)]
    return _svg(parts, alt)


def dials(pictures: Sequence[str], answers: Sequence[tuple[str, float]], alt: str, colours: Palette) -> str:
    """Pictures with two answers below each: a name, and an angle in degrees as a hand, 0 is upright."""
    side = (WIDTH - _GAP * (len(pictures) - 1)) / len(pictures)
    side, parts = min(side, HEIGHT - 46), []
    for n, (uri, (name, angle)) in enumerate(zip(pictures, answers, strict=True)):
        left, middle = n * WIDTH / len(pictures), side + 26
        across = left + min(side - 13, 24 + 9 * len(name))  # nearer to its own name than to the next
        parts += [_image(uri, left, 0, side), _text(left + 2, middle + 5, name, colours.ink, 16)]
        turn = f"rotate({angle:.0f} {across:.1f} {middle})"
        parts.append(
            f'<circle cx="{across:.1f}" cy="{middle}" r="11" fill="none" stroke="{colours.quiet}"/>'
            f'<path d="M{across:.1f} {middle}v-11" stroke="{colours.ink}" stroke-width="3" '
            f'transform="{turn}"/>'
        )
    return _svg(parts, alt)


def sliders(pictures: Sequence[str], values: Sequence[tuple[str, float]], alt: str, colours: Palette) -> str:
    """Two pictures, and beside them sliders with a knob where a fit has put it and a ring where it began."""
    parts = [_image(uri, 0, n * (HEIGHT / 2 + 1), HEIGHT / 2 - 2) for n, uri in enumerate(pictures[:2])]
    left, length = 150, WIDTH - 150 - 10
    for n, (name, value) in enumerate(values):
        y = 9 + n * (HEIGHT - 18) / max(len(values) - 1, 1)
        parts.append(_rule(left, y, length, colours, thick=4))
        parts.append(_text(70, y + 4, name, colours.ink, 12))
        parts.append(f'<circle cx="{left + length / 2}" cy="{y:.1f}" r="4" fill="none" stroke="{colours.quiet}"/>')
        parts.append(f'<circle cx="{left + value * length:.1f}" cy="{y:.1f}" r="6" fill="{colours.ink}"/>')
    return _svg(parts, alt)


def dots(positions: np.ndarray, values: np.ndarray, alt: str) -> str:
    """Points of a map (M, 2) by colour (M,), stretched to the card."""
    low, high = positions.min(0), positions.max(0)
    shares = (positions - low) / np.maximum(high - low, 1e-9)
    inks = coloured(values, float(values.min()), float(values.max()))
    parts = [
        f'<circle cx="{4 + x * (WIDTH - 8):.1f}" cy="{HEIGHT - 4 - y * (HEIGHT - 8):.1f}" r="2.5" fill="{ink}"/>'
        for (x, y), ink in zip(shares, inks, strict=True)
    ]
    return _svg(parts, alt)


def _svg(parts: Sequence[str], alt: str) -> str:
    """As an image, because a page drops drawings that it is handed as markup."""
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(parts)}</svg>'
    source = base64.b64encode(drawn.encode()).decode()
    return f'<img class="card" src="data:image/svg+xml;base64,{source}" alt="{escape(alt, quote=True)}">'


def _image(uri: str, x: float, y: float, side: float) -> str:
    return f'<image href="{uri}" x="{x:.1f}" y="{y:.1f}" width="{side:.1f}" height="{side:.1f}"/>'


def _rule(x: float, y: float, length: float, colours: Palette, *, dotted: bool = False, thick: float = 1) -> str:
    dash = ' stroke-dasharray="2 4"' if dotted else ""
    ink = f'stroke="{colours.quiet}" stroke-opacity="0.6" stroke-width="{thick}" stroke-linecap="round"'
    return f'<path d="M{x} {y:.1f}h{length}" {ink}{dash}/>'


def _line(across: Sequence[float] | np.ndarray, up: Sequence[float], curve: Curve) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, up, strict=True))
    return (
        f'<polyline points="{points}" fill="none" stroke="{curve.colour}" stroke-width="3" '
        f'stroke-opacity="{curve.opacity}" stroke-linejoin="round"/>'
    )


def _text(x: float, y: float, text: str, colour: str, size: float = _TEXT) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size}" font-family="{FONT}">{escape(text)}</text>'
    )


def _apart(heights: Sequence[float]) -> list[float]:
    """Heights of names that do not lie on one another, in the order given; none below the last line."""
    order = sorted(range(len(heights)), key=lambda n: heights[n], reverse=True)
    found, below = [0.0] * len(heights), float(HEIGHT + _TEXT - 6)
    for n in order:
        found[n] = below = min(heights[n], below - _TEXT)
    return found
