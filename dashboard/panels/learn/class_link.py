"""For teachers: a link that opens exactly there, as a square code too, and a sheet to print."""

from __future__ import annotations

import base64
import io
from urllib.parse import urlsplit

import segno
import streamlit as st

from core.sharing import SharedView, write_view
from dashboard.classroom import settings
from dashboard.classroom.settings import ClassSettings
from dashboard.classroom.teacher_sheet import teacher_sheet
from dashboard.lessons.lesson import Lesson
from dashboard.lessons.measures import LessonContext
from dashboard.session import url
from dashboard.session.settings import MAX_SEED, Choices
from dashboard.text import learn as words
from dashboard.widgets import glossary


def render(lessons: tuple[Lesson, ...], choices: Choices, context: LessonContext) -> None:
    """Draw the form, the link with its code, and the downloads."""
    st.header("Teach with it", anchor=False)
    st.markdown(words.TEACH)
    wanted, seed = _choose(lessons, choices)
    page = lesson.steps[wanted.step - 1].page if (lesson := _named(lessons, wanted.lesson)) else ""
    parameters = settings.encode(wanted) | ({"seed": str(seed)} if seed else {})
    root = home()
    link = url.link(root, choices.path(page), parameters)
    code, text = st.columns([1, 3], vertical_alignment="top")
    with code:
        st.html(f'<img src="{square(link)}" alt="Square code of the link below" style="width:100%;max-width:220px">')
    with text:
        st.code(link, language=None, wrap_lines=True)
        if urlsplit(root).hostname in ("127.0.0.1", "localhost"):
            st.caption(words.LOCAL)
        digest = context.model.metadata.get("digest", "")
        with st.container(horizontal=True, gap="small"):
            st.download_button(
                "Teacher's sheet", lambda: teacher_sheet(lessons, choices, context, root, square),
                "hyperinvariances-lessons.html", "text/html", key="teach.sheet", on_click="ignore",
            )  # fmt: skip
            st.download_button(
                "The same as a file", lambda: write_view(SharedView({"page": page} | parameters, lesson=True), digest),
                "hyperinvariances-lesson.json", "application/json", key="teach.file", on_click="ignore",
            )  # fmt: skip
        glossary.render("What are these?", words.TEACH_TERMS)


def _choose(lessons: tuple[Lesson, ...], choices: Choices) -> tuple[ClassSettings, int]:
    with st.container(key="narrow-choices-teach"):
        which, step, seed = st.columns([4, 2, 2])
    with which:
        names = ["", *(lesson.name for lesson in lessons)]
        titles = {"": "no lesson"} | {lesson.name: lesson.title for lesson in lessons}
        name = st.selectbox("Lesson", names, 1, format_func=titles.__getitem__, key="teach.lesson")
    lesson = _named(lessons, name)
    with step:
        last = len(lesson.steps) if lesson else 1
        # The key holds the lesson: another one has another number of steps.
        number = st.number_input("Step", 1, last, 1, key=f"teach.step.{name}", disabled=lesson is None)
    with seed:
        drawn = st.number_input("Seed", 0, MAX_SEED, 0, key="teach.seed")
    with st.container(horizontal=True):
        large = st.checkbox("Large type", key="teach.large")
        projector = st.checkbox("Projector mode", key="teach.projector")
    hide = st.multiselect(
        "Hide", list(choices.parts), key="teach.hide", placeholder="Nothing is hidden",
        format_func=lambda name: f"{choices.title(choices.parts[name].page)}: {choices.parts[name].title}",
    )  # fmt: skip
    return ClassSettings(name, int(number), (), tuple(hide), large, projector), int(drawn)


def _named(lessons: tuple[Lesson, ...], name: str) -> Lesson | None:
    return next((lesson for lesson in lessons if lesson.name == name), None)


def home() -> str:
    """The address at which the dashboard was reached, without a page."""
    found = urlsplit(st.context.url or "http://127.0.0.1:8501")
    return f"{found.scheme}://{found.netloc}"


def square(link: str) -> str:
    """The link as a square code: an SVG in a data URI, dark on white in every theme."""
    buffer = io.BytesIO()
    segno.make(link, micro=False, error="m").save(buffer, kind="svg", scale=4, border=3, light="#fff", dark="#000")
    return f"data:image/svg+xml;base64,{base64.b64encode(buffer.getvalue()).decode()}"
