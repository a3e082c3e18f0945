"""A lesson as a value: steps, what is asked at them, and how the pages are set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from dashboard.adapt.setup import Setup
from dashboard.lessons.measures import Found
from dashboard.lessons.rules import Rule
from dashboard.session import url
from dashboard.session.outline import Part
from dashboard.session.settings import Choices, Study


@dataclass(frozen=True)
class Option:
    """One answer; ``right`` is said if it is the right one, ``wrong`` if it was chosen and is not.

    ``rule`` decides by what was measured; without one, the option is right if none before it is.
    """

    text: str
    right: str
    wrong: str
    rule: Rule | None


@dataclass(frozen=True)
class Prediction:
    """A question that is asked before its answer is measured.

    Attributes:
        question: in words.
        measure: name of what is measured.
        options: the answers, see :class:`Option`.
        at: address parameters to measure it at, where they differ from the page's.
        covers: parts that would give the answer away; they are hidden until it is fixed.
        bars: measured shares that are drawn with the answer, by what they are called there.
        ordered: the options are a scale, from little to much, which would be read badly in any other order.
        says: what the bars are; "" where the measure's own words fit.
    """

    question: str
    measure: str
    options: tuple[Option, ...]
    at: Mapping[str, str] = field(default_factory=dict)
    covers: tuple[str, ...] = ()
    bars: Mapping[str, str] = field(default_factory=dict)
    ordered: bool = False
    says: str = ""

    def order(self, seed: int) -> tuple[int, ...]:
        """Numbers of the options, from 0, in the order in which they are shown; a scale is at most turned round.

        Args:
            seed: of the class; everybody who has the same one sees the same order, so a class can talk about it.
        """
        numbers = range(len(self.options))
        draw = Random(f"{seed} {self.question}")  # a text gives the same numbers in every process
        if self.ordered:
            return tuple(numbers if draw.random() < 0.5 else reversed(numbers))
        return tuple(draw.sample(numbers, len(numbers)))

    def right(self, found: Found) -> int:
        """The option that the measurement makes the right one."""
        values = {name: quantity.value for name, quantity in found.items()}
        return next(n for n, option in enumerate(self.options) if option.rule is None or option.rule.holds(values))


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        text: what is said, Markdown.
        focus: the part of a page that it points at.
        beside: parts that have to be in sight at the same time.
        preset: address parameters that the step sets.
        fit: task and number of labels that it sets on the Adapt page, or ``None``.
        prediction: what is asked, or ``None``.
        shows: whether pictures of the task are drawn with the step.
        todo, check, done: what to do, whether it is done, and what is said then; all or none.
    """

    text: str
    focus: Part
    preset: Mapping[str, str]
    fit: tuple[str, int] | None
    prediction: Prediction | None
    todo: str = ""
    check: Rule | None = None
    done: str = ""
    beside: tuple[Part, ...] = ()
    shows: bool = False

    @property
    def page(self) -> str:
        """The page that it is about."""
        return self.focus.page


@dataclass(frozen=True)
class Lesson:
    """A lesson; ``name`` is that of its file, ``order`` its place among the others, ``card`` what its picture shows."""

    name: str
    title: str
    goal: str
    minutes: int
    order: int
    steps: tuple[Step, ...]
    card: str = ""

    @property
    def options(self) -> tuple[int, ...]:
        """How many options each step's prediction has; 0 where nothing is predicted."""
        return tuple(len(step.prediction.options) if step.prediction else 0 for step in self.steps)

    def preset(self, step: int) -> dict[str, str]:
        """Address parameters after all steps up to this one, counted from 0."""
        found: dict[str, str] = {}
        for each in self.steps[: step + 1]:
            found |= each.preset
        return found

    def study(self, step: int, choices: Choices) -> Study:
        """How Explore looks when a step begins."""
        return url.decode(self.preset(step), choices)[0]

    def setup(self, step: int, seed: int) -> Setup | None:
        """What Adapt fits when a step begins; ``None`` if no step so far has said it."""
        fit = next((each.fit for each in reversed(self.steps[: step + 1]) if each.fit), None)
        return Setup(fit[0], fit[1], seed) if fit else None
