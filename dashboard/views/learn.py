"""Learn: all lessons, and what a teacher hands out."""

from __future__ import annotations

import streamlit as st

from dashboard.classroom import session
from dashboard.lessons.lesson import Lesson
from dashboard.lessons.measures import LessonContext
from dashboard.panels.learn import class_link
from dashboard.session.settings import Choices
from dashboard.text import labels
from dashboard.text.markdown import literal, title
from dashboard.widgets.open_file import open_file


def render(lessons: tuple[Lesson, ...], problems: tuple[str, ...], choices: Choices, context: LessonContext) -> None:
    """Draw the page.

    Args:
        lessons: all that could be read.
        problems: a sentence for each that could not.
        choices: of the pages.
        context: for the answers on the teacher's sheet.
    """
    st.title("Learn in small steps", anchor=False)
    st.markdown(labels.LEARN)
    for sentence in problems:
        st.warning(literal(sentence))
    st.header("Lessons", anchor=False)
    done = sum(lesson.name in session.current().done for lesson in lessons)
    minutes = sum(lesson.minutes for lesson in lessons)
    st.caption(f"{len(lessons)} lessons, {minutes} minutes in all; {done} done.")
    for start in range(0, len(lessons), 2):
        with st.container(key=f"narrow-charts-lessons-{start}"):
            columns = st.columns(2)
        for column, lesson in zip(columns, lessons[start : start + 2], strict=False):
            with column:
                _card(lessons, choices, lesson)
    st.header("Open a lesson from a file", anchor=False)
    open_file(choices, context.model.metadata["digest"])
    class_link.render(lessons, choices, context)


def _card(lessons: tuple[Lesson, ...], choices: Choices, lesson: Lesson) -> None:
    now = session.current()
    with st.container(border=True, height="stretch"):
        st.markdown(f"### {lesson.order}. {title(lesson.title)}")
        st.markdown(literal(lesson.goal))
        if lesson.name == now.lesson:
            said, verb, step = f"step {now.step} of {len(lesson.steps)}", "Continue", now.step
        elif lesson.name in now.done:
            said, verb, step = ":material/check_circle: done", "Again", 1
        else:
            said, verb, step = f"{len(lesson.steps)} steps", "Begin", 1
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                verb, key=f"learn.{lesson.name}", on_click=session.go, args=(lessons, choices, lesson.name, step),
                type="primary" if verb == "Continue" else "secondary",
            )  # fmt: skip
            st.markdown(f"{lesson.minutes} minutes · {said}")
