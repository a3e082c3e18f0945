"""Lessons from files in TOML; whatever is wrong with a file is said in a sentence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from core import Descriptor
from dashboard import cache
from dashboard.lessons import facts, fits, measures
from dashboard.lessons.lesson import Lesson, Option, Prediction, Step
from dashboard.lessons.pictures import CARDS
from dashboard.lessons.rules import Rule, read_rule
from dashboard.lessons.schema import lesson_schema, problem
from dashboard.session import url
from dashboard.session.settings import Choices

FOLDER = Path(__file__).parent
"""Where the lessons are."""

MEASURES = measures.MEASURES | fits.MEASURES


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
    if said := problem(table, lesson_schema(choices, MEASURES, CARDS), where):
        raise ValueError(said)
    steps = tuple(_step(each, choices, f"{where}, step {n}") for n, each in enumerate(table.pop("steps"), 1))
    return Lesson(name, steps=steps, **table)


def read_lessons(choices: Choices, folder: Path | None = None) -> tuple[tuple[Lesson, ...], tuple[str, ...]]:
    """All lessons in their order, and one sentence for each file that is none; of :data:`FOLDER` unless told."""
    lessons, problems = [], []
    for path in sorted((folder or FOLDER).glob("*.toml")):
        try:
            lessons.append(read_lesson(path.stem, path.read_text(encoding="utf-8"), choices))
        except (ValueError, OSError) as error:
            problems.append(str(error))
    return tuple(sorted(lessons, key=lambda each: (each.order, each.name))), tuple(problems)


def known_lessons(choices: Choices) -> tuple[tuple[Lesson, ...], tuple[str, ...]]:
    """As :func:`read_lessons`, read once for equal choices."""
    offer = (choices.pictures, choices.axes, choices.layers, tuple(choices.parts))
    return cache.lessons(offer, lambda: read_lessons(choices))


def _step(table: Mapping[str, Any], choices: Choices, where: str) -> Step:
    return Step(
        table["text"].strip(), choices.parts[table["focus"]], _preset(table.get("preset", {}), choices, where),
        (table["fit"]["task"], table["fit"]["shots"]) if "fit" in table else None,
        _prediction(table["predict"], choices, f"{where}, predict") if "predict" in table else None,
        table.get("todo", ""), _rule(table["check"], facts.names(choices), where) if "check" in table else None,
        table.get("done", ""), tuple(choices.parts[name] for name in table.get("beside", ())),
        table.get("shows", False),
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
    if problems := url.decode(found, choices)[1]:
        raise ValueError(f"{where}: {problems[0]}")
    return found


def _prediction(table: Mapping[str, Any], choices: Choices, where: str) -> Prediction:
    names = frozenset(MEASURES[table["measure"]].names)
    options = tuple(_option(each, names, f"{where}, option {n}") for n, each in enumerate(table["options"], 1))
    bare = [n for n, option in enumerate(options, 1) if option.rule is None]
    if bare != [len(options)]:
        raise ValueError(
            f"{where}: every option but the last needs 'when', and the last must have none, so that always "
            "one of them is right."
        )
    at, bars = _preset(table.get("at", {}), choices, where), table.get("bars", {})
    _known(bars.values(), names, f"{where}, bars", "{!r} is not measured")
    return Prediction(
        table["question"],
        table["measure"],
        options,
        at,
        tuple(table.get("covers", ())),
        bars,
        table.get("ordered", False),
        table.get("says", ""),
    )


def _option(table: Mapping[str, Any], names: frozenset[str], where: str) -> Option:
    for text in (table["right"], table["wrong"]):
        try:
            used = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError as error:
            raise ValueError(f"{where}: the text {text!r} cannot be filled in: {error}.") from None
        _known(used, names, where, "{{{}}} is not measured")
    rule = _rule(table["when"], names, where) if "when" in table else None
    return Option(table["text"], table["right"], table["wrong"], rule)


def _rule(text: str, names: frozenset[str], where: str) -> Rule:
    try:
        rule = read_rule(text)
    except ValueError as error:
        raise ValueError(f"{where}: {error}.") from None
    _known(rule.names, names, where, "{!r} is not known")
    return rule


def _known(used: Iterable[str], names: frozenset[str], where: str, otherwise: str) -> None:
    if unknown := sorted(set(used) - names):
        raise ValueError(f"{where}: {otherwise.format(unknown[0])}. Known: {', '.join(sorted(names))}.")
