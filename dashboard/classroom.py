"""The class room's own session: lesson and step, predictions, what is hidden, the tour; kept in the address."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import address, labels, room, runs, state
from dashboard.lessons import facts
from dashboard.lessons.lesson import Lesson, Step
from dashboard.lessons.parts import PARTS
from dashboard.room import Room
from dashboard.study import Choices, Study

_ROOM, _NOTICES, _MOVED, _ANSWERS = "room", "room.notices", "room.moved", "room.answers"


def begin(lessons: tuple[Lesson, ...]) -> tuple[str, ...]:
    """Read the room from the address, on a session's first run.

    Returns:
        A sentence for each part of the address that was left out, until something is chosen.
    """
    session = st.session_state
    if _ROOM not in session:
        steps = {lesson.name: len(lesson.steps) for lesson in lessons}
        session[_ROOM], session[_NOTICES] = room.decode(st.query_params.to_dict(), steps)
        session[_ANSWERS] = {}
        seed = st.query_params.get("seed", "0")
        _want_fit(lessons, int(seed) if re.fullmatch(r"[0-9]{1,4}", seed) else 0)
    return session[_NOTICES]


def current() -> Room:
    """The room as it is."""
    return st.session_state.get(_ROOM, Room())


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
    """Write the room into the address, leaving other parameters alone."""
    wanted = room.encode(current())
    for name in room.PARAMETERS:
        if name in wanted and st.query_params.get(name) != wanted[name]:
            st.query_params[name] = wanted[name]
        elif name not in wanted and name in st.query_params:
            del st.query_params[name]


def change(**changes: Any) -> None:
    """Callback: another setting of the room."""
    st.session_state[_ROOM] = replace(current(), **changes)
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
    change(lesson=name, step=step, tour=0)
    st.session_state[_MOVED] = True
    if again:
        forget(name, step)
    target = lesson.steps[step - 1]
    if entered or target.preset:
        old = state.current()
        study, _ = address.decode(lesson.preset(step - 1) | {"seed": str(old.seed)}, choices)
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
    st.session_state[_ROOM] = current().finished()
    st.session_state[_MOVED] = True


def leave() -> None:
    """Callback: end the lesson without having done it."""
    change(lesson="", step=1)


def destination(lessons: tuple[Lesson, ...]) -> str | None:
    """The page to go to when a step has just begun or a lesson has ended; said once."""
    if not st.session_state.pop(_MOVED, False):
        return None
    now, found = current(), running(lessons)
    if now.tour:
        return PARTS[labels.TOUR[now.tour - 1][0]].page
    return found[1].page if found else "learn"


def focus(lessons: tuple[Lesson, ...]) -> tuple[str, tuple[str, ...]]:
    """The part that is pointed at, or "", and the parts that would give a prediction away."""
    now, found = current(), running(lessons)
    if now.tour:
        return labels.TOUR[now.tour - 1][0], ()
    if found is None:
        return "", ()
    lesson, step = found
    open_question = step.prediction and answer(lesson.name, now.step) is None
    return step.focus, step.prediction.covers if open_question and step.prediction else ()


def answer(lesson: str, step: int) -> int | None:
    """Which option a person has fixed before the reveal."""
    return st.session_state.get(_ANSWERS, {}).get((lesson, step))


def choose(lesson: str, step: int, widget: str) -> None:
    """Callback: fix the option that the widget shows."""
    option = st.session_state.get(widget)
    if option is not None:
        st.session_state[_ANSWERS] = st.session_state.get(_ANSWERS, {}) | {(lesson, step): option}


def forget(lesson: str, step: int) -> None:
    """Callback: ask a prediction again."""
    answers = st.session_state.get(_ANSWERS, {})
    st.session_state[_ANSWERS] = {key: value for key, value in answers.items() if key != (lesson, step)}


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
