"""Pictures in rows and columns with their labels: as HTML on the page, as one PNG with its caption on paper."""

from __future__ import annotations

import base64
import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from plotly.colors import sample_colorscale

_TILE = 150
_GAP = 10
_LABEL = 130
_LINE = 24
_SMOOTH = Image.Resampling.BICUBIC
COARSE = 48
"""Pixels of a side up to which each of them is something to see, such as a cell of a map."""


@dataclass(frozen=True)
class Cell:
    """A picture, (h, w, 3), uint8; what it shows, and a short text below it."""

    pixels: np.ndarray
    alt: str
    below: str = ""


@dataclass(frozen=True)
class Row:
    """Cells with a head; ``colour`` is that of the descriptor, ``""`` for none."""

    head: str
    cells: Sequence[Cell]
    colour: str = ""


def sheet_html(columns: Sequence[str], rows: Sequence[Row], side: int = 108, *, heads: bool = True) -> str:
    """A grid that keeps its columns at any width, with pictures of at most ``side`` pixels; every one has a text.

    Without ``heads`` its rows have no names, and the pictures have their room.
    """
    cells = [*(["<div></div>"] if heads else []), *(f'<div class="column">{escape(text)}</div>' for text in columns)]
    for row in rows:
        style = f' style="color:{row.colour}"' if row.colour else ""
        if heads:
            cells.append(f'<div class="head"{style}>{escape(row.head)}</div>')
        for cell in row.cells:
            kind = ' class="coarse"' if _coarse(cell.pixels) else ""
            image = f'<img{kind} src="{_uri(cell.pixels)}" alt="{escape(cell.alt, quote=True)}">'
            cells.append(f"<div>{image}<span{style}>{escape(cell.below)}</span></div>")
    kind = "sheet" if heads else "sheet headless"
    return f'<div class="{kind}" style="--columns:{len(columns)};--side:{side}px">{"".join(cells)}</div>'


def pictures_html(cells: Sequence[Cell], side: int = 96) -> str:
    """Pictures of at least ``side`` pixels, as many beside each other as there is room, each above its text."""
    drawn = []
    for cell in cells:
        kind = ' class="coarse"' if _coarse(cell.pixels) else ""
        image = f'<img{kind} src="{_uri(cell.pixels)}" alt="{escape(cell.alt, quote=True)}">'
        drawn.append(f"<figure>{image}<figcaption>{escape(cell.below)}</figcaption></figure>")
    return f'<div class="pictures" style="--side:{side}px">{"".join(drawn)}</div>'


def sheet_png(columns: Sequence[str], rows: Sequence[Row], caption: Sequence[str]) -> bytes:
    """The same on white, with its caption, as a PNG file."""
    width = max(_LABEL + len(columns) * (_TILE + _GAP) + _GAP, 640)
    lines = [line for text in caption for line in textwrap.wrap(text, width // 9)]
    height = _LINE + len(rows) * (_TILE + _LINE + _GAP) + _LINE * (len(lines) + 1)
    canvas = Image.new("RGB", (width, height), "white")
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(16)
    for number, text in enumerate(columns):
        pen.text((_LABEL + number * (_TILE + _GAP) + _TILE / 2, 4), _plain(text), "black", font, "ma")
    for line, row in enumerate(rows):
        top, ink = _LINE + line * (_TILE + _LINE + _GAP), row.colour or "black"
        for n, text in enumerate(textwrap.wrap(_plain(row.head), 14)):
            pen.text((6, top + 8 + 20 * n), text, ink, font)
        for number, cell in enumerate(row.cells):
            left = _LABEL + number * (_TILE + _GAP)
            canvas.paste(_tile(cell.pixels), (left, top))
            pen.text((left + _TILE / 2, top + _TILE + 2), _plain(cell.below), ink, font, "ma")
    for number, text in enumerate(lines):
        pen.text((6, height - _LINE * (len(lines) - number) - 4), _plain(text), "black", font)
    buffer = io.BytesIO()
    canvas.save(buffer, "PNG")
    return buffer.getvalue()


def heat(values: np.ndarray, top: float) -> np.ndarray:
    """Values (h, w) in [0, top] as a picture (h, w, 3), uint8, on a scale that is even in lightness."""
    return (_scale()[np.clip(255 * values / max(top, 1e-12), 0, 255).astype(int)] * 255).round().astype(np.uint8)


def glow(photo: np.ndarray, values: np.ndarray) -> np.ndarray:
    """A photograph (H, W, 3), uint8, in grey with values (h, w) in [0, 1] glowing on it."""
    size = photo.shape[1::-1]
    small = Image.fromarray((255 * values).round().astype(np.uint8)).filter(ImageFilter.BoxBlur(1))
    large = np.asarray(small.resize(size, _SMOOTH))
    shares = np.clip(large / max(float(large.max()), 1e-12), 0, 1)
    grey = photo.mean(2, keepdims=True).repeat(3, 2) * 0.55
    strength = shares[..., None] ** 0.8
    return (grey * (1 - strength) + heat(shares, 1.0) * strength).round().astype(np.uint8)


@cache
def _scale() -> np.ndarray:
    return np.array(sample_colorscale("Inferno", np.linspace(0, 1, 256), colortype="tuple"))


def _tile(pixels: np.ndarray) -> Image.Image:
    """As large as a tile: cells of a map keep their edges, a picture is smooth."""
    how = Image.Resampling.NEAREST if _coarse(pixels) else Image.Resampling.LANCZOS
    return Image.fromarray(pixels).resize((_TILE, _TILE), how)


def _coarse(pixels: np.ndarray) -> bool:
    return max(pixels.shape[:2]) <= COARSE


def _uri(pixels: np.ndarray) -> str:
    """Every pixel exact where each can be seen; a picture in a sixth of the bytes."""
    buffer, kind = io.BytesIO(), "png" if _coarse(pixels) else "jpeg"
    Image.fromarray(pixels).save(buffer, kind, quality=92, subsampling=0)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _plain(text: str) -> str:
    """What the font that comes with Pillow lacks, replaced."""
    return text.replace("−", "-").replace("\u00a0", " ").replace("●", "*").replace("◆", "+")
