"""The lessons as cards, two in a row: a picture, what one can do afterwards, and the way in."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.classroom import session
from dashboard.figures import theme
from dashboard.lessons import pictures
from dashboard.lessons.lesson import Lesson
from dashboard.lessons.measures import LessonContext
from dashboard.session.settings import Choices
from dashboard.text.labels import counted
from dashboard.text.markdown import literal, title


def render(lessons: tuple[Lesson, ...], choices: Choices, context: LessonContext) -> None:
    """Draw all cards, and then their pictures, so that nobody has to wait for those."""
    places = []
    for first in range(0, len(lessons), 2):
        with st.container(key=f"narrow-charts-lessons-{first}"):
            columns = st.columns(2)
        for column, lesson in zip(columns, lessons[first : first + 2], strict=False):
            with column:
                places.append((lesson, _card(lessons, choices, lesson)))
    colours = theme.palette(st.context.theme.type)
    for lesson, place in places:
        if lesson.card:
            setup = lesson.setup(0, 0) or context.setup
            start = replace(context, study=lesson.study(0, choices), setup=setup)
            place.html(pictures.card(lesson.card, start, colours) or '<div class="card"></div>')


def _card(lessons: tuple[Lesson, ...], choices: Choices, lesson: Lesson) -> DeltaGenerator:
    """Draw one; the place of its picture."""
    now = session.current()
    with st.container(border=True, height="stretch"):
        place = st.empty()
        if lesson.card:
            place.html('<div class="card"></div>')  # its room, so that nothing moves when the picture comes
        st.subheader(f"{lesson.order}. {title(lesson.title)}", anchor=False)
        st.markdown(literal(lesson.goal))
        if lesson.name == now.lesson:
            said, verb, step = f"step {now.step} of {len(lesson.steps)}", "Continue", now.step
        elif lesson.name in now.done:
            said, verb, step = ":material/check_circle: done", "Again", 1
        else:
            said, verb, step = counted(len(lesson.steps), "step"), "Begin", 1
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                verb, key=f"learn.{lesson.name}", on_click=session.go, args=(lessons, choices, lesson.name, step),
                type="primary" if verb == "Continue" else "secondary",
            )  # fmt: skip
            st.markdown(f"{counted(lesson.minutes, 'minute')} · {said}")
    return place
