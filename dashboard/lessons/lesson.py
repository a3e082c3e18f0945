"""A lesson as a value, read from a file in TOML; whatever is wrong with the file is said in a sentence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

from core import Descriptor
from core.tasks import known_tasks
from dashboard.adapt.runs import Setup
from dashboard.lessons import facts, fits, measures
from dashboard.lessons.parts import PARTS
from dashboard.lessons.rules import Rule, read_rule
from dashboard.session import url
from dashboard.session.files import SHOTS
from dashboard.session.settings import Choices, Study

SHELF = Path(__file__).parent
MEASURES = measures.MEASURES | fits.MEASURES

_LESSON = {"title": str, "goal": str, "minutes": int, "order": int, "steps": list}
_STEP = {"text": str, "focus": str}
_STEP_MORE = {"preset": dict, "fit": dict, "predict": dict, "todo": str, "check": str, "done": str}
_PREDICT = {"question": str, "measure": str, "options": list}
_PREDICT_MORE = {"at": dict, "covers": list, "bars": dict}
_OPTION = {"text": str, "right": str, "wrong": str}
_OPTION_MORE = {"when": str}
_FIT = {"task": str, "shots": int}
_KINDS = {str: "a text", int: "a whole number", list: "a list", dict: "a table"}


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

    def right(self, found: measures.Found) -> int:
        """The option that the measurement makes the right one."""
        values = {name: quantity.value for name, quantity in found.items()}
        return next(n for n, option in enumerate(self.options) if option.rule is None or option.rule.holds(values))


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        text: what is said, Markdown.
        focus: full name of a part of a page.
        preset: address parameters that the step sets.
        fit: task and number of labels that it sets on the Adapt page, or ``None``.
        prediction: what is asked, or ``None``.
        todo, check, done: what to do, whether it is done, and what is said then; all or none.
    """

    text: str
    focus: str
    preset: Mapping[str, str]
    fit: tuple[str, int] | None
    prediction: Prediction | None
    todo: str = ""
    check: Rule | None = None
    done: str = ""

    @property
    def page(self) -> str:
        """The page that it is about."""
        return PARTS[self.focus].page


@dataclass(frozen=True)
class Lesson:
    """A lesson; ``name`` is that of its file, ``order`` its place on the shelf."""

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


def read_lesson(name: str, text: str, choices: Choices) -> Lesson:
    """Read a lesson.

    Args:
        name: of its file, without the ending.
        text: TOML.
        choices: what the pages offer; a lesson that asks for anything else is refused.

    Raises:
        ValueError: one sentence that names the file, the step and what must be there.
    """
    where = f"The lesson {name}.toml"
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{where} is not TOML: {error}.") from None
    found = _fields(table, _LESSON, {}, where)
    if not found["steps"]:
        raise ValueError(f"{where} has no steps; write at least one [[steps]].")
    if not 1 <= found["minutes"] <= 60:
        raise ValueError(f"{where}: minutes must be from 1 to 60; got {found['minutes']}.")
    steps = tuple(_step(each, choices, f"{where}, step {n}") for n, each in enumerate(found.pop("steps"), 1))
    return Lesson(name, steps=steps, **found)


def read_shelf(choices: Choices, folder: Path = SHELF) -> tuple[tuple[Lesson, ...], tuple[str, ...]]:
    """All lessons in their order, and one sentence for each file that is none."""
    lessons, problems = [], []
    for path in sorted(folder.glob("*.toml")):
        try:
            lessons.append(read_lesson(path.stem, path.read_text(encoding="utf-8"), choices))
        except (ValueError, OSError) as error:
            problems.append(str(error))
    return tuple(sorted(lessons, key=lambda each: (each.order, each.name))), tuple(problems)


def _fields(table: Any, needed: Mapping[str, type], more: Mapping[str, type], where: str) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise ValueError(f"{where} must be a table with {', '.join(needed)}.")
    if unknown := sorted(table.keys() - needed.keys() - more.keys()):
        raise ValueError(f"{where} has {unknown[0]!r}, which means nothing. Known: {', '.join({**needed, **more})}.")
    if missing := [name for name in needed if name not in table]:
        raise ValueError(f"{where} lacks {missing[0]!r}.")
    for name, value in table.items():
        kind = {**needed, **more}[name]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ValueError(f"{where}: {name!r} must be {_KINDS[kind]}; got {value!r}.")
        if isinstance(value, str) and not value.strip():
            raise ValueError(f"{where}: {name!r} is empty.")
    return dict(table)


