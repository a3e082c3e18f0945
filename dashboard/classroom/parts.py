"""Which parts of a page a class sees, and which one it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.session.outline import Part

MOST = 3
"""Parts of a page that a projector shows."""


def guide(part: Part, *, auto: bool = False) -> dict[str, str | bool]:
    """What the guide is told: the part, in words too, and whether it goes there without being asked."""
    return {"target": part.key, "text": f"Look at {part.title}.", "button": "Show me", "auto": auto}


def hidden(
    parts: Mapping[str, Part], page: str, hide: Sequence[str], focus: str = "", *, projector: bool = False
) -> tuple[Part, ...]:
    """Parts of a page that are not shown.

    Args:
        parts: of all pages, by name.
        page: which one.
        hide: names of parts that a person wants hidden.
        focus: name of the part that a lesson talks about; it is always shown.
        projector: show at most :data:`MOST` parts of the middle, that one among them.
    """
    here = [part for part in parts.values() if part.page == page or not part.main]
    away = [part for part in here if part.name in hide and part.name != focus]
    if projector:
        middle = [part for part in here if part.main and part not in away]
        first = sorted(middle, key=lambda part: part.name != focus)[:MOST]
        away += [part for part in middle if part not in first]
    return tuple(away)
