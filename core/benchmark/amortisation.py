"""From how many tasks on it pays to have trained the hypernetwork."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..baselines import METHODS, OURS

Document = Mapping[str, Any]
TASKS = (1, 100, 10_000)
"""Over so many tasks pretraining is spread in what is told of costs."""


@dataclass(frozen=True)
class Amortised:
    """What a method costs beside the fit.

    Attributes:
        method: its name. seconds: a task, median.
        ratio: its time over that of the fit, where the fit scores no lower: ``value`` and ``interval``, or ``None``.
        as_good, runs: in how many of the runs that is.
        shares: its part in the hypernetwork's pretraining, in seconds a task, over each of :data:`TASKS`; zeros where
            it does without. What plain networks took before, no file says.
        tasks: after so many tasks the fits and the pretraining together have taken less time than it; ``None``: never,
            it needs the same pretraining, or nobody knows how long that took.
    """

    method: str
    seconds: float
    ratio: Document | None
    as_good: int
    runs: int
    shares: tuple[float, ...]
    tasks: int | None

    @property
    def needs_pretraining(self) -> bool:
        """Whether it uses the hypernetwork, as the fit does."""
        return _amortised(self.method)


def amortised(real: Document) -> list[Amortised]:
    """Every method of what ``real-tasks --json`` has written; ``pretraining`` in it is in seconds, if anybody knows."""
    found, pretraining = [], real.get("pretraining") or 0.0
    for each in real.get("times", ()):
        name, ours = each["method"], each.get("ours")
        shared = _amortised(name)
        saved = 0.0 if ours is None or shared else each["seconds"] - ours
        tasks = math.floor(pretraining / saved) + 1 if pretraining and saved > 0 else None
        ratio = each if name != OURS and each.get("value") is not None else None
        shares = tuple(pretraining / count if shared else 0.0 for count in TASKS)
        found.append(
            Amortised(name, each["seconds"], ratio, each.get("as_good", 0), each.get("runs", 0), shares, tasks)
        )
    return found


def _amortised(method: str) -> bool:
    return method in METHODS and METHODS[method].amortised
