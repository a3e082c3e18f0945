"""What a class sees above a page: its style, and the lesson or the tour; goes to the page that a step is about."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard.adapt import runs
from dashboard.classroom import lesson_step, parts, session, styles, tour
from dashboard.figures import theme
from dashboard.lessons import facts
from dashboard.lessons.lesson import Lesson
from dashboard.lessons.measures import LessonContext
from dashboard.session.settings import Choices
from dashboard.text import learn as words


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
    target = session.destination(lessons, choices)
    if target is not None and target != page:
        st.switch_page(pages[target])
    now, known = session.current(), choices.parts
    focus, covers = session.focus(lessons)
    away = parts.hidden(known, page, now.hide, focus, projector=now.projector)
    covered = tuple(known[name] for name in covers)
    colours = theme.palette(st.context.theme.type)
    shown = None if focus in covers else known.get(focus)
    st.html(styles.style((*away, *covered), shown, colours, large=now.large, projector=now.projector))
    if now.projector and st.context.theme.type == "dark":
        st.info(words.DARK_PROJECTOR)
    tour.render(choices, page, pages)
    if page != session.LEARN and not now.tour:
        found = facts.gather(page, context.study, choices, runs.latest(), session.map_widgets())
        lesson_step.render(lessons, choices, context, found, pages)
