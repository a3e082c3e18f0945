"""Names in the table of runs: what was fitted otherwise than now is told behind the name.

The name is the only place that also survives in a file, so it is read back from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from core.baselines import Outcome

if TYPE_CHECKING:
    from dashboard.adapt.runs import Setup

LONGEST = 40
_TOLD = {"shots": " · {} per class", "seed": " · seed {}", "objective": " · fitted to {}"}
_READ = re.compile(
    r"(?P<base>.*?)(?: · (?P<shots>\d{1,4}) per class)?(?: · seed (?P<seed>\d{1,4}))?"
    r"(?: · fitted to (?P<objective>[a-z-]+))?",
    re.DOTALL,
)


def carried(outcomes: Iterable[Outcome], before: Setup, now: Setup) -> tuple[Outcome, ...]:
    """Rows of one setup in the table of another one of the same task, each named with what differs."""
    return tuple(replace(each, method=_named(each.method, before, now)) for each in outcomes)


def renamed(name: str, wanted: str) -> str:
    """A person's own name for a row; where it comes from stays behind it."""
    told = name[len(_read(name)["base"]) :]
    return (_read(wanted)["base"].strip()[:LONGEST] or "unnamed") + told


def _named(name: str, before: Setup, now: Setup) -> str:
    found = _read(name)
    made = {part: found[part] or str(getattr(before, part)) for part in _TOLD}
    differing = [text.format(made[part]) for part, text in _TOLD.items() if made[part] != str(getattr(now, part))]
    return "".join([found["base"], *differing])


def _read(name: str) -> dict[str, str]:
    found = _READ.fullmatch(name)
    assert found is not None  # the base takes whatever is there
    return found.groupdict()
