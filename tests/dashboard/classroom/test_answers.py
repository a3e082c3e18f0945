"""How the class has answered: counted once a visit, without names, bounded, by many at once, and cleared if asked."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

import core
from core.axes.transforms import AXES
from dashboard.classroom import answers
from dashboard.classroom.answers import TALLY, Tally
from dashboard.lessons.reader import read_lessons
from dashboard.pages import PAGES
from dashboard.session.settings import Choices
from tests.dashboard.harness import healthy, prose

LESSONS, _ = read_lessons(Choices(tuple(photo.name for photo in core.photographs()), AXES, PAGES))
SLIDER = next(lesson for lesson in LESSONS if lesson.name == "slider")
STEP = 2
"""Of the lesson about a slider: it asks something, with three options."""


def script() -> None:
    """The bar of a lesson, or the teacher's answers on the Learn page; it runs in its own namespace."""
    import core
    from core.evaluation.controls import untrained
    from dashboard import cache
    from dashboard.adapt.setup import Setup
    from dashboard.classroom import lesson_step, session
    from dashboard.lessons.measures import LessonContext
    from dashboard.lessons.reader import read_lessons
    from dashboard.pages import PAGES
    from dashboard.panels.learn import class_answers
    from dashboard.session import state
    from dashboard.session.settings import Choices

    model = untrained(core.Architecture(core.Compact((8,) * 6, 16), rank=4, hidden=8))
    model.metadata["digest"] = "tiny"
    choices = Choices(tuple(cache.photographs()), model.transforms, PAGES)
    lessons, _ = read_lessons(choices)
    session.begin(lessons, choices)
    study = state.begin(choices, session.base(lessons, choices))
    session.destination(lessons, choices)
    if running := session.running(lessons):
        context = LessonContext(model, study, Setup("digits despite hue"))
        lesson_step.render(lessons, choices, context, {"page": running[1].page}, {})
    else:
        class_answers.render(lessons, study.seed)
    session.publish()


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    TALLY.clear()
    yield
    TALLY.clear()


def opened(**parameters: str) -> AppTest:
    page = AppTest.from_function(script, default_timeout=120)
    page.query_params.update(parameters)
    return healthy(page.run())


def answered(page: AppTest, option: int) -> AppTest:
    page = healthy(page.radio[0].set_value(option).run())
    return healthy(page.button(key="lesson.reveal").click().run())


def test_visits_are_counted_once_each_and_seen_by_the_teacher() -> None:
    pages = [answered(opened(lesson="slider", step="2", seed=str(n)), option) for n, option in enumerate((1, 3, 3))]
    found = TALLY.of(SLIDER, STEP)
    assert found and found.chosen == (1, 0, 2) and sum(found.right) == found.answers == 3
    again = healthy(pages[0].button(key="lesson.reset").click().run())
    answered(again, 2)
    assert TALLY.total() == 3, "the first answer of a visit counts"
    healthy(opened(lesson="slider", step="2", said="2-1").run())
    assert TALLY.total() == 3, "an answer that came with a link was counted where it was given"
    teacher = opened()
    assert "slider of rotation" not in prose(teacher), "nobody sees it who has not asked for it"
    teacher = healthy(teacher.button(key="class.answers").click().run())
    assert "3 answers" in prose(teacher)
    (drawn,) = [each.proto.body for each in teacher.get("html")]
    assert all(text in drawn for text in ("It falls", "It rises", "It stays", "✓", "<b>1</b>", "<b>0</b>", "<b>2</b>"))
    assert dict(teacher.query_params)["teacher"] in ("1", ["1"]), "the teacher's link"


def test_the_answers_are_cleared_only_after_asking_back() -> None:
    assert TALLY.count(SLIDER, STEP, 0, 0)
    page = opened(teacher="1")
    page = healthy(page.button(key="class.clear").click().run())
    assert "Clear 1 answer for good?" in page.warning[0].value and TALLY.total() == 1
    page = healthy(page.button(key="class.clear.no").click().run())
    assert not page.warning and TALLY.total() == 1
    page = healthy(page.button(key="class.clear").click().run())
    page = healthy(page.button(key="class.clear.yes").click().run())
    assert TALLY.total() == 0 and "No question has been answered yet" in page.info[0].value


def test_all_can_answer_at_once() -> None:
    tally = Tally()
    with ThreadPoolExecutor(16) as crowd:
        assert all(crowd.map(lambda n: tally.count(SLIDER, STEP, n % 3, 0), range(3000)))
    found = tally.of(SLIDER, STEP)
    assert found and found.chosen == (1000, 1000, 1000) and found.right == (3000, 0, 0)


def test_memory_is_bounded_and_a_changed_question_is_another_one() -> None:
    tally = Tally(most=2)
    assert tally.count(SLIDER, 2, 0, 0) and tally.count(SLIDER, 4, 0, 0)
    other = next(lesson for lesson in LESSONS if lesson.name == "bound")
    assert not tally.count(other, 1, 0, 0) and tally.of(other, 1) is None
    assert tally.count(SLIDER, 2, 1, 1) and tally.total() == 3, "known questions go on"
    step = SLIDER.steps[STEP - 1]
    assert step.prediction
    asked = replace(step, prediction=replace(step.prediction, question="Something else?"))
    changed = replace(SLIDER, steps=(SLIDER.steps[0], asked, *SLIDER.steps[2:]))
    assert tally.of(changed, STEP) is None
    tally.clear()
    assert tally.total() == 0 and tally.count(other, 1, 0, 0)


@pytest.mark.parametrize(("step", "chosen"), [(1, 0), (2, 3), (2, -1)])
def test_what_is_no_answer_is_refused(step: int, chosen: int) -> None:
    with pytest.raises(ValueError, match=r"asks nothing|has 3 options"):
        Tally().count(SLIDER, step, chosen, 0)


def test_the_table_has_a_row_for_each_option() -> None:
    tally = Tally()
    tally.count(SLIDER, STEP, 2, 0)
    head, *rows = csv.reader(io.StringIO(answers.table(tally, LESSONS)))
    assert head[-2:] == ["chosen", "right for"]
    assert [(row[0], row[3], *row[4:]) for row in rows] == [
        ("One slider", "It falls", "0", "1"),
        ("One slider", "It rises", "0", "0"),
        ("One slider", "It stays", "1", "0"),
    ]
