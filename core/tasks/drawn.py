"""Drawn pictures with labels, at any size and sharp at it: digits and shapes, on pieces of photographs.

Digits are glyphs of the outline font that Pillow has (Aileron), each written in a hand of its own: another weight,
width and slant, and bent a little. Shapes are outlines filled with a texture. Every picture
is drawn from its number alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from numpy.random import Generator, default_rng
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from ..data.pictures import photographs

PER_CLASS = 180
SHAPES = ("arrow", "circle", "crescent", "cross", "heart", "ring", "square", "star")
DIGITS = tuple("0123456789")

_HEIGHT = 9 / 16  # of the side: what is turned or shifted stays in the picture
_FINER = 3  # times as large while it is drawn
_BENT = 0.05  # of the side
_INKS = {"digits": (0.85, 0.55, 0.2), "shapes": (0.45, 0.85, 0.4)}
_PAPERS = {"digits": ((0.08, 0.12, 0.25), (0.25, 0.4, 0.7)), "shapes": ((0.15, 0.1, 0.2), (0.6, 0.45, 0.6))}

Point = tuple[float, float]


def digits(rows: Tensor, side: int) -> Tensor:
    """Digits (n, 3, side, side) in [0, 1], in orange on photographs in blue; row r shows the digit r // PER_CLASS."""
    return _pictures("digits", rows, side, _digit)


def shapes(rows: Tensor, side: int) -> Tensor:
    """Shapes (n, 3, side, side) in [0, 1], in green on photographs in violet; row r shows shape r // PER_CLASS."""
    return _pictures("shapes", rows, side, _shape)


def _pictures(kind: str, rows: Tensor, side: int, drawn: Callable[[int, int, Generator], Image.Image]) -> Tensor:
    masks, papers, fills, bends = [], [], [], []
    for row in rows.tolist():
        random = default_rng((len(kind), ord(kind[0]), row))
        mask = _in_own_hand(drawn(row // PER_CLASS, _FINER * side, random), random)
        masks.append(np.asarray(mask.resize((side, side), Image.Resampling.BOX), dtype=np.float32) / 255)
        papers.append(_piece(random, side))
        fills.append(_piece(random, side) if kind == "shapes" else torch.ones(1, side, side))
        bends.append(random.normal(size=(2, 4, 4)))
    ink = _bent(torch.from_numpy(np.stack(masks))[:, None], torch.from_numpy(np.stack(bends)).float())
    low, high = (_colour(colour) for colour in _PAPERS[kind])
    paper = low + (high - low) * torch.stack(papers)
    filled = _colour(_INKS[kind]) * (0.6 + 0.4 * torch.stack(fills))
    return (ink * filled + (1 - ink) * paper).clamp(0, 1)


def _colour(values: Sequence[float]) -> Tensor:
    return torch.tensor(values).view(1, 3, 1, 1)


def _bent(ink: Tensor, noise: Tensor) -> Tensor:
    """Masks (n, 1, S, S), bent by a smooth displacement (n, 2, 4, 4)."""
    shift = F.interpolate(noise, ink.shape[-2:], mode="bicubic", align_corners=True).permute(0, 2, 3, 1)
    straight = F.affine_grid(torch.eye(2, 3).expand(len(ink), 2, 3), list(ink.shape), align_corners=False)
    return F.grid_sample(ink, straight + _BENT * shift, mode="bilinear", align_corners=False)


def _in_own_hand(mask: Image.Image, random: Generator) -> Image.Image:
    """Another width and slant about the centre."""
    width, slant, middle = random.uniform(0.8, 1.25), random.uniform(-0.25, 0.25), mask.width / 2
    matrix = (width, slant, middle - (width + slant) * middle, 0.0, 1.0, 0.0)
    return mask.transform(mask.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)


def _piece(random: Generator, side: int) -> Tensor:
    """A grey piece (1, side, side) of one of the photographs that the dependencies ship, from dark to light."""
    sources = photographs()
    pixels = sources[int(random.integers(len(sources)))].pixels
    whole = min(pixels.shape[-2:])
    size = int(random.integers(min(96, whole), whole + 1))
    top, left = (int(random.integers(length - size + 1)) for length in pixels.shape[-2:])
    grey = pixels[:, top : top + size, left : left + size].mean(0, keepdim=True)
    small = F.interpolate(grey[None], (side, side), mode="bilinear", antialias=True, align_corners=False)[0]
    low, high = small.min(), small.max()
    return (small - low) / (high - low).clamp(min=1e-3)


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    found = ImageFont.load_default(size)
    if not isinstance(found, ImageFont.FreeTypeFont):
        raise ValueError("This Pillow has no FreeType, so no digit can be drawn. Install Pillow from its wheel.")
    return found


def _digit(label: int, side: int, random: Generator) -> Image.Image:
    mask = Image.new("L", (side, side))
    font = _font(round(_HEIGHT * side / 0.72))  # a digit is about so much of the font's size high
    weight = round(random.uniform(0.0, 0.035) * side)
    ImageDraw.Draw(mask).text(
        (side / 2, side / 2), DIGITS[label], 255, font, anchor="mm", stroke_width=weight, stroke_fill=255
    )
    return mask


def _shape(label: int, side: int, random: Generator) -> Image.Image:
    mask = Image.new("L", (side, side))
    pen, radius = ImageDraw.Draw(mask), _HEIGHT * side / 2 * random.uniform(0.85, 1.1)
    name = SHAPES[label]
    if name in _OUTLINES:
        pen.polygon([(side / 2 + radius * x, side / 2 + radius * y) for x, y in _OUTLINES[name]], 255)
        return mask
    _disc(pen, side, 0.0, radius, 255)
    if name == "ring":
        _disc(pen, side, 0.0, 0.55 * radius, 0)
    elif name == "crescent":
        _disc(pen, side, 0.5 * radius, 0.85 * radius, 0)
    return mask


def _disc(pen: ImageDraw.ImageDraw, side: int, right: float, radius: float, ink: int) -> None:
    x, y = side / 2 + right, side / 2
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), ink)


def _star(points: int, inner: float) -> list[Point]:
    turns = [math.pi * step / points - math.pi / 2 for step in range(2 * points)]
    return [
        (math.cos(turn) * far, math.sin(turn) * far) for turn, far in zip(turns, (1.0, inner) * points, strict=True)
    ]


def _heart() -> list[Point]:
    turns = [2 * math.pi * step / 60 for step in range(60)]
    return [
        (math.sin(t) ** 3, -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 16)
        for t in turns
    ]


_OUTLINES: dict[str, list[Point]] = {
    "arrow": [(0, -1), (0.8, -0.1), (0.3, -0.1), (0.3, 1), (-0.3, 1), (-0.3, -0.1), (-0.8, -0.1)],
    "cross": [
        (-0.3, -1), (0.3, -1), (0.3, -0.3), (1, -0.3), (1, 0.3), (0.3, 0.3),
        (0.3, 1), (-0.3, 1), (-0.3, 0.3), (-1, 0.3), (-1, -0.3), (-0.3, -0.3),
    ],
    "heart": _heart(),
    "square": [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)],
    "star": _star(5, 0.42),
}  # fmt: skip
