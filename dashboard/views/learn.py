"""Learn: all lessons, the words that they use, and what a teacher hands out and gets back."""

from __future__ import annotations

import streamlit as st

from dashboard.classroom import session
from dashboard.lessons.lesson import Lesson
from dashboard.lessons.measures import LessonContext
from dashboard.panels.learn import cards, class_answers, class_link
from dashboard.session.settings import Choices
from dashboard.text import learn as words
from dashboard.text import terms
from dashboard.text.labels import counted
from dashboard.text.markdown import literal
from dashboard.widgets import glossary
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
    st.markdown(words.LEARN)
    for sentence in problems:
        st.warning(literal(sentence))
    st.header("Lessons", anchor=False)
    done = sum(lesson.name in session.current().done for lesson in lessons)
    minutes = sum(lesson.minutes for lesson in lessons)
    st.caption(f"{counted(len(lessons), 'lesson')}, {counted(minutes, 'minute')} in all; {done} done.")
    shown = st.container()
    glossary.render("All words, each in a sentence", terms.sentences())
    st.header("Open a lesson from a file", anchor=False)
    open_file(choices, context.model.metadata["digest"])
    class_link.render(lessons, choices, context)
    class_answers.render(lessons, context.study.seed)
    with shown:  # last, for its pictures take longest
        cards.render(lessons, choices, context)
