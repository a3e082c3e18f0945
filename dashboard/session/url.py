"""The address of a study: every choice but the person's own files, so that a link restores the page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from core.inspect.grid import FRAMES
from dashboard.encode import Picture
from dashboard.session.codec import Codec, Field, member, whole
from dashboard.session.settings import MAX_SAVED, MAX_SEED, PANELS, UPLOAD, Choices, Study, Values, rounded

NAME = r"[\w ]{1,24}"
"""A preset's name: nothing in it can be markup, or a separator of the address."""

BAD_NAME = "A preset needs a name of 1 to 24 letters, digits and spaces. Choose another name."


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
    return ADDRESS.decode(parameters, replace(base or choices.opening(), upload=upload), choices)


def link(root: str, path: str, parameters: Mapping[str, str]) -> str:
    """A whole address: ``root`` without a slash at its end, path of the page, parameters."""
    query = f"?{urlencode(parameters, safe='~')}" if parameters else ""
    return f"{root}/{path}{query}"


def write_values(values: Sequence[float]) -> str:
    """Coordinates with dashes between them."""
    return "-".join(f"{rounded(value):g}" for value in values)


def read_values(text: str, count: int) -> Values:
    """Coordinates, to the nearest step; ``ValueError`` with the rule otherwise."""
    parts = text.split("-")
    if len(parts) != count or not all(re.fullmatch(r"(0(\.[0-9]{1,4})?|1(\.0{1,4})?)", part) for part in parts):
        raise ValueError(f"it must be {count} numbers from 0 to 1 with dashes between them")
    return tuple(rounded(float(part)) for part in parts)


def _picture(text: str, study: Study, choices: Choices) -> str:
    if text == UPLOAD and study.upload is None:
        raise ValueError("neither a link nor a reload keeps your own picture; add it again")
    return member(text, (*choices.pictures, UPLOAD))


def _pinned(text: str, study: Study, choices: Choices) -> Values | None:
    return None if text == "none" else read_values(text, len(choices.axes))


def _write_pinned(values: Values | None) -> str:
    return "none" if values is None else write_values(values)


def _pad(text: str, study: Study, choices: Choices) -> tuple[str, str]:
    names = text.split("-")
    if len(names) != 2 or names[0] == names[1]:
        raise ValueError("it must be two transformations with a dash between them")
    first, second = (member(name, choices.names) for name in names)
    return first, second


def _saved(text: str, study: Study, choices: Choices) -> tuple[tuple[str, Values], ...]:
    found: dict[str, Values] = {}
    for part in text.split("~") if text else ():
        name, colon, values = part.partition(":")
        if not colon or not re.fullmatch(NAME, name) or len(found) == MAX_SAVED:
            raise ValueError(f"it must be at most {MAX_SAVED} names of letters, digits and spaces, each with numbers")
        found[name] = read_values(values, len(choices.axes))
    return tuple(found.items())


def _write_saved(saved: Sequence[tuple[str, Values]]) -> str:
    return "~".join(f"{name}:{write_values(values)}" for name, values in saved)


ADDRESS: Codec[Study, Choices] = Codec(
    (
        Field("picture", "picture", "picture", _picture),
        Field("axis", "transformation", "axis", lambda text, _, choices: member(text, choices.names)),
        Field("at", "strength", "at", lambda text, *_: whole(text, 0, FRAMES - 1)),
        Field("a", "descriptor A", "a", lambda text, _, choices: read_values(text, len(choices.axes)), write_values),
        Field("b", "descriptor B", "b", _pinned, _write_pinned),
        Field("seed", "seed of the other pictures", "seed", lambda text, *_: whole(text, 0, MAX_SEED)),
        Field("pad", "pad", "arrangement.pad", _pad, "-".join),
        Field("panel", "lower part of the page", "arrangement.panel", lambda text, *_: member(text, PANELS)),
        Field("layer", "layer", "arrangement.layer", lambda text, _, choices: member(text, choices.layers)),
        Field(
            "aligned", "choice to move maps back", "arrangement.aligned",
            lambda text, *_: member(text, ("no", "yes")) == "yes", lambda aligned: "yes" if aligned else "no",
        ),
        Field("saved", "own presets", "saved", _saved, _write_saved),
    )
)  # fmt: skip
"""All choices, by parameter."""
