"""What a person has chosen: one frozen value, its address, and the only access to the session.

Everything but an uploaded picture is in the address, so a link restores the page. Addresses are typed
by people: :func:`decode` never fails, it replaces what it cannot read and says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core import Descriptor
from core.transforms import Axis
from dashboard import texts
from dashboard.pictures import Picture, read_upload

STEP = 0.05
"""Descriptors move in these steps: finer ones cannot be seen, and coarser keys make the caches hit."""

UPLOAD = "yours"
MAX_SEED = 9999
FIELDS = ("picture", "axis", "a", "b", "seed")

# The first screen, chosen as the widest gap between A and B over all photographs and axes of the shipped model.
OPENING_PICTURE = "cat"
OPENING_AXIS = "hue"
OPENING_REST = 0.5


@dataclass(frozen=True)
class Study:
    """One setting of the page.

    Attributes:
        picture: name of a photograph, or :data:`UPLOAD`.
        axis: name of the transformation that is shown.
        a: K coordinates of descriptor A, the sliders.
        b: K coordinates of the pinned descriptor B, or ``None``.
        seed: draws the probe images.
        upload: the uploaded picture, if there is one.
    """

    picture: str
    axis: str
    a: tuple[float, ...]
    b: tuple[float, ...] | None
    seed: int = 0
    upload: Picture | None = None


@dataclass(frozen=True)
class Choices:
    """What can be chosen: names of photographs, and the model's axes."""

    pictures: tuple[str, ...]
    axes: tuple[Axis, ...]

    def opening(self) -> Study:
        """The first screen: A ignores the opening axis, B keeps it, all else is equal."""
        names = [axis.name for axis in self.axes]
        axis = OPENING_AXIS if OPENING_AXIS in names else names[0]
        picture = OPENING_PICTURE if OPENING_PICTURE in self.pictures else self.pictures[0]
        rest = Descriptor.constant(OPENING_REST, self.axes)
        return Study(picture, axis, rest.replace(**{axis: 1.0}).values, rest.replace(**{axis: 0.0}).values)


def presets(axis: str, axes: Sequence[Axis]) -> dict[str, tuple[str, tuple[float, ...]]]:
    """Name -> explanation and descriptor; the last two are about the transformation that is shown."""
    keep, ignore = Descriptor.constant(0.0, axes), Descriptor.constant(1.0, axes)
    return {
        "Keep all": ("Every change is kept.", keep.values),
        "Ignore all": ("Every change is ignored.", ignore.values),
        f"Ignore {axis}": ("All other changes are kept.", keep.replace(**{axis: 1.0}).values),
        f"Keep {axis}": ("All other changes are ignored.", ignore.replace(**{axis: 0.0}).values),
    }


def encode(study: Study, opening: Study) -> dict[str, str]:
    """A study as address parameters; what equals the first screen is left out."""
    found = {
        "picture": study.picture,
        "axis": study.axis,
        "a": _write(study.a),
        "b": "none" if study.b is None else _write(study.b),
        "seed": str(study.seed),
    }
    usual = {"picture": opening.picture, "axis": opening.axis, "a": _write(opening.a), "seed": str(opening.seed)}
    usual["b"] = "none" if opening.b is None else _write(opening.b)
    return {name: value for name, value in found.items() if value != usual[name]}


def decode(
    parameters: Mapping[str, str], choices: Choices, upload: Picture | None = None
) -> tuple[Study, tuple[str, ...]]:
    """Read address parameters.

    Returns:
        The study, and one sentence for each parameter that was replaced by its default.
    """
    study, problems = replace(choices.opening(), upload=upload), []
    axes = [axis.name for axis in choices.axes]
    for name in FIELDS:
        text = parameters.get(name)
        if text is None:
            continue
        try:
            study = replace(study, **{name: _read(name, text, choices, axes, upload)})
        except ValueError as error:
            problems.append(f"The link's {texts.FIELD_NAMES[name]} was replaced by the usual one: {error}.")
    return study, tuple(problems)


def _read(name: str, text: str, choices: Choices, axes: list[str], upload: Picture | None) -> Any:
    if name == "picture":
        if text == UPLOAD and upload is None:
            raise ValueError("a link cannot carry an uploaded picture")
        return _member(text, (*choices.pictures, UPLOAD))
    if name == "axis":
        return _member(text, axes)
    if name == "seed":
        if not re.fullmatch(r"[0-9]{1,4}", text):
            raise ValueError(f"it must be a whole number from 0 to {MAX_SEED}")
        return int(text)
    if name == "b" and text == "none":
        return None
    return _read_descriptor(text, len(axes))


