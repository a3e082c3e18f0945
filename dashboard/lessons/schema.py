"""What may be in the file of a lesson, as JSON Schema (draft 2020-12), and what is said about anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from core.tasks import known_tasks
from dashboard.adapt.setup import SHOTS
from dashboard.session import url
from dashboard.session.settings import Choices

if TYPE_CHECKING:
    from jsonschema import ValidationError

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "pattern": r"\S"}
_KINDS = {
    "string": "a text", "integer": "a whole number", "array": "a list", "object": "a table",
    "number": "a number", "boolean": "true or false",
}  # fmt: skip
_COUNTED = {"steps": "step", "options": "option"}


def lesson_schema(choices: Choices, measures: Iterable[str], cards: Iterable[str]) -> Schema:
    """The schema; a ``description`` in it is for the sentence about a value that breaks its rule.

    Args:
        choices: what the pages offer.
        measures: names of what can be measured.
        cards: names of what the picture of a lesson may show.
    """
    part = _one_of(choices.parts, "there is no part {!r}")
    preset = {
        "type": "object",
        "propertyNames": _one_of(url.ADDRESS.names, "the address has no {!r}"),
        "additionalProperties": {"type": ["string", "number", "boolean"]},
    }
    fit = _table(
        {
            "task": _one_of((source.name for source in known_tasks(choices.axes)), "there is no task {!r}"),
            "shots": {"type": "integer", "minimum": SHOTS[0], "maximum": SHOTS[1]},
        }
    )
    option = _table({"text": _TEXT, "right": _TEXT, "wrong": _TEXT}, {"when": _TEXT})
    predict = _table(
        {
            "question": _TEXT,
            "measure": _one_of(measures, "nothing called {!r} can be measured"),
            "options": _list(option, 2, "at least two options; write [[steps.predict.options]]"),
        },
        {
            "at": preset,
            "covers": {"type": "array", "items": _one_of(choices.parts, "there is no part {!r} to cover")},
            "bars": {"type": "object", "additionalProperties": _TEXT},
            "ordered": {"type": "boolean"},
            "says": _TEXT,
        },
    )
    step = _table(
        {"text": _TEXT, "focus": part},
        {
            "preset": preset,
            "fit": fit,
            "predict": predict,
            "todo": _TEXT,
            "check": _TEXT,
            "done": _TEXT,
            "beside": {"type": "array", "items": part},
            "shows": {"type": "boolean"},
        },
        together=("todo", "check", "done"),
    )
    return _table(
        {
            "title": _TEXT,
            "goal": _TEXT,
            "minutes": {"type": "integer", "minimum": 1, "maximum": 60},
            "order": {"type": "integer"},
            "steps": _list(step, 1, "at least one step; write [[steps]]"),
        },
        {"card": _one_of(cards, "no card shows {!r}")},
    )


def problem(table: Mapping[str, Any], schema: Schema, where: str) -> str:
    """The first fault of a file as a sentence that says where it is and what must be there; "" if there is none.

    Args:
        table: the file.
        schema: of lessons.
        where: what the file is called in the sentence.
    """
    from jsonschema import Draft202012Validator  # a quarter of a second, so not before a lesson is read
    from jsonschema.validators import extend

    # The standard calls 5.0 a whole number too; a step or a minute written like that is a slip.
    whole = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    found = next(extend(Draft202012Validator, type_checker=whole)(schema).iter_errors(table), None)
    return _sentence(found, where) if found else ""


def _table(
    needed: Mapping[str, Schema], more: Mapping[str, Schema] | None = None, together: tuple[str, ...] = ()
) -> Schema:
    """A table with these fields and no others; rules about the whole come first, so they are said first."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(needed),
        "dependentRequired": {name: [each for each in together if each != name] for name in together},
        "properties": {**needed, **(more or {})},
    }


def _list(of: Schema, least: int, needs: str) -> Schema:
    return {"type": "array", "minItems": least, "items": of, "description": needs}


def _one_of(names: Iterable[str], otherwise: str) -> Schema:
    return {"type": "string", "enum": list(names), "description": otherwise}


def _sentence(error: ValidationError, where: str) -> str:
    *around, last = (*error.absolute_path,) or ("",)
    if isinstance(last, int) or error.validator in _OF_TABLES:
        place, name = _place(where, error.absolute_path), ""
    else:
        place, name = _place(where, around), str(last)
    rule = cast(Schema, error.schema)  # ours has no `true` or `false` in place of a table
    return f"{place}{_SAID[str(error.validator)](rule, error.instance, name)}."


def _place(where: str, path: Iterable[str | int]) -> str:
    """Steps and options are counted from 1, as people do."""
    names: list[str] = [where]
    for each in path:
        if isinstance(each, int):
            names[-1] = f"{_COUNTED.get(names[-1], names[-1])} {each + 1}"
        else:
            names.append(each)
    return ", ".join(names)


def _unknown(rule: Schema, value: Any, name: str) -> str:
    known = rule["properties"]
    return f" has {min(value.keys() - known.keys())!r}, which means nothing. Known: {', '.join(known)}"


def _missing(rule: Schema, value: Any, name: str) -> str:
    return f" lacks {next(each for each in rule['required'] if each not in value)!r}"


def _apart(rule: Schema, value: Any, name: str) -> str:
    names = rule["dependentRequired"]
    *first, last = (repr(each) for each in names)
    got = ", ".join(sorted(value.keys() & names.keys()))
    return f": {', '.join(first)} and {last} belong together; got only {got}"


def _kind(rule: Schema, value: Any, name: str) -> str:
    kinds = [rule["type"]] if isinstance(rule["type"], str) else rule["type"]
    said = f"must be {' or '.join(_KINDS[each] for each in kinds)}; got {value!r}"
    return f": {name!r} {said}" if name else f" {said}"


def _range(rule: Schema, value: Any, name: str) -> str:
    return f": {name} must be from {rule['minimum']} to {rule['maximum']}; got {value}"


def _choice(rule: Schema, value: Any, name: str) -> str:
    return f": {rule['description'].format(value)}. Known: {', '.join(rule['enum'])}"


_SAID: dict[str, Callable[[Schema, Any, str], str]] = {
    "additionalProperties": _unknown,
    "required": _missing,
    "dependentRequired": _apart,
    "type": _kind,
    "pattern": lambda rule, value, name: f": {name!r} is empty",
    "minimum": _range,
    "maximum": _range,
    "minItems": lambda rule, value, name: f" needs {rule['description']}",
    "enum": _choice,
}
"""By the rule that was broken, the end of the sentence."""

_OF_TABLES = ("additionalProperties", "required", "dependentRequired")
"""Rules about a whole table: its own name belongs to the place."""
