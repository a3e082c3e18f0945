"""The only access to the session: which study is shown, what came before it, and what the widgets say.

Widgets report in two ways. Streamlit's own have a key, and :func:`begin` folds their values into the
study. The sliders commit a numbered value, so that an old one is never taken for a new one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from core.inspect.gallery import read_gallery
from core.sharing import read_view
from dashboard.encode import read_upload
from dashboard.session.files import link, opened_view
from dashboard.session.settings import MAX_SAVED, UPLOAD, Choices, Study, rounded, turned, usual
from dashboard.session.undo import History
from dashboard.session.url import ADDRESS, BAD_NAME, decode
from dashboard.session.url import NAME as NAMES

SLIDERS = "sliders"
NAME = "preset.name"
_STUDY_WIDGETS = ("picture", "axis", "seed")
_ARRANGEMENT_WIDGETS = ("panel", "layer", "aligned")


def begin(choices: Choices, base: Study | None = None) -> Study:
    """The study of this run: from the address on the first one, then from the widgets.

    Args:
        choices: what there is.
        base: what an address without parameters means; default: the first screen.
    """
    session = st.session_state
    session["axes"] = choices.names
    if "history" not in session:
        address = st.query_params.to_dict()
        if (axis := address.get("axis")) in choices.names:
            base = usual(base or choices.opening(), axis, choices.names)
        study, session["notices"] = decode(address, choices, base=base)
        session["history"], session["noticed"] = History(study), study
        session["acked"], session["uploads"] = 0, 0
    study = _folded(current())
    if study.picture == UPLOAD and study.upload is None:
        study = replace(study, picture=choices.opening().picture)
    remember(study)
    return study


def current() -> Study:
    """The study that is shown."""
    history: History[Study] = st.session_state["history"]
    return history.present


def remember(study: Study) -> None:
    """Make a study the current one, as a step of the history if it is more than an arrangement of the page."""
    session = st.session_state
    history: History[Study] = session["history"]
    session["history"] = history.push(study) if study.differs(history.present) else history.amend(study)
    _seed_widgets(study)


def undo() -> None:
    """Callback: one step back, in the present arrangement of the page."""
    _travel(st.session_state["history"].undo())


def redo() -> None:
    """Callback: one step forward again."""
    _travel(st.session_state["history"].redo())


def can_undo() -> bool:
    """There is a step back."""
    return bool(st.session_state["history"].past)


def can_redo() -> bool:
    """There is a step forward."""
    return bool(st.session_state["history"].future)


def _travel(history: History[Study]) -> None:
    arrangement = current().arrangement
    st.session_state["history"] = history.amend(replace(history.present, arrangement=arrangement))
    _seed_widgets(current())


def _folded(study: Study) -> Study:
    session = st.session_state
    found = {name: session[name] for name in _STUDY_WIDGETS if session.get(name) is not None}
    arrangement = {name: session[name] for name in _ARRANGEMENT_WIDGETS if session.get(name) is not None}
    number, values = _committed(session.get(SLIDERS), len(study.a))
    if number > session["acked"]:
        session["acked"] = number
        study = replace(study, a=values)
    study = turned(study, found.pop("axis", study.axis), session["axes"])
    return replace(study, **found, arrangement=replace(study.arrangement, **arrangement))


def _committed(component: Any, count: int) -> tuple[int, tuple[float, ...]]:
    """Number and values of the sliders' last commit; (0, ()) if there is none or it makes no sense."""
    value = component.get("value") if isinstance(component, Mapping) else None
    if not isinstance(value, Mapping):
        return 0, ()
    number, values = value.get("number"), value.get("values")
    checked = coordinates(values, count)
    return (number, checked) if isinstance(number, int) and checked else (0, ())


def coordinates(values: Any, count: int) -> tuple[float, ...]:
    """To the nearest steps; () if they make no sense."""
    if not (isinstance(values, list | tuple) and len(values) == count):
        return ()
    if not all(isinstance(v, int | float) and math.isfinite(v) for v in values):
        return ()
    return tuple(rounded(v) for v in values)


def acknowledged() -> int:
    """Number of the sliders' last commit that the page shows."""
    return st.session_state["acked"]


def reported(component: str, name: str) -> Any:
    """What a component of ours has triggered in this run; for callbacks."""
    return (st.session_state.get(component) or {}).get(name)


def kept(key: str, default: str) -> str:
    """What was chosen in a widget that is not drawn now, or may not be."""
    return str(st.session_state.get(key) or default)