def _member(text: str, known: Sequence[str]) -> str:
    if text not in known:
        raise ValueError(f"it must be one of {', '.join(known)}")
    return text


def _read_descriptor(text: str, count: int) -> tuple[float, ...]:
    parts = text.split("-")
    if len(parts) != count or not all(re.fullmatch(r"(0(\.[0-9]{1,4})?|1(\.0{1,4})?)", part) for part in parts):
        raise ValueError(f"it must be {count} numbers from 0 to 1 with dashes between them")
    return tuple(rounded(float(part)) for part in parts)


def _write(values: Sequence[float]) -> str:
    return "-".join(f"{rounded(value):g}" for value in values)


def rounded(value: float) -> float:
    """The nearest step in [0, 1]."""
    return round(min(max(round(value / STEP), 0), round(1 / STEP)) * STEP, 2)


# --- the session ---------------------------------------------------------------------------------------------


def coordinate_key(axis: str) -> str:
    """The widget key of one coordinate of A."""
    return f"a.{axis}"


def begin(choices: Choices) -> Study:
    """The study of this run: from the address on the first one, then from the widgets."""
    session = st.session_state
    if "study" not in session:
        session["study"], session["notices"] = decode(st.query_params.to_dict(), choices)
        session["noticed"], session["uploads"] = session["study"], 0
    study: Study = session["study"]
    a = tuple(
        rounded(session.get(coordinate_key(axis.name), value))
        for axis, value in zip(choices.axes, study.a, strict=True)
    )
    study = replace(
        study, a=a, **{name: session[name] for name in ("picture", "axis", "seed") if session.get(name) is not None}
    )
    if study.picture == UPLOAD and study.upload is None:
        study = replace(study, picture=choices.opening().picture)
    session["study"] = study
    _seed_widgets(study, choices.axes)
    return study


def _seed_widgets(study: Study, axes: Sequence[Axis]) -> None:
    values: dict[str, Any] = {"picture": study.picture, "axis": study.axis, "seed": study.seed}
    values |= {coordinate_key(axis.name): value for axis, value in zip(axes, study.a, strict=True)}
    for key, value in values.items():
        # Writing sends the value to the browser and would undo what a person does there meanwhile: only if it differs.
        if not _same(st.session_state.get(key), value):
            st.session_state[key] = value


def _same(old: Any, new: Any) -> bool:
    """Equal up to the rounding of floats: a slider in the browser says 0.15000000000000002."""
    if isinstance(old, float) and isinstance(new, float):
        return math.isclose(old, new, abs_tol=1e-9)
    return bool(old == new)


def apply(study: Study, axes: Sequence[Axis]) -> None:
    """Make a study the current one; for callbacks, which run before the widgets are drawn."""
    st.session_state["study"] = study
    _seed_widgets(study, axes)


def publish(study: Study, opening: Study) -> None:
    """Write the study into the address, leaving other parameters alone."""
    wanted = encode(study, opening)
    for name in FIELDS:
        if name in wanted and st.query_params.get(name) != wanted[name]:
            st.query_params[name] = wanted[name]
        elif name not in wanted and name in st.query_params:
            del st.query_params[name]


def notices(study: Study) -> tuple[str, ...]:
    """What was wrong with the link or the last upload, until something else is chosen."""
    return st.session_state["notices"] if study == st.session_state["noticed"] else ()


def uploader_key() -> str:
    """The key of the file uploader; it changes to empty it."""
    return f"upload.{st.session_state['uploads']}"


def take_upload(axes: Sequence[Axis], fallback: str) -> None:
    """Callback of the uploader: show the picture, or keep the study and say why not."""
    session = st.session_state
    study: Study = session["study"]
    file = session[uploader_key()]
    problems: tuple[str, ...] = ()
    try:
        upload = read_upload(file.getvalue(), file.name) if file else None
    except ValueError as error:
        upload, problems = study.upload, (str(error),)
    picture = study.picture
    if upload is None and picture == UPLOAD:
        picture = fallback
    elif upload is not None and not problems:
        picture = UPLOAD
    study = replace(study, upload=upload, picture=picture)
    apply(study, axes)
    session["notices"], session["noticed"] = problems, study


def reset(opening: Study, axes: Sequence[Axis]) -> None:
    """Callback: back to the first screen, uploaded picture included."""
    st.session_state["uploads"] += 1
    apply(opening, axes)
