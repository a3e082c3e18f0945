"""What a method gives back, whatever it did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ..tasks.score import Score

Stop = Callable[[], bool]
"""Asked again and again while a method runs; once it is true, the method ends with :class:`Stopped`."""

_Part = TypeVar("_Part")


@dataclass(frozen=True)
class Origin:
    """What an outcome was fitted with: ``shots`` labelled images per class, the ``seed``, the ``objective``."""

    shots: int
    seed: int
    objective: str

    def unlike(self, other: Origin) -> str:
        """What differs from another one, in words for people; "" if nothing does."""
        words = {
            "shots": f"{self.shots} per class",
            "seed": f"seed {self.seed}",
            "objective": f"fitted to {self.objective}",
        }
        return ", ".join(text for part, text in words.items() if getattr(self, part) != getattr(other, part))


@dataclass(frozen=True)
class Outcome:
    """One method on one task with one seed.

    Attributes:
        method: its key in :data:`core.baselines.METHODS`, or :data:`core.baselines.BY_HAND`.
        score: accuracy or R2 on the test images.
        seconds: from the labelled images, prepared, to a fitted model; marking the test images is not counted.
        parameters: how many numbers were fitted to the labelled images.
        descriptor: K coordinates, or ``None`` for methods without one.
        curve: (seconds, score on held-out labelled images) while it was fitted; may be empty.
        tests, majority, balanced: see :class:`core.tasks.score.Score`; ``tests`` is 0 where nobody has kept it.
        name: what a person calls it; "" if nobody has named it.
        origin: what it was fitted with; ``None`` if with the same as the run that it is a row of.
    """

    method: str
    score: float
    seconds: float
    parameters: int
    descriptor: tuple[float, ...] | None = None
    curve: tuple[tuple[float, float], ...] = ()
    tests: int = 0
    majority: float | None = None
    balanced: float | None = None
    name: str = ""
    origin: Origin | None = None

    @classmethod
    def of(
        cls,
        score: Score,
        seconds: float,
        parameters: int,
        descriptor: tuple[float, ...] | None = None,
        curve: tuple[tuple[float, float], ...] = (),
        method: str = "",
    ) -> Outcome:
        """An outcome with a score and what it takes to judge it."""
        judged = (score.tests, score.majority, score.balanced)
        return cls(method, score.value, seconds, parameters, descriptor, curve, *judged)

    @property
    def judged(self) -> Score:
        """The score with what it takes to judge it."""
        return Score(self.score, self.tests, self.majority, self.balanced)


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