def _seed_widgets(study: Study) -> None:
    values: dict[str, Any] = {name: getattr(study, name) for name in _STUDY_WIDGETS}
    values |= {name: getattr(study.arrangement, name) for name in _ARRANGEMENT_WIDGETS}
    for key, value in values.items():
        # Writing sends the value to the browser and would undo what a person does there meanwhile: only if it differs.
        if st.session_state.get(key) != value:
            st.session_state[key] = value


def show(study: Study) -> None:
    """Callback: make a study the current one."""
    remember(study)


def choose(**changes: Any) -> None:
    """Make a study with changes the current one; for callbacks, which run before the widgets are drawn."""
    remember(replace(_folded(current()), **changes))


def choose_b(values: Any) -> None:
    """Callback: a browser's coordinates for B, if they make sense."""
    if checked := coordinates(values, len(current().a)):
        choose(b=checked)


def with_axis(name: str | None = None) -> Study:
    """The study with another transformation shown, by default the one that its widget says; see :func:`turned`."""
    study = _folded(current())
    return turned(study, name or study.axis, st.session_state["axes"])


def arrange(**changes: Any) -> None:
    """Change the arrangement of the page; for callbacks."""
    study = _folded(current())
    remember(replace(study, arrangement=replace(study.arrangement, **changes)))


def publish(study: Study, opening: Study) -> None:
    """Write the study into the address, leaving other parameters alone."""
    ADDRESS.publish(st.query_params, study, usual(opening, study.axis, st.session_state["axes"]))


def notices(study: Study) -> tuple[str, ...]:
    """What was wrong with the link or the last upload, until something else is chosen."""
    return st.session_state["notices"] if study == st.session_state["noticed"] else ()


def uploader_key(kind: str) -> str:
    """The key of a file uploader; it changes to empty it."""
    return f"{kind}.{st.session_state['uploads']}"


def take_upload(kind: str, fallback: str) -> None:
    """Callback of the uploader and of the camera: show the picture, or keep the study and say why not."""
    study = _folded(current())
    file = st.session_state[uploader_key(kind)]
    if file is None:
        picture = fallback if study.picture == UPLOAD else study.picture
        return _take(replace(study, upload=None, picture=picture))
    try:
        upload = read_upload(file.getvalue(), file.name)
    except ValueError as error:
        return _take(study, str(error))
    return _take(replace(study, upload=upload, picture=UPLOAD))


def take_gallery() -> None:
    """Callback of the gallery's uploader: use the pictures, or keep the study and say why not."""
    study = _folded(current())
    files = st.session_state[uploader_key("gallery")]
    if not files:
        return _take(replace(study, gallery=None))
    try:
        gallery = read_gallery([(file.name, file.getvalue()) for file in files])
    except ValueError as error:
        return _take(study, str(error))
    return _take(replace(study, gallery=gallery), *gallery.skipped)


def take_view(choices: Choices, digest: str) -> None:
    """Callback of the uploader of views: show the file's study, keep a lesson's address, or say why not."""
    study, file = _folded(current()), st.session_state[uploader_key("view")]
    st.session_state["shared.lesson"], st.session_state["shared.view"] = "", False
    if file is None:
        return _take(study)
    try:
        view, notes = read_view(file.getvalue(), file.name, digest)
        found, problems = (study, ()) if view.lesson else opened_view(view, choices)
    except ValueError as error:
        return _take(study, str(error))
    st.session_state["shared.lesson"] = link(view) if view.lesson else ""
    st.session_state["shared.view"] = not view.lesson
    return _take(found, *notes, *problems)


def lesson_link() -> str:
    """Address of the lesson that was opened from a file last, or ""."""
    return st.session_state.get("shared.lesson", "")


def view_opened() -> bool:
    """The file that was opened last was a view, and it could be read."""
    return st.session_state.get("shared.view", False)


def _take(study: Study, *problems: str) -> None:
    remember(study)
    st.session_state["notices"], st.session_state["noticed"] = problems, study


def save() -> None:
    """Callback of the form: keep the present A under a name; a known name gets the new values."""
    session = st.session_state
    study, name = _folded(current()), " ".join(session.get(NAME, "").split())
    session["naming"] = "" if re.fullmatch(NAMES, name) else BAD_NAME
    if not session["naming"]:
        remember(replace(study, saved=tuple((dict(study.saved) | {name: study.a}).items())[:MAX_SAVED]))


def naming_problem() -> str:
    """What was wrong with the last name, said once."""
    return st.session_state.pop("naming", "")


def reset(opening: Study) -> None:
    """Callback: back to the first screen, own files included; it can be undone."""
    st.session_state["uploads"] += 1
    remember(replace(opening, saved=current().saved))


def is_opening(study: Study, opening: Study) -> bool:
    """The page is as it was at first, so there is nothing to reset."""
    return study == replace(opening, saved=study.saved)
