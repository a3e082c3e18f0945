"""A descriptor as a small radar: a glyph to recognise it by, always beside its numbers."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from html import escape

SIDE = 92


def descriptor_svg(values: Sequence[float], colour: str, quiet: str) -> str:
    """Draw K coordinates in [0, 1] as a star, the first one at the top, clockwise; centre 0, rim 1."""
    middle, radius, count = SIDE / 2, SIDE / 2 - 8, len(values)
    # A little more than 0 in the middle: a descriptor of zeros is a dot, not nothing.
    spots = [_spot(middle, radius * (0.08 + 0.92 * value), n, count) for n, value in enumerate(values)]
    parts = []
    for share in (0.5, 1.0):
        rim = _points([_spot(middle, radius * share, n, count) for n in range(count)])
        parts.append(f'<polygon points="{rim}" fill="none" stroke="{quiet}" stroke-opacity="0.5"/>')
    for x, y in (_spot(middle, radius, n, count) for n in range(count)):
        parts.append(f'<path d="M{middle} {middle}L{x:.1f} {y:.1f}" stroke="{quiet}" stroke-opacity="0.35"/>')
    ink = f'fill="{colour}" fill-opacity="0.25" stroke="{colour}" stroke-width="2"'
    parts.append(f'<polygon points="{_points(spots)}" {ink}/>')
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in spots]
    size = f'width="{SIDE}" height="{SIDE}" viewBox="0 0 {SIDE} {SIDE}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>'


def card_html(svg: str, values: Sequence[float], names: Sequence[str]) -> str:
    """The glyph beside its numbers; as an image, because a page drops drawings that it is handed as markup."""
    said = [f"{name} {value:g}" for name, value in zip(names, values, strict=True)]
    source = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
    image = f'<img src="{source}" alt="Fingerprint: {escape(", ".join(said), quote=True)}">'
    return f'<div class="preset">{image}<span>{"<br>".join(map(escape, said))}</span></div>'


def _spot(middle: float, radius: float, number: int, count: int) -> tuple[float, float]:
    angle = 2 * math.pi * number / count - math.pi / 2
    return middle + radius * math.cos(angle), middle + radius * math.sin(angle)


def _points(spots: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
