"""The classroom's own session: lesson and step, predictions, what is hidden, the tour; kept in the address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.adapt import runs
from dashboard.classroom import settings
from dashboard.classroom.settings import ClassSettings, Offer
from dashboard.lessons import facts
from dashboard.lessons.lesson import Lesson, Step
from dashboard.session import state, url
from dashboard.session.settings import Choices, Study
from dashboard.text import labels
from dashboard.text import learn as words

LEARN = "learn"
"""Name of the page on which lessons begin and end."""

_SETTINGS, _NOTICES, _MOVED = "classroom", "classroom.notices", "classroom.moved"
_SAYING, _COUNTED, _CLEARING = "classroom.saying", "classroom.counted", "classroom.clearing"


def begin(lessons: tuple[Lesson, ...], choices: Choices) -> tuple[str, ...]:
    """Read the settings from the address, on a session's first run.

    Returns:
        A sentence for each part of the address that was left out, until something is chosen.
    """
    session = st.session_state
    if _SETTINGS not in session:
        address = st.query_params.to_dict()
        offer = Offer({lesson.name: lesson.options for lesson in lessons}, tuple(choices.parts))
        session[_SETTINGS], session[_NOTICES] = settings.decode(address, offer)
        _want_fit(lessons, url.decode(address, choices)[0].seed)
    return session[_NOTICES]


def current() -> ClassSettings:
    """The settings as they are."""
    return st.session_state.get(_SETTINGS, ClassSettings())


def reset_key() -> str | None:
    """The key that sets a page back; while a lesson runs, it sets the step back."""
    return None if current().lesson else labels.RESET_KEY


def running(lessons: tuple[Lesson, ...]) -> tuple[Lesson, Step] | None:
    """The lesson that runs and its step."""
    now = current()
    lesson = next((each for each in lessons if each.name == now.lesson), None)
    return (lesson, lesson.steps[now.step - 1]) if lesson else None


def base(lessons: tuple[Lesson, ...], choices: Choices) -> Study:
    """The study from which the address counts differences: the step's, or the first screen."""
    found = running(lessons)
    return found[0].study(current().step - 1, choices) if found else choices.opening()


def publish() -> None:
    """Write the settings into the address, leaving other parameters alone."""
    settings.publish(st.query_params, current())


def change(**changes: Any) -> None:
    """Callback: other settings."""
    st.session_state[_SETTINGS] = replace(current(), **changes)
    st.session_state[_NOTICES] = ()


def go(lessons: tuple[Lesson, ...], choices: Choices, name: str, step: int, *, again: bool = False) -> None:
    """Callback: begin a step of a lesson, with the page as the lesson wants it.

    Args:
        lessons, choices: of the pages.
        name: of the lesson.
        step: counted from 1.
        again: set everything anew, even if the step itself sets nothing.
    """
    lesson = next(each for each in lessons if each.name == name)
    now = current()
    entered = again or now.lesson != name or step < now.step
    if now.lesson != name:
        now = replace(now, said=())
    change(lesson=name, step=step, tour=0, said=(now.saying(step, None) if again else now).said)
    st.session_state[_MOVED] = True
    target = lesson.steps[step - 1]
    if entered or target.preset:
        old = state.current()
        study, _ = url.decode(lesson.preset(step - 1) | {"seed": str(old.seed)}, choices)
        state.show(replace(study, upload=old.upload, gallery=old.gallery, saved=old.saved))
    if entered or target.fit:
        _want_fit(lessons, state.current().seed)


def _want_fit(lessons: tuple[Lesson, ...], seed: int) -> None:
    found = running(lessons)
    setup = found[0].setup(current().step - 1, seed) if found else None
    if setup:
        runs.want(setup)


def finish() -> None:
    """Callback: the lesson that runs is done."""
    st.session_state[_SETTINGS] = current().finished()
    st.session_state[_MOVED] = True
    st.toast(words.FINISHED, icon=":material/check_circle:")


def leave() -> None:
    """Callback: end the lesson without having done it."""
    change(lesson="", step=1, said=())


def destination(lessons: tuple[Lesson, ...], choices: Choices) -> str | None:
    """The page to go to when a step has just begun or a lesson has ended; said once."""
    if not st.session_state.pop(_MOVED, False):
        return None
    now, found = current(), running(lessons)
    if now.tour:
        return choices.parts[words.TOUR[now.tour - 1][0]].page
    return found[1].page if found else LEARN


def focus(lessons: tuple[Lesson, ...]) -> tuple[str, tuple[str, ...]]:
    """Name of the part that is pointed at, or "", and of those that would give a prediction away."""
    now, found = current(), running(lessons)
    if now.tour:
        return words.TOUR[now.tour - 1][0], ()
    if found is None:
        return "", ()
    step = found[1]
    return step.focus.name, step.prediction.covers if step.prediction and now.answer(now.step) is None else ()


def predict(lesson: Lesson, step: int, widget: str) -> None:
    """Callback: fix the option that the widget shows, counted from 1."""
    st.session_state[_SAYING] = (lesson.name, step)
    change(said=current().saying(step, st.session_state.get(widget)).said)


def newly_said(lesson: Lesson, step: int) -> bool:
    """Whether the answer to a step's question has just been given here, and is this visitor's first to it.

    One that came with a link was counted where it was given.
    """
    session, place = st.session_state, (lesson.name, step)
    counted: set[tuple[str, int]] = session.setdefault(_COUNTED, set())
    first = session.pop(_SAYING, None) == place and place not in counted
    if first:
        counted.add(place)
    return first


def clearing() -> bool:
    """Whether somebody has asked to clear the class's answers, and was not asked back yet."""
    return bool(st.session_state.get(_CLEARING))


def ask_to_clear(asked: bool) -> None:
    """Callback: ask back before the class's answers are cleared, or do not."""
    st.session_state[_CLEARING] = asked


def map_widgets() -> dict[str, object]:
    """Values of the map's widgets, for checks."""
    return {key: st.session_state.get(key) for key in facts.widgets()}


def widget(key: str) -> Any:
    """Value of a widget of ours; for callbacks."""
    return st.session_state.get(key)


def tour(stop: int) -> None:
    """Callback: go to a stop of the tour, 0 to end it."""
    change(tour=stop)
    st.session_state[_MOVED] = bool(stop)
