"""What a method gives back, whatever it did."""

from __future__ import annotations

from dataclasses import dataclass


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
