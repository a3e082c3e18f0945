"""What a class sees above a page: its style, and the coach or the tour; goes to the page that a step is about."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import classroom, labels, runs, stage, theme
from dashboard.lessons import facts, parts
from dashboard.lessons.lesson import Lesson
from dashboard.lessons.measures import Bench
from dashboard.panels import coach, tour
from dashboard.study import Choices


def render(
    lessons: tuple[Lesson, ...], choices: Choices, bench: Bench, page: str, pages: Mapping[str, StreamlitPage]
) -> None:
    """Draw it, or leave for another page.

    Args:
        lessons, choices: of the pages.
        bench: what the page shows.
        page: name of the one that is drawn.
        pages: all of them.
    """
    target = classroom.destination(lessons)
    if target is not None and target != page:
        st.switch_page(pages[target])
    room = classroom.current()
    focus, covers = classroom.focus(lessons)
    away = parts.hidden(page, room.hide, focus, projector=room.projector)
    colours = theme.palette(st.context.theme.type)
    shown = "" if focus in covers else focus
    st.html(stage.style((*away, *covers), shown, colours, large=room.large, projector=room.projector))
    if room.projector and st.context.theme.type == "dark":
        st.info(labels.DARK_PROJECTOR)
    tour.render(page, pages)
    if page != "learn" and not room.tour:
        known = facts.gather(page, bench.study, choices, runs.latest(), classroom.map_widgets())
        coach.render(lessons, choices, bench, known, pages)
