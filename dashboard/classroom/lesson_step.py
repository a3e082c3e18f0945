"""The step of a lesson that runs, at the top of the page that it is about."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import component
from dashboard.classroom import session
from dashboard.classroom.parts import guide
from dashboard.figures.bars import bars_html
from dashboard.lessons.lesson import Lesson, Prediction, Step
from dashboard.lessons.measures import LessonContext
from dashboard.lessons.reveal import reveal
from dashboard.lessons.rules import Value
from dashboard.session.settings import Choices
from dashboard.text import labels
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
        _head(lesson, number)
        st.markdown(step.text)
        settled = True
        if step.prediction:
            settled = _prediction(lesson, number, step.prediction, context)
        if step.check:
            settled = _task(step, facts) and settled
        _ways(lessons, choices, lesson, number, settled=settled)
        if facts.get("page") != step.page:
            st.page_link(pages[step.page], label=labels.GO_TO.format(page=choices.title(step.page)))
        elif step.focus.name not in session.focus(lessons)[1]:
            _focus(step, number)


def _head(lesson: Lesson, number: int) -> None:
    st.markdown(f"**Lesson {lesson.order}: {title(lesson.title)}** · step {number} of {len(lesson.steps)}")


def _prediction(lesson: Lesson, number: int, prediction: Prediction, context: LessonContext) -> bool:
    chosen = session.current().answer(number)
    texts = [option.text for option in prediction.options]
    if chosen is None:
        widget = _widget(lesson, number)
        st.radio(
            f"**Your prediction:** {prediction.question}", range(1, len(texts) + 1), None,
            format_func=lambda option: texts[option - 1], key=widget,
        )  # fmt: skip
        st.caption(labels.REVEAL)
        return False
    st.markdown(f"**{prediction.question}** You said: *{texts[chosen - 1]}*.")
    try:
        with st.spinner("Measuring …"):
            said = reveal(prediction, chosen - 1, context)
    except (ValueError, FileNotFoundError) as error:
        st.warning(f"This cannot be measured now. {literal(str(error))}")
        return True
    for line, right in zip(said.lines, (said.hit, True), strict=False):
        (st.success if right else st.warning)(line, icon=":material/check_circle:" if right else ":material/cancel:")
    if said.bars:
        st.html(bars_html(said.bars))
        st.caption(f"What to see: {said.says}.")
    return True


def _widget(lesson: Lesson, number: int) -> str:
    return f"lesson.predict.{lesson.name}.{number}"


def _task(step: Step, facts: Mapping[str, Value]) -> bool:
    done = bool(step.check and step.check.holds(facts))
    if done:
        st.success(f"You did it. {step.done}", icon=":material/check_circle:")
    else:
        st.info(f"**To do:** {step.todo}", icon=":material/radio_button_unchecked:")
    return done


def _ways(lessons: tuple[Lesson, ...], choices: Choices, lesson: Lesson, number: int, *, settled: bool) -> None:
    last, widget = number == len(lesson.steps), _widget(lesson, number)
    with st.container(horizontal=True, gap="small"):
        if lesson.steps[number - 1].prediction and session.current().answer(number) is None:
            st.button(
                "Show the answer", key="lesson.reveal", type="primary", on_click=session.predict,
                args=(number, widget), disabled=session.widget(widget) is None,
            )  # fmt: skip
        st.button(
            "Back", key="lesson.back", on_click=session.go, args=(lessons, choices, lesson.name, number - 1),
            disabled=number == 1,
        )  # fmt: skip
        if last:
            st.button(
                "Finish", key="lesson.next", on_click=session.finish, type="primary" if settled else "secondary"
            )  # fmt: skip
        else:
            st.button(
                "Next", key="lesson.next", on_click=session.go, args=(lessons, choices, lesson.name, number + 1),
                type="primary" if settled else "secondary",
            )  # fmt: skip
        st.button(
            "Reset this step", key="lesson.reset", on_click=session.go, args=(lessons, choices, lesson.name, number),
            kwargs={"again": True}, shortcut=labels.RESET_KEY,
        )  # fmt: skip
        st.button("Leave the lesson", key="lesson.leave", on_click=session.leave)


def _focus(step: Step, number: int) -> None:
    component.guide(key=f"guide.{number}", data=guide(step.focus))
