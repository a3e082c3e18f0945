"""A lesson as a value: steps, what is asked at them, and how the pages are set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """

    question: str
    measure: str
    options: tuple[Option, ...]
    at: Mapping[str, str] = field(default_factory=dict)
    covers: tuple[str, ...] = ()
    bars: Mapping[str, str] = field(default_factory=dict)

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
        preset: address parameters that the step sets.
        fit: task and number of labels that it sets on the Adapt page, or ``None``.
        prediction: what is asked, or ``None``.
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

    @property
    def page(self) -> str:
        """The page that it is about."""
        return self.focus.page


@dataclass(frozen=True)
class Lesson:
    """A lesson; ``name`` is that of its file, ``order`` its place among the others."""

    name: str
    title: str
    goal: str
    minutes: int
    order: int
    steps: tuple[Step, ...]

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
