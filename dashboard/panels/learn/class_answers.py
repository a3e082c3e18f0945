"""For the teacher: how the class has answered each question, without names; and clearing it for the next class."""

from __future__ import annotations

import streamlit as st

from dashboard.classroom import answers, session
from dashboard.classroom.answers import TALLY, Counted
from dashboard.figures.bars import Bar, bars_html
from dashboard.lessons.lesson import Lesson, Prediction
from dashboard.text import learn as words
from dashboard.text.labels import counted
from dashboard.text.markdown import literal, title

_SECONDS = 3.0


def render(lessons: tuple[Lesson, ...], seed: int) -> None:
    """Draw the button, and behind it the answers, which follow the class by themselves.

    Args:
        lessons: all.
        seed: of the page, which decides the order of the options as in the lesson.
    """
    shown = session.current().teacher
    st.button(
        "Hide the answers of the class" if shown else "For the teacher: how the class has answered",
        key="class.answers", icon=":material/bar_chart:", on_click=session.change, kwargs={"teacher": not shown},
    )  # fmt: skip
    if shown:
        with st.container(key="class-tally"):
            _answers(lessons, seed)


@st.fragment(run_every=_SECONDS)
def _answers(lessons: tuple[Lesson, ...], seed: int) -> None:
    st.markdown(words.ANSWERS)
    total = TALLY.total()
    if not total:
        st.info("No question has been answered yet on this server.")
        return
    _clear(lessons, total)
    for lesson in lessons:
        found = [(n, step.prediction, TALLY.of(lesson, n)) for n, step in enumerate(lesson.steps, 1) if step.prediction]
        given = [(n, prediction, each) for n, prediction, each in found if each]
        if given:
            st.markdown(f"### {lesson.order}. {title(lesson.title)}")
        for number, prediction, each in given:
            _question(number, prediction, each, seed)


def _question(number: int, prediction: Prediction, found: Counted, seed: int) -> None:
    hits = found.right
    usual = max(range(len(hits)), key=hits.__getitem__)
    said = f"**Step {number}. {prediction.question}** {counted(found.answers, 'answer')}"
    if len([each for each in hits if each]) > 1:
        said += f"; ✓ was right for {hits[usual]} of them: other seeds or pictures make another option right"
    st.markdown(f"{said}.")
    bars = [
        Bar(("✓ " if place == usual else "") + prediction.options[place].text, share, f"{found.chosen[place]}")
        for place in prediction.order(seed)
        for share in (found.chosen[place] / found.answers,)
    ]
    st.html(bars_html(bars))


def _clear(lessons: tuple[Lesson, ...], total: int) -> None:
    if session.clearing():
        st.warning(literal(f"Clear {counted(total, 'answer')} for good? Nobody will see them any more."))
    with st.container(horizontal=True, gap="small"):
        if session.clearing():
            st.button("Yes, clear them", key="class.clear.yes", type="primary", on_click=_cleared)
            st.button("Keep them", key="class.clear.no", on_click=session.ask_to_clear, args=(False,))
        else:
            st.button("Clear the answers …", key="class.clear", on_click=session.ask_to_clear, args=(True,))
        st.download_button(
            "Save as CSV", lambda: answers.table(TALLY, lessons), "hyperinvariances-answers.csv", "text/csv",
            key="class.save", on_click="ignore",
        )  # fmt: skip


def _cleared() -> None:
    TALLY.clear()
    session.ask_to_clear(False)