def _step(table: Any, choices: Choices, where: str) -> Step:
    found = _fields(table, _STEP, _STEP_MORE, where)
    if found["focus"] not in PARTS:
        raise ValueError(f"{where}: there is no part {found['focus']!r}. Known: {', '.join(PARTS)}.")
    tasks = {name for name in ("todo", "check", "done") if name in found}
    if tasks and len(tasks) < 3:
        raise ValueError(f"{where}: 'todo', 'check' and 'done' belong together; got only {', '.join(sorted(tasks))}.")
    check = _rule(found["check"], facts.names(choices), where) if tasks else None
    return Step(
        found["text"].strip(), found["focus"], _preset(found.get("preset", {}), choices, where),
        _fit(found["fit"], choices, where) if "fit" in found else None,
        _prediction(found["predict"], choices, where) if "predict" in found else None,
        found.get("todo", ""), check, found.get("done", ""),
    )  # fmt: skip


def _preset(table: Mapping[str, Any], choices: Choices, where: str) -> dict[str, str]:
    """Address parameters; descriptors may be written in words, such as "hue=1", with the rest half way."""
    found = {}
    for name, value in table.items():
        text = str(value)
        try:
            if name in ("a", "b") and text != "none" and not re.fullmatch(r"[0-9.\-]+", text):
                text = url.write_values(Descriptor.parse(text, axes=choices.axes).values)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
        found[name] = text
    if unknown := sorted(found.keys() - {each.name for each in url.FIELDS}):
        known = ", ".join(each.name for each in url.FIELDS)
        raise ValueError(f"{where}: the address has no {unknown[0]!r}. Known: {known}.")
    if problems := url.decode(found, choices)[1]:
        raise ValueError(f"{where}: {problems[0]}")
    return found


def _fit(table: Any, choices: Choices, where: str) -> tuple[str, int]:
    found = _fields(table, _FIT, {}, f"{where}, fit")
    known = [source.name for source in known_tasks(choices.axes)]
    if found["task"] not in known:
        raise ValueError(f"{where}: there is no task {found['task']!r}. Known: {', '.join(known)}.")
    if not SHOTS[0] <= found["shots"] <= SHOTS[1]:
        raise ValueError(f"{where}: shots must be from {SHOTS[0]} to {SHOTS[1]}; got {found['shots']}.")
    return found["task"], found["shots"]


def _prediction(table: Any, choices: Choices, where: str) -> Prediction:
    where = f"{where}, predict"
    found = _fields(table, _PREDICT, _PREDICT_MORE, where)
    if found["measure"] not in MEASURES:
        raise ValueError(f"{where}: nothing called {found['measure']!r} can be measured. Known: {', '.join(MEASURES)}.")
    names = frozenset(MEASURES[found["measure"]].names)
    options = tuple(_option(each, names, f"{where}, option {n}") for n, each in enumerate(found["options"], 1))
    if len(options) < 2:
        raise ValueError(f"{where}: a prediction needs at least two options.")
    bare = [n for n, option in enumerate(options, 1) if option.rule is None]
    if bare != [len(options)]:
        raise ValueError(
            f"{where}: every option but the last needs 'when', and the last must have none, so that always "
            "one of them is right."
        )
    covers = tuple(found.get("covers", ()))
    if unknown := [name for name in covers if name not in PARTS]:
        raise ValueError(f"{where}: there is no part {unknown[0]!r} to cover. Known: {', '.join(PARTS)}.")
    at = _preset(found.get("at", {}), choices, where)
    bars = found.get("bars", {})
    if unknown := [name for name in bars.values() if not isinstance(name, str) or name not in names]:
        raise ValueError(f"{where}, bars: {unknown[0]!r} is not measured. Known: {', '.join(sorted(names))}.")
    return Prediction(found["question"], found["measure"], options, at, covers, bars)


def _option(table: Any, names: frozenset[str], where: str) -> Option:
    found = _fields(table, _OPTION, _OPTION_MORE, where)
    for text in (found["right"], found["wrong"]):
        try:
            used = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError as error:
            raise ValueError(f"{where}: the text {text!r} cannot be filled in: {error}.") from None
        if unknown := sorted(used - names):
            raise ValueError(f"{where}: {{{unknown[0]}}} is not measured. Known: {', '.join(sorted(names))}.")
    rule = _rule(found["when"], names, where) if "when" in found else None
    return Option(found["text"], found["right"], found["wrong"], rule)


def _rule(text: str, names: frozenset[str], where: str) -> Rule:
    try:
        rule = read_rule(text)
    except ValueError as error:
        raise ValueError(f"{where}: {error}.") from None
    if unknown := sorted(rule.names - names):
        raise ValueError(f"{where}: {unknown[0]!r} is not known. Known: {', '.join(sorted(names))}.")
    return rule
