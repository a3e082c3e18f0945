"""From how many tasks on it pays to have trained the hypernetwork."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..baselines import OURS

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Amortised:
    """What a method costs beside the fit.

    Attributes:
        method: its name. seconds: a task, median.
        ratio: its time over that of the fit, where the fit scores no lower: ``value`` and ``interval``, or ``None``.
        as_good, runs: in how many of the runs that is.
        tasks: after so many tasks the fits and the pretraining together have taken less time; ``None``: never, or
            nobody knows how long pretraining took.
    """

    method: str
    seconds: float
    ratio: Document | None
    as_good: int
    runs: int
    tasks: int | None


def amortised(real: Document) -> list[Amortised]:
    """Every method of what ``real-tasks --json`` has written; ``pretraining`` in it is in seconds, if anybody knows."""
    found, pretraining = [], real.get("pretraining")
    for each in real.get("times", ()):
        ours = each.get("ours")
        saved = None if ours is None else each["seconds"] - ours
        tasks = math.floor(pretraining / saved) + 1 if pretraining and saved and saved > 0 else None
        ratio = each if each["method"] != OURS and each.get("value") is not None else None
        found.append(
            Amortised(each["method"], each["seconds"], ratio, each.get("as_good", 0), each.get("runs", 0), tasks)
        )
    return found
