"""Which parts of a page a class sees, and which one it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.session.outline import Part
from dashboard.text import learn as words

MOST = 3
"""Parts of a page that a projector shows."""


def guide(
    part: Part, moment: str, beside: Sequence[Part] = (), *, step: str = "", fold: bool = False
) -> dict[str, Any]:
    """What the guide is told: what to bring into view, and in which words.

    Args:
        part: that is talked about.
        moment: another one brings it into view again.
        step: another one is read from its beginning.
        beside: what else has to be in sight, as far as there is room.
        fold: whether the box that talks can be put away.
    """
    said = {"show": words.GUIDE["show"], "look": words.GUIDE["look"].format(part=part.title)}
    if fold:
        said |= {name: words.GUIDE[name] for name in ("fold", "unfold")}
    return {"target": part.key, "beside": [each.key for each in beside], "moment": moment, "step": step, "words": said}


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
