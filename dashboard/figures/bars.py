"""Shares as bars beside their names and numbers: what a lesson has measured, to be seen from the last row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its length as a share (1 is full; below 0 is drawn as nothing), its value in words."""

    name: str
    share: float
    text: str


def bars_html(bars: Sequence[Bar]) -> str:
    """Rows of name, bar and number on one scale; it ends at 1, or at the longest bar if that is longer."""
    longest = max([1.0, *(bar.share for bar in bars)])
    rows = [
        f'<span class="name">{escape(bar.name)}</span>'
        f'<span class="track"><span style="width:{100 * max(bar.share, 0.0) / longest:.1f}%"></span></span>'
        f"<b>{escape(bar.text)}</b>"
        for bar in bars
    ]
    return f'<div class="bars">{"".join(rows)}</div>'
