"""The filmstrip: the picture at several strengths, what the extractor sees of it, and the numbers below.

HTML rather than a figure: the numbers stay text (large, selectable, read aloud), and the pictures,
which do not depend on the descriptor, are a separate element that the browser keeps while one slides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from dashboard.theme import GUTTER, Palette, signed


@dataclass(frozen=True)
class Frame:
    """One column: strength, the picture and the extractor's input, both as data URIs."""

    strength: float
    photo: str
    seen: str


@dataclass(frozen=True)
class Row:
    """Similarities (F,) under one descriptor; ``muted`` as in :class:`~dashboard.figures.curve.Trace`."""

    label: str
    similarity: np.ndarray
    muted: bool = False


def strip_html(frames: Sequence[Frame], picture: str, axis: str, unit: str) -> str:
    """Strengths, photographs and extractor inputs as three rows of one grid; every image has a text."""
    heads = [f'<div class="head"><b>{escape(axis)}</b>, {escape(unit)}</div>']
    photos = ['<div class="head">photograph</div>']
    seen = ['<div class="head">the extractor sees <span class="quiet">32 × 32</span></div>']
    for frame in frames:
        original = frame.strength == 0
        what = escape(f"{picture}, {axis} {signed(frame.strength)} {unit}", quote=True)
        extra = " original" if original else ""
        heads.append(f'<div class="strength{extra}">{"original" if original else signed(frame.strength)}</div>')
        photos.append(f'<div><img class="photo" src="{frame.photo}" alt="{what}"></div>')
        seen.append(f'<div><img class="seen" src="{frame.seen}" alt="{what}, as the extractor sees it"></div>')
    return _grid(len(frames), heads + photos + seen)


def numbers_html(rows: Sequence[Row], colours: Palette) -> str:
    """Similarity of each frame's features to the original's, one row per descriptor in its colour."""
    cells = []
    for row in rows:
        colour = colours.quiet if row.muted else colours.of(row.label)
        cells.append(f'<div class="head" style="color:{colour}"><b>similarity {escape(row.label)}</b></div>')
        cells += [f'<div class="number" style="color:{colour}">{_two(value)}</div>' for value in row.similarity]
    return _grid(len(rows[0].similarity), cells)


def _grid(frames: int, cells: Sequence[str]) -> str:
    grid = f'<div class="strip" style="--frames:{frames};--gutter:{GUTTER}px">{"".join(cells)}</div>'
    return f'<div class="strip-frame">{grid}</div>'


def _two(value: float) -> str:
    text = f"{abs(value):.2f}"
    return f"−{text}" if value < 0 and float(text) else text
