"""How a class has answered: how often each option of each question was chosen on this server since it started.

No name, address or time is kept, and nothing is written to a disk. One visit counts once at each question.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from dashboard.lessons.lesson import Lesson

MOST = 500
"""Questions that are counted at most; what the lessons of a server ask is far less."""


@dataclass(frozen=True)
class Counted:
    """The answers to one question.

    Attributes:
        chosen: for each option, in the order of the lesson's file, how often it was chosen.
        right: for each option, to how many of the answers it was the right one: another seed or picture may make
            another one right.
    """

    chosen: tuple[int, ...]
    right: tuple[int, ...]

    @property
    def answers(self) -> int:
        """How many answers there are."""
        return sum(self.chosen)

    def and_one(self, chosen: int, right: int) -> Counted:
        """The same with one more answer."""
        return Counted(_raised(self.chosen, chosen), _raised(self.right, right))


def _raised(counts: tuple[int, ...], at: int) -> tuple[int, ...]:
    return tuple(count + (n == at) for n, count in enumerate(counts))


class Tally:
    """All answers; safe to use from all sessions at once."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._lock = most, Lock()
        self._counts: dict[tuple[str, int, str], Counted] = {}

    def count(self, lesson: Lesson, step: int, chosen: int, right: int) -> bool:
        """Count an answer; ``False`` if there are as many questions already as are counted.

        Args:
            lesson: with the question.
            step: of it, counted from 1.
            chosen, right: numbers of options, from 0, in the order of the lesson's file.
        """
        key, options = _key(lesson, step), lesson.options[step - 1]
        if not (0 <= chosen < options and 0 <= right < options):
            raise ValueError(f"The question has {options} options, from 0; got {chosen} and {right}.")
        with self._lock:
            found = self._counts.get(key)
            if found is None and len(self._counts) >= self._most:
                return False
            self._counts[key] = (found or Counted((0,) * options, (0,) * options)).and_one(chosen, right)
            return True

    def of(self, lesson: Lesson, step: int) -> Counted | None:
        """The answers to a step's question, ``None`` as long as there are none."""
        key = _key(lesson, step)
        with self._lock:
            return self._counts.get(key)

    def total(self) -> int:
        """How many answers there are to all questions."""
        with self._lock:
            return sum(each.answers for each in self._counts.values())

    def clear(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._counts.clear()


def _key(lesson: Lesson, step: int) -> tuple[str, int, str]:
    """A question that was changed while the server runs is another question."""
    prediction = lesson.steps[step - 1].prediction
    if prediction is None:
        raise ValueError(f"Step {step} of the lesson {lesson.name} asks nothing. Count answers to questions only.")
    return lesson.name, step, repr((prediction.question, [option.text for option in prediction.options]))


def table(tally: Tally, lessons: Iterable[Lesson]) -> str:
    """All answers as CSV: a row for each option of each question that has answers."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["lesson", "step", "question", "option", "chosen", "right for"])
    for lesson in lessons:
        for number, step in enumerate(lesson.steps, 1):
            if step.prediction and (found := tally.of(lesson, number)):
                for option, chosen, right in zip(step.prediction.options, found.chosen, found.right, strict=True):
                    rows.writerow([lesson.title, number, step.prediction.question, option.text, chosen, right])
    return out.getvalue()


TALLY = Tally()
"""That of this server."""
