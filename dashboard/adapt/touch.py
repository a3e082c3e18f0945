"""What a hand does to the six sliders, as the browser tells it. Knows no Streamlit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Touch:
    """One thing that a hand has done.

    Attributes:
        number: counts them.
        axis: place of the slider that was touched.
        held: whether the hand is still on it.
        values: (K,) of all sliders in [0, 1].
    """

    number: int
    axis: int
    held: bool
    values: tuple[float, ...]


def read_touch(told: Any, axes: int) -> Touch | None:
    """What was reported, or ``None`` where it makes no sense: what comes from a browser may be anything."""
    try:
        number, axis, held = int(told["number"]), int(told["axis"]), bool(told["held"])
        values = tuple(float(value) for value in told["values"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if len(values) != axes or not 0 <= axis < axes or not all(map(math.isfinite, values)):
        return None
    return Touch(number, axis, held, tuple(min(max(value, 0.0), 1.0) for value in values))
