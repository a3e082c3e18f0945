"""The parts of the pages: what a lesson may point at, and what a link may hide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST = 3
"""Parts of a page that a projector shows."""


@dataclass(frozen=True)
class Part:
    """One part: its page, how it is called in sentences, and whether it lies in the middle of the page.

    Its container's key is ``part-`` and the name after the dot of its full name.
    """

    page: str
    title: str
    main: bool = True


PARTS: dict[str, Part] = {
    "explore.picture": Part("explore", "the photographs", main=False),
    "explore.sliders": Part("explore", "the sliders of descriptor A", main=False),
    "explore.pinned": Part("explore", "the buttons for descriptor B", main=False),
    "explore.others": Part("explore", "the other pictures and the seed", main=False),
    "explore.lineup": Part("explore", "what A and B find"),
    "explore.filmstrip": Part("explore", "the filmstrip"),
    "explore.curves": Part("explore", "the curves"),
    "explore.deeper": Part("explore", "the part below “Look deeper”"),
    "explore.help": Part("explore", "the explanation of the numbers"),
    "adapt.setup": Part("adapt", "the choice of the task"),
    "adapt.fit": Part("adapt", "the fit"),
    "adapt.hand": Part("adapt", "the sliders by hand"),
    "adapt.certificate": Part("adapt", "the certificate of the fit"),
    "adapt.outcome": Part("adapt", "the results"),
    "adapt.passing": Part("adapt", "what is saved and passed on"),
    "manifold.map": Part("manifold", "the map"),
    "manifold.closer": Part("manifold", "the part below “Look closer”"),
    "theory.choice": Part("theory", "the choice of task and labels"),
    "theory.tradeoff": Part("theory", "the chart of fit against complexity"),
    "theory.growth": Part("theory", "the promise over the number of labels"),
    "theory.promise": Part("theory", "the conditions of the promise"),
}
PAGES = tuple(dict.fromkeys(part.page for part in PARTS.values()))


def key(name: str) -> str:
    """The key of a part's container."""
    return f"part-{name.partition('.')[2]}"


def guide(name: str, *, auto: bool = False) -> dict[str, str | bool]:
    """What the guide is told: the part, in words too, and whether it goes there without being asked."""
    return {"target": key(name), "text": f"Look at {PARTS[name].title}.", "button": "Show me", "auto": auto}


def hidden(page: str, hide: Sequence[str], focus: str = "", *, projector: bool = False) -> tuple[str, ...]:
    """Parts of a page that are not shown.

    Args:
        page: which one.
        hide: parts that a person wants hidden.
        focus: the part that a lesson talks about; it is always shown.
        projector: show at most :data:`MOST` parts of the middle, that one among them.
    """
    here = [name for name, part in PARTS.items() if part.page == page or not part.main]
    away = [name for name in here if name in hide and name != focus]
    if projector:
        middle = [name for name in here if PARTS[name].main and name not in away]
        first = sorted(middle, key=lambda name: name != focus)[:MOST]
        away += [name for name in middle if name not in first]
    return tuple(away)
