"""Lessons in Streamlit's test harness: every one from its first step to its last, links, the sheet, the tour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

import core
from core import manifold
from core.evaluation.controls import untrained
from core.manifold import save_map
from core.sharing import SharedView, write_view
from dashboard.adapt.setup import Setup
from dashboard.classroom import settings
from dashboard.classroom.settings import Offer
from dashboard.classroom.teacher_sheet import teacher_sheet
from dashboard.lessons.lesson import Lesson
from dashboard.lessons.measures import LessonContext
from dashboard.lessons.reader import read_lessons
from dashboard.lessons.reveal import reveal
from dashboard.pages import PAGES
from dashboard.panels.learn.class_link import square
from dashboard.session.settings import Choices
from dashboard.text import labels
from dashboard.text import learn as words
from tests.core.maps import small_map
from tests.dashboard.harness import healthy

CHOICES = Choices(tuple(photo.name for photo in core.photographs()), core.AXES, PAGES)
LESSONS, _ = read_lessons(CHOICES)
OFFER = Offer({lesson.name: lesson.options for lesson in LESSONS}, tuple(CHOICES.parts))
NAMES = [lesson.name for lesson in LESSONS]


def lesson_of_a_small_model() -> None:
    """The script under test; it runs in its own namespace."""
    import streamlit as st

    import core
    from core.evaluation.controls import untrained
    from dashboard import cache
    from dashboard.adapt import runs
    from dashboard.classroom import lesson_step, session
    from dashboard.lessons import facts
    from dashboard.lessons.measures import LessonContext
    from dashboard.lessons.reader import read_lessons
    from dashboard.pages import PAGES
    from dashboard.session import state
    from dashboard.session.settings import Choices

    @st.cache_resource
    def small() -> core.AmortisedExtractor:
        sizes = core.Architecture(core.Compact((8,) * 6, 16), rank=4, hidden=8)
        model = untrained(sizes)
        model.metadata["digest"] = "tiny"
        return model

    model = small()
    choices = Choices(tuple(cache.photographs()), model.transforms, PAGES)
    lessons, _ = read_lessons(choices)
    session.begin(lessons, choices)
    base = session.base(lessons, choices)
    study = state.begin(choices, base)
    session.destination(lessons, choices)
    found = session.running(lessons)
    page = found[1].page if found else "learn"
    known = facts.gather(page, study, choices, runs.latest(), session.map_widgets())
    lesson_step.render(lessons, choices, LessonContext(model, study, runs.wanted(model)), known, {})
    state.publish(study, base)
    session.publish()


@pytest.fixture(autouse=True)
def mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    path = tmp_path / "manifold.safetensors"
    save_map(small_map(), path)
    monkeypatch.setattr(manifold, "SHIPPED", path)
    yield


def opened(**parameters: str) -> AppTest:
    page = AppTest.from_function(lesson_of_a_small_model, default_timeout=120)
    page.query_params.update(parameters)
    return healthy(page.run())


def press(page: AppTest, name: str) -> AppTest:
    return healthy(page.button(key=f"lesson.{name}").click().run())


def said(page: AppTest) -> str:
    return "\n".join(each.value for kind in (page.markdown, page.success, page.warning, page.info) for each in kind)


def address(page: AppTest) -> dict[str, str]:
    return {name: v if isinstance(v, str) else v[-1] for name, v in page.query_params.items()}


def test_a_prediction_survives_a_reload_and_can_be_taken_back() -> None:
    page = opened(lesson="slider", step="2")
    page = press(healthy(page.radio[0].set_value(3).run()), "reveal")
    shown = said(page)
    again = opened(**address(page))
    assert said(again) == shown and not again.radio
    assert press(again, "next") and press(again, "back") and not again.radio, "as long as the lesson runs"
    again = press(again, "reset")
    assert again.radio and "said" not in address(again)


@pytest.mark.parametrize("lesson", LESSONS, ids=NAMES)
def test_every_lesson_can_be_walked(lesson: Lesson) -> None:
    page = opened(lesson=lesson.name)
    for number, step in enumerate(lesson.steps, 1):
        assert f"step {number} of {len(lesson.steps)}" in said(page)
        if step.prediction:
            assert page.button(key="lesson.reveal").disabled, "no reveal without a prediction"
            last = len(step.prediction.options)
            page = healthy(page.radio[0].set_value(last if number % 2 else 1).run())
            page = press(page, "reveal")
            assert len(page.success) == 1 + (page.success[0].value.startswith("You did it"))
            assert not page.radio and "cannot be measured" not in said(page)
            drawn = "".join(each.proto.body for each in page.get("html"))
            assert all(f">{name}</span>" in drawn for name in step.prediction.bars)
        if step.check:
            assert "To do:" in said(page) or "You did it" in said(page)
        page = press(page, "next")
    assert address(page)["done"] == lesson.name and "lesson" not in address(page)


@pytest.mark.parametrize("lesson", LESSONS, ids=NAMES)
def test_every_prediction_answers_right_and_wrong(lesson: Lesson) -> None:
    sizes = core.Architecture(core.Compact((8,) * 6, 16), rank=4, hidden=8)
    model = untrained(sizes)
    model.metadata["digest"] = "tiny"
    for number, step in enumerate(lesson.steps):
        if step.prediction:
            setup = lesson.setup(number, 0) or Setup("digits despite hue")
            context = LessonContext(model, lesson.study(number, CHOICES), setup)
            found = [reveal(step.prediction, n, context) for n in range(len(step.prediction.options))]
            assert len({each.right for each in found}) == 1
            assert [each.hit for each in found] == [n == found[0].right for n in range(len(found))]
            for each in found:
                assert len(each.lines) == (1 if each.hit else 2)
                assert not re.search(r"[{}]|nan", "".join(each.lines))


def test_a_check_follows_the_page_and_reset_brings_the_step_back() -> None:
    page = opened(lesson="slider")
    assert "To do:" in said(page)
    page.session_state["sliders"] = {"value": {"values": [0.0, 0.5, 0.5, 0.5, 0.5, 0.5], "number": 1}}
    page = healthy(page.run())
    assert "You did it" in said(page) and address(page)["a"].startswith("0-")
    page = press(page, "reset")
    assert "To do:" in said(page) and "a" not in address(page)
    page = press(page, "next")
    page = press(healthy(page.radio[0].set_value(1).run()), "reveal")
    assert not page.radio
    page = press(page, "reset")
    assert len(page.radio) == 1 and page.button(key="lesson.reveal").disabled, "the question is asked anew"


def test_a_reload_restores_lesson_step_page_and_what_is_done() -> None:
    page = opened(lesson="slider", done="invariance", seed="7")
    page = press(press(page, "next"), "next")
    page.session_state["sliders"] = {"value": {"values": [0.3, 0.5, 0.5, 0.5, 0.5, 0.5], "number": 1}}
    page = healthy(page.run())
    kept = address(page)
    assert kept == {"lesson": "slider", "step": "3", "done": "invariance", "seed": "7", "a": "0.3-0.5-0.5-0.5-0.5-0.5"}
    again = opened(**kept)
    assert address(again) == kept and "step 3 of 5" in said(again)
    left = press(again, "leave")
    assert "lesson" not in address(left) and address(left)["picture"] == "astronaut", "the page stays as it is"


def test_a_step_sets_the_fit_with_the_seed_of_the_link() -> None:
    page = opened(lesson="few-labels", seed="3")
    assert page.session_state["adapt.wanted"] == Setup("digits despite hue", 10, 3)


def test_the_sheet_has_every_question_with_its_measured_answer_and_works_alone() -> None:
    sizes = core.Architecture(core.Compact((8,) * 6, 16), rank=4, hidden=8)
    model = untrained(sizes)
    model.metadata["digest"] = "tiny"
    lesson = LESSONS[0]
    context = LessonContext(model, CHOICES.opening(), Setup("digits despite hue"))
    sheet = teacher_sheet((lesson,), CHOICES, context, "http://school:8501", square)
    questions = [step.prediction for step in lesson.steps if step.prediction]
    assert sheet.count("<b>Question.</b>") == sheet.count("<b>Answer.</b>") == sheet.count("✓") == len(questions)
    assert lesson.goal in sheet and "http://school:8501/?lesson=invariance" in sheet and "tiny" in sheet
    assert not re.search(r"(src|href)=[\"'](?!data:)", sheet) and "could not be measured" not in sheet
    assert "**" not in sheet


def test_the_square_code_holds_the_link() -> None:
    svg = square("http://school:8501/adapt?lesson=gradient&seed=7&hide=adapt.hand~explore.help")
    assert svg.startswith("data:image/svg+xml;base64,") and svg != square("http://school:8501/")


def learn_page() -> None:
    """The script under test; it runs in its own namespace."""
    import core
    from core.evaluation.controls import untrained
    from dashboard import cache
    from dashboard.adapt.setup import Setup
    from dashboard.classroom import session, tour
    from dashboard.lessons.measures import LessonContext
    from dashboard.lessons.reader import read_lessons
    from dashboard.pages import PAGES
    from dashboard.session import state
    from dashboard.session.settings import Choices
    from dashboard.views import learn

    model = untrained(core.Architecture(core.Compact((8,) * 6, 16), rank=4, hidden=8))
    model.metadata["digest"] = "tiny"
    choices = Choices(tuple(cache.photographs()), model.transforms, PAGES)
    lessons, problems = read_lessons(choices)
    session.begin(lessons, choices)
    study = state.begin(choices, session.base(lessons, choices))
    session.destination(lessons, choices)
    tour.render(choices, "learn", {})
    learn.render(lessons, problems, choices, LessonContext(model, study, Setup("digits despite hue")))
    session.publish()


def learn(**parameters: str) -> AppTest:
    page = AppTest.from_function(learn_page, default_timeout=60)
    page.query_params.update(parameters)
    return healthy(page.run())


def test_the_page_shows_goals_minutes_and_progress() -> None:
    page = learn(lesson="slider", step="3", done="invariance")
    text = said(page) + "".join(each.value for each in page.caption)
    assert all(lesson.goal in text and f"{lesson.minutes} minutes" in text for lesson in LESSONS)
    assert "1 done" in text and "step 3 of 5" in text
    verbs = [page.button(key=f"learn.{name}").label for name in NAMES]
    assert verbs[:3] == ["Again", "Continue", "Begin"]
    page = healthy(page.button(key="learn.map").click().run())
    assert address(page)["lesson"] == "map" and address(page)["done"] == "invariance"


def test_the_teachers_link_opens_exactly_there() -> None:
    page = learn()
    page.selectbox(key="teach.lesson").set_value("gradient")
    page = healthy(page.run())
    page.number_input(key="teach.step.gradient").set_value(2)
    page.number_input(key="teach.seed").set_value(7)
    page.checkbox(key="teach.projector").check()
    page.multiselect(key="teach.hide").set_value(["adapt.hand", "explore.help"])
    page = healthy(page.run())
    parts = urlsplit(page.code[0].value)
    parameters = dict(parse_qsl(parts.query))
    assert parts.path == "/adapt" and parameters["seed"] == "7"
    found, problems = settings.decode(parameters, OFFER)
    assert not problems
    assert (found.lesson, found.step, found.projector) == ("gradient", 2, True)
    assert found.hide == ("explore.help", "adapt.hand") or set(found.hide) == {"explore.help", "adapt.hand"}


def test_the_page_opens_files_of_lessons_and_of_views() -> None:
    page = learn()
    files = {
        "lesson": SharedView({"page": "adapt", "lesson": "gradient", "step": "2", "said": "1-2"}, lesson=True),
        "view": SharedView({"picture": "temple"}),
    }
    page = healthy(page.file_uploader[0].upload("a.json", write_view(files["lesson"], "tiny")).run())
    (link,) = page.get("link_button")
    assert link.proto.url == "/adapt?lesson=gradient&step=2&said=1-2"
    page = healthy(page.file_uploader[0].upload("b.json", write_view(files["view"], "tiny")).run())
    assert not page.get("link_button") and page.success[0].value == labels.VIEW_OPENED
    assert page.session_state["history"].present.picture == "temple"
    page = healthy(page.file_uploader[0].upload("c.json", b"{").run())
    assert not page.success and page.session_state["history"].present.picture == "temple"


def test_every_stop_of_the_tour_is_on_a_page() -> None:
    assert 3 <= len(words.TOUR) <= 5 and all(name in CHOICES.parts for name, _ in words.TOUR)
