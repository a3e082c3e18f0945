"""The pictures of a task: one card a class, with its name and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Card:
    """One class.

    Attributes:
        name: of the class.
        picture: a sheet of its pictures, as a data URI.
        across, down: pictures of the sheet beside and below each other.
        counted: how many there are, in words; "" for nothing to say.
        alt: what is on the sheet, for those who do not see it.
    """

    name: str
    picture: str
    across: int
    down: int
    counted: str
    alt: str


def cards_html(cards: Sequence[Card]) -> str:
    """All cards, equally wide, in rows that break where the page is narrow."""
    shown = "".join(
        f'<figure style="--across:{card.across};--down:{card.down}">'
        f'<img src="{card.picture}" alt="{escape(card.alt)}">'
        f"<figcaption><b>{escape(card.name)}</b>{escape(card.counted)}</figcaption></figure>"
        for card in cards
    )
    widest = max((card.across for card in cards), default=1)
    return f'<div class="cards" style="--across:{widest}">{shown}</div>'
