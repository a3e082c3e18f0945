"""The address of a study: every choice but the person's own files, so that a link restores the page.

Addresses are typed by people: :func:`decode` never fails, it replaces what it cannot read and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from core.inspect.feature_maps import LAYERS
from dashboard.live.encode import Picture
from dashboard.live.grid import FRAMES
from dashboard.session.settings import MAX_SAVED, MAX_SEED, PANELS, UPLOAD, Choices, Study, Values, rounded

NAME = r"[\w ]{1,24}"
"""A preset's name: nothing in it can be markup, or a separator of the address."""


@dataclass(frozen=True)
class Field:
    """One parameter: its name, what it is called in sentences, how it is written and read.

    ``write`` gives text. ``read`` gives the study with the value, or raises ``ValueError`` with a rule.
    """

    name: str
    label: str
    write: Callable[[Study], str]
    read: Callable[[str, Study, Choices], Study]


def encode(study: Study, opening: Study) -> dict[str, str]:
    """A study as address parameters; what equals the first screen is left out."""
    found = {field.name: field.write(study) for field in FIELDS}
    usual = {field.name: field.write(opening) for field in FIELDS}
    return {name: value for name, value in found.items() if value != usual[name]}


def decode(
    parameters: Mapping[str, str], choices: Choices, upload: Picture | None = None, base: Study | None = None
) -> tuple[Study, tuple[str, ...]]:
    """Read address parameters.

    Args:
        parameters: text by name.
        choices: what there is.
        upload: a person's own picture, which no address can carry.
        base: the study from which the address counts differences; default: the first screen.

    Returns:
        The study, and one sentence for each parameter that was replaced by its default.
    """
    study, problems = replace(base or choices.opening(), upload=upload), []
    for field in FIELDS:
        text = parameters.get(field.name)
        if text is None:
            continue
        try:
            study = field.read(text, study, choices)
        except ValueError as error:
            problems.append(f"The link's {field.label} was replaced by the usual one: {error}.")
    return study, tuple(problems)


def link(root: str, page: str, parameters: Mapping[str, str]) -> str:
    """A whole address: ``root`` without a slash at its end, name of the page or "", parameters."""
    query = f"?{urlencode(parameters, safe='~')}" if parameters else ""
    return f"{root}/{'' if page == 'explore' else page}{query}"


def write_values(values: Sequence[float]) -> str:
    """Coordinates with dashes between them."""
    return "-".join(f"{rounded(value):g}" for value in values)


def read_values(text: str, count: int) -> Values:
    """Coordinates, to the nearest step; ``ValueError`` with the rule otherwise."""
    parts = text.split("-")
    if len(parts) != count or not all(re.fullmatch(r"(0(\.[0-9]{1,4})?|1(\.0{1,4})?)", part) for part in parts):
        raise ValueError(f"it must be {count} numbers from 0 to 1 with dashes between them")
    return tuple(rounded(float(part)) for part in parts)


def _member(text: str, known: Sequence[str]) -> str:
    if text not in known:
        raise ValueError(f"it must be one of {', '.join(known)}")
    return text


def _number(text: str, highest: int) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) > highest:
        raise ValueError(f"it must be a whole number from 0 to {highest}")
    return int(text)


def _picture(text: str, study: Study, choices: Choices) -> Study:
    if text == UPLOAD and study.upload is None:
        raise ValueError("a link cannot carry an uploaded picture")
    return replace(study, picture=_member(text, (*choices.pictures, UPLOAD)))


def _b(text: str, study: Study, choices: Choices) -> Study:
    return replace(study, b=None if text == "none" else read_values(text, len(choices.axes)))


def _pad(text: str, study: Study, choices: Choices) -> Study:
    names = text.split("-")
    if len(names) != 2 or names[0] == names[1]:
        raise ValueError("it must be two transformations with a dash between them")
    first, second = (_member(name, choices.names) for name in names)
    return _look(study, pad=(first, second))


def _aligned(text: str, study: Study, choices: Choices) -> Study:
    return _look(study, aligned=_member(text, ("no", "yes")) == "yes")


def _saved(text: str, study: Study, choices: Choices) -> Study:
    found: dict[str, Values] = {}
    for part in text.split("~") if text else ():
        name, colon, values = part.partition(":")
        if not colon or not re.fullmatch(NAME, name) or len(found) == MAX_SAVED:
            raise ValueError(f"it must be at most {MAX_SAVED} names of letters, digits and spaces, each with numbers")
        found[name] = read_values(values, len(choices.axes))
    return replace(study, saved=tuple(found.items()))


def _look(study: Study, **changes: Any) -> Study:
    return replace(study, look=replace(study.look, **changes))


def _seed(text: str, study: Study, choices: Choices) -> Study:
    return replace(study, seed=_number(text, MAX_SEED))


def _at(text: str, study: Study, choices: Choices) -> Study:
    return replace(study, at=_number(text, FRAMES - 1))


def _axis(text: str, study: Study, choices: Choices) -> Study:
    return replace(study, axis=_member(text, choices.names))


def _a(text: str, study: Study, choices: Choices) -> Study:
    return replace(study, a=read_values(text, len(choices.axes)))


def _panel(text: str, study: Study, choices: Choices) -> Study:
    return _look(study, panel=_member(text, PANELS))


def _layer(text: str, study: Study, choices: Choices) -> Study:
    return _look(study, layer=_member(text, LAYERS))


FIELDS = (
    Field("picture", "picture", lambda s: s.picture, _picture),
    Field("axis", "transformation", lambda s: s.axis, _axis),
    Field("at", "strength", lambda s: str(s.at), _at),
    Field("a", "descriptor A", lambda s: write_values(s.a), _a),
    Field("b", "descriptor B", lambda s: "none" if s.b is None else write_values(s.b), _b),
    Field("seed", "seed of the other pictures", lambda s: str(s.seed), _seed),
    Field("pad", "pad", lambda s: "-".join(s.look.pad), _pad),
    Field("panel", "lower part of the page", lambda s: s.look.panel, _panel),
    Field("layer", "layer", lambda s: s.look.layer, _layer),
    Field("aligned", "choice to move maps back", lambda s: "yes" if s.look.aligned else "no", _aligned),
    Field("saved", "own presets", lambda s: "~".join(f"{n}:{write_values(v)}" for n, v in s.saved), _saved),
)
