"""What a class sees above a page: its style, and the coach or the tour; goes to the page that a step is about."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard.adapt import runs
from dashboard.classroom import session, styles
from dashboard.figures import theme
from dashboard.lessons import facts, parts
from dashboard.lessons.lesson import Lesson
from dashboard.lessons.measures import LessonContext
from dashboard.panels.learn import lesson_step, tour
from dashboard.session.settings import Choices
from dashboard.text import labels


def render(
    lessons: tuple[Lesson, ...], choices: Choices, context: LessonContext, page: str, pages: Mapping[str, StreamlitPage]
) -> None:
    """Draw it, or leave for another page.

    Args:
        lessons, choices: of the pages.
        context: what the page shows.
        page: name of the one that is drawn.
        pages: all of them.
    """
    target = session.destination(lessons)
    if target is not None and target != page:
        st.switch_page(pages[target])
    room = session.current()
    focus, covers = session.focus(lessons)
    away = parts.hidden(page, room.hide, focus, projector=room.projector)
    colours = theme.palette(st.context.theme.type)
    shown = "" if focus in covers else focus
    st.html(styles.style((*away, *covers), shown, colours, large=room.large, projector=room.projector))
    if room.projector and st.context.theme.type == "dark":
        st.info(labels.DARK_PROJECTOR)
    tour.render(page, pages)
    if page != "learn" and not room.tour:
        known = facts.gather(page, context.study, choices, runs.latest(), session.map_widgets())
        lesson_step.render(lessons, choices, context, known, pages)
