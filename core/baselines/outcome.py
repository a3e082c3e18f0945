"""What a method gives back, whatever it did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

Stop = Callable[[], bool]
"""Asked again and again while a method runs; once it is true, the method ends with :class:`Stopped`."""

_Part = TypeVar("_Part")


@dataclass(frozen=True)
class Outcome:
    """One method on one task with one seed.

    Attributes:
        method: its name.
        score: accuracy or R2 on the test images.
        seconds: from the labelled images to a fitted model; marking the test images is not counted.
        parameters: how many numbers were fitted to the labelled images.
        descriptor: K coordinates, or ``None`` for methods without one.
        curve: (seconds, score on held-out labelled images) while it was fitted; may be empty.
    """

    method: str
    score: float
    seconds: float
    parameters: int
    descriptor: tuple[float, ...] | None = None
    curve: tuple[tuple[float, float], ...] = ()


class OutOfReach(RuntimeError):
    """A method cannot run here; the message says what is missing."""


class Stopped(RuntimeError):
    """A method was told to stop before its end; there is no outcome."""


def never() -> bool:
    """For methods that nobody stops."""
    return False


def going(parts: Iterable[_Part], stop: Stop) -> Iterator[_Part]:
    """The parts of a method's work, as long as nobody stops it.

    Raises:
        Stopped: between two parts.
    """
    for part in parts:
        if stop():
            raise Stopped("Stopped before its end.")
        yield part
