"""The step of a lesson that runs: a bar at the foot of the page that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import component
from dashboard.classroom import answers, session
from dashboard.classroom.parts import guide
from dashboard.figures.bars import bars_html
from dashboard.lessons.lesson import Lesson, Prediction, Step
from dashboard.lessons.measures import LessonContext
from dashboard.lessons.pictures import task_row
from dashboard.lessons.reveal import Reveal, reveal
from dashboard.lessons.rules import Value
from dashboard.session.settings import Choices
from dashboard.text import labels
from dashboard.text import learn as words
from dashboard.text.markdown import literal, title


def render(
    lessons: tuple[Lesson, ...],
    choices: Choices,
    context: LessonContext,
    facts: Mapping[str, Value],
    pages: Mapping[str, StreamlitPage],
) -> None:
    """Draw the step, its question or its task, and the ways on.

    Args:
        lessons, choices: of the pages.
        context: what the page shows, for measuring.
        facts: about the page, for checking.
        pages: by name, to go there.
    """
    found = session.running(lessons)
    if found is None:
        return
    lesson, step = found
    number = session.current().step
    with st.container(border=True, key="lesson"):
        with st.container(horizontal=True, vertical_alignment="center", key="lesson-head"):
            head = st.container(width="stretch")
            ways = st.container(horizontal=True, gap="small", width="content")
        with st.container(key="lesson-body"):
            settled = _body(lesson, number, step, context, facts)
            if facts.get("page") != step.page:
                st.page_link(pages[step.page], label=words.GO_TO.format(page=choices.title(step.page)))
        with head:
            st.markdown(f"**Lesson {lesson.order}: {title(lesson.title)}** · step {number} of {len(lesson.steps)}")
        with ways:
            _ways(lessons, choices, lesson, number, settled=settled)
            if facts.get("page") == step.page:
                _guide(lesson, number, step)


def _body(lesson: Lesson, number: int, step: Step, context: LessonContext, facts: Mapping[str, Value]) -> bool:
    """Draw what the step says; whether its question is answered and its task done."""
    chosen = session.current().answer(number) if step.prediction else None
    if chosen is None:
        st.markdown(step.text)
    if step.shows:
        with st.spinner(labels.DRAWING):
            st.html(task_row(context))
    if step.prediction is None:
        return _task(step, facts)
    if chosen is None:
        _ask(lesson, number, step.prediction, context.study.seed)
        return False
    _answer(lesson, number, step.prediction, chosen, context)
    settled = _task(step, facts)
    st.caption(step.text)  # below what was asked for: it has been read
    return settled


def _ask(lesson: Lesson, number: int, prediction: Prediction, seed: int) -> None:
    texts, widget = [option.text for option in prediction.options], f"lesson.predict.{lesson.name}.{number}"
    with st.container(horizontal=True, vertical_alignment="bottom", key="lesson-answer"):
        st.radio(
            f"**Your prediction:** {prediction.question}", [place + 1 for place in prediction.order(seed)], None,
            format_func=lambda option: texts[option - 1], key=widget, horizontal=True,
        )  # fmt: skip
        st.button(
            "Show the answer", key="lesson.reveal", type="primary", on_click=session.predict,
            args=(lesson, number, widget), disabled=session.widget(widget) is None,
        )  # fmt: skip


def _answer(lesson: Lesson, number: int, prediction: Prediction, chosen: int, context: LessonContext) -> None:
    st.markdown(f"**{prediction.question}** You said: *{prediction.options[chosen - 1].text}*.")
    try:
        with st.spinner("Measuring …"):
            said = reveal(prediction, chosen - 1, context)
    except (ValueError, FileNotFoundError) as error:
        st.warning(f"This cannot be measured now. {literal(str(error))}")
        return
    if session.newly_said(lesson, number):
        answers.TALLY.count(lesson, number, chosen - 1, said.right)
    if not said.bars:
        _verdict(said)
        return
    with st.container(key="narrow-lesson"):
        verdict, drawn = st.columns([3, 2], vertical_alignment="top")
        with verdict:
            _verdict(said)
        with drawn:
            st.html(bars_html(said.bars))
            st.caption(f"What to see: {said.says}.")


def _verdict(said: Reveal) -> None:
    for line, right in zip(said.lines, (said.hit, True), strict=False):
        (st.success if right else st.warning)(line, icon=":material/check_circle:" if right else ":material/cancel:")


def _task(step: Step, facts: Mapping[str, Value]) -> bool:
    if step.check is None:
        return True
    done = step.check.holds(facts)
    if done:
        st.success(f"You did it. {step.done}", icon=":material/check_circle:")
    else:
        st.info(f"**To do:** {step.todo}", icon=":material/radio_button_unchecked:")
    return done


def _ways(lessons: tuple[Lesson, ...], choices: Choices, lesson: Lesson, number: int, *, settled: bool) -> None:
    go = (lessons, choices, lesson.name)
    kind: Literal["primary", "secondary"] = "primary" if settled else "secondary"
    st.button("Back", key="lesson.back", on_click=session.go, args=(*go, number - 1), disabled=number == 1)
    if number == len(lesson.steps):
        st.button("Finish", key="lesson.next", on_click=session.finish, type=kind)
    else:
        st.button("Next", key="lesson.next", on_click=session.go, args=(*go, number + 1), type=kind)
    st.button(
        "Reset", key="lesson.reset", on_click=session.go, args=(*go, number), kwargs={"again": True},
        shortcut=labels.RESET_KEY,
    )  # fmt: skip
    st.button("Leave", key="lesson.leave", on_click=session.leave)


def _guide(lesson: Lesson, number: int, step: Step) -> None:
    read = f"{lesson.name}.{number}"
    moment = f"{read}.{session.current().answer(number)}"
    component.guide(key="guide", data=guide(step.focus, moment, step.beside, step=read, fold=True))
