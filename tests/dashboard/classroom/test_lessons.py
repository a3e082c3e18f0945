"""Lessons as values: rules, the schema with a sentence for every mistake, what is hidden, the classroom's address."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core import AXES, load_checkpoint
from core.data.pictures import photographs
from dashboard.classroom import parts, settings, styles
from dashboard.classroom.parts import MOST
from dashboard.classroom.settings import ADDRESS, ClassSettings, Offer
from dashboard.figures.theme import LIGHT
from dashboard.lessons import facts
from dashboard.lessons.lesson import Lesson
from dashboard.lessons.measures import LessonContext, Quantity
from dashboard.lessons.pictures import card
from dashboard.lessons.reader import FOLDER, MEASURES, read_lesson, read_lessons
from dashboard.lessons.rules import read_rule
from dashboard.pages import PAGES
from dashboard.session.settings import Choices

CHOICES = Choices(tuple(photo.name for photo in photographs()), AXES, PAGES)
PARTS = CHOICES.parts
LESSONS, PROBLEMS = read_lessons(CHOICES)
OPTIONS = {lesson.name: lesson.options for lesson in LESSONS}
OFFER = Offer(OPTIONS, tuple(PARTS))

GOOD = """
title = "A lesson"
goal = "Learn something."
minutes = 5
order = 1

[[steps]]
focus = "explore.curves"
text = "Look."
preset = { picture = "cat", axis = "hue", a = "hue=1", b = "none" }
todo = "Move it."
check = "a_hue < 0.5"
done = "Moved."

[steps.predict]
question = "Which?"
measure = "movement"
covers = ["explore.curves"]

[[steps.predict.options]]
text = "A"
when = "a < b"
right = "{a}"
wrong = "{b}"

[[steps.predict.options]]
text = "B"
right = "{b}"
wrong = "{a}"
"""


@pytest.mark.parametrize(
    ("text", "values", "truth"),
    [
        ("a < b", {"a": 1.0, "b": 2.0}, True),
        ("a < b - 1", {"a": 1.0, "b": 2.0}, False),
        ("0 < a <= 1 and name == 'cat'", {"a": 1.0, "name": "cat"}, True),
        ("a > 2 or -a < 0", {"a": 1.0}, True),
        ("a > 0", {}, False),
        ("a > 0", {"a": float("nan")}, False),
        ("a < 3", {"a": "cat"}, False),
        ("name != 'cat'", {"name": "dog"}, True),
    ],
)
def test_rules_compare(text: str, values: dict[str, float | str], truth: bool) -> None:
    assert read_rule(text).holds(values) == truth


@pytest.mark.parametrize("text", ["", "a", "a <", "1 + 1", "f(a) < 1", "a.b < 1", "a in b", "a < [1]", "not a < 1"])
def test_rules_hold_nothing_but_comparisons(text: str) -> None:
    with pytest.raises(ValueError, match="write comparisons such as"):
        read_rule(text)


def test_the_lessons_are_whole_and_in_order() -> None:
    assert not PROBLEMS and len(LESSONS) >= 7
    assert [lesson.order for lesson in LESSONS] == sorted({lesson.order for lesson in LESSONS})
    assert {lesson.name for lesson in LESSONS} == {path.stem for path in FOLDER.glob("*.toml")}
    assert {page for lesson in LESSONS for page in (step.page for step in lesson.steps)} == {
        part.page for part in PARTS.values()
    } - {"evidence"}, "which is for those who doubt"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_lesson_predicts_and_does(lesson: Lesson) -> None:
    assert 5 <= lesson.minutes <= 8 and len(lesson.steps) >= 4
    assert any(step.prediction for step in lesson.steps) and any(step.check for step in lesson.steps)
    assert lesson.preset(0) or lesson.setup(0, 0) or lesson.steps[0].page == "manifold", "it sets what it talks about"
    for number, step in enumerate(lesson.steps):
        study = lesson.study(number, CHOICES)
        if step.check and step.page == "explore":
            now = facts.gather("explore", study, CHOICES, None, {})
            assert not step.check.holds(now), "not done before anybody has done anything"


def test_no_figure_is_written_into_a_lesson() -> None:
    """Texts may name coordinates and numbers of labels, but no score: those are measured."""
    for path in FOLDER.glob("*.toml"):
        said = re.findall(r'^(?:right|wrong) = (?:"""(.*?)"""|"(.*?)")', path.read_text(encoding="utf-8"), re.M | re.S)
        for text in (long or short for long, short in said):
            assert not re.search(r"[0-9]\s?%|\b0\.[0-9]", text.replace("100 %", "")), text


@given(some.data())
def test_always_one_option_is_right(data: some.DataObject) -> None:
    """Whatever is measured, on this checkpoint or the next."""
    predictions = [step.prediction for lesson in LESSONS for step in lesson.steps if step.prediction]
    prediction = data.draw(some.sampled_from(predictions))
    found = {
        name: Quantity(data.draw(some.floats(-1, 2) | some.just(float("nan"))), "")
        for name in MEASURES[prediction.measure].names
    }
    assert 0 <= prediction.right(found) < len(prediction.options)


def test_a_good_file() -> None:
    lesson = read_lesson("good", GOOD, CHOICES)
    (step,) = lesson.steps
    assert lesson.study(0, CHOICES).b is None and step.page == "explore" and step.prediction
    assert dict(zip(CHOICES.names, lesson.study(0, CHOICES).a, strict=True))["hue"] == 1
    assert step.prediction.right({"a": Quantity(0.1, ""), "b": Quantity(0.2, "")}) == 0
    assert step.prediction.right({"a": Quantity(0.3, ""), "b": Quantity(0.2, "")}) == 1


BAD = [
    ('title = "A lesson"', "title = ", "is not TOML"),
    ('goal = "Learn something."\n', "", "lacks 'goal'"),
    ("minutes = 5", 'minutes = "5"', "must be a whole number"),
    ("minutes = 5", "minutes = true", "must be a whole number"),
    ("minutes = 5", "minutes = 90", "from 1 to 60"),
    ("order = 1", "order = 1\ncolour = 2", "'colour', which means nothing"),
    ('"explore.curves"\ntext', '"explore.roof"\ntext', "no part 'explore.roof'"),
    ('text = "Look."', 'text = " "', "'text' is empty"),
    ('picture = "cat"', 'picture = "dog"', "picture was replaced"),
    ('a = "hue=1"', 'a = "taste=1"', "unknown: taste"),
    ('axis = "hue"', 'weather = "fine"', "the address has no 'weather'"),
    ('done = "Moved."\n', "", "belong together"),
    ('check = "a_hue < 0.5"', 'check = "a_taste < 0.5"', "'a_taste' is not known"),
    ('check = "a_hue < 0.5"', 'check = "print(1)"', "compares nothing"),
    ('measure = "movement"', 'measure = "luck"', "nothing called 'luck' can be measured"),
    ('covers = ["explore.curves"]', 'covers = ["roof"]', "no part 'roof' to cover"),
    ('when = "a < b"\n', "", "every option but the last needs 'when'"),
    ('text = "B"', 'text = "B"\nwhen = "a > b"', "the last must have none"),
    ('covers = ["explore.curves"]', 'bars = { "A" = ["a"] }', "bars: 'A' must be a text"),
    ('covers = ["explore.curves"]', 'bars = { "A" = "luck" }', "bars: 'luck' is not measured"),
    ('right = "{a}"', 'right = "{c}"', "{c} is not measured"),
    ('right = "{a}"', 'right = "{a"', "cannot be filled in"),
    ('when = "a < b"', 'when = "a < c"', "'c' is not known"),
    ('todo = "Move it."', 'fit = { task = "cooking", shots = 20 }\ntodo = "Move it."', "no task 'cooking'"),
    ('todo = "Move it."', 'fit = { task = "digits despite hue", shots = 1 }\ntodo = "Move it."', "shots must be"),
]


@pytest.mark.parametrize(("good", "bad", "said"), BAD, ids=[said for _, _, said in BAD])
def test_a_bad_file_is_one_sentence(good: str, bad: str, said: str) -> None:
    assert good in GOOD
    with pytest.raises(ValueError) as caught:
        read_lesson("bad", GOOD.replace(good, bad, 1), CHOICES)
    sentence = str(caught.value)
    assert said in sentence and sentence.startswith("The lesson bad.toml") and "\n" not in sentence
    assert sentence.endswith(".")


def test_a_bad_file_does_not_take_the_others_along(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.toml").write_text("x", encoding="utf-8")
    lessons, problems = read_lessons(CHOICES, tmp_path)
    assert [lesson.name for lesson in lessons] == ["good"] and len(problems) == 1


def test_a_model_without_an_axis_refuses_the_lessons_about_it() -> None:
    fewer = Choices(CHOICES.pictures, tuple(axis for axis in AXES if axis.name != "rotation"), PAGES)
    lessons, problems = read_lessons(fewer)
    assert "slider" not in {lesson.name for lesson in lessons} and any("slider.toml" in each for each in problems)


classrooms = some.builds(
    ClassSettings,
    done=some.sets(some.sampled_from(list(OPTIONS))).map(lambda names: tuple(n for n in OPTIONS if n in names)),
    hide=some.sets(some.sampled_from(list(PARTS))).map(lambda names: tuple(n for n in PARTS if n in names)),
    large=some.booleans(),
    projector=some.booleans(),
)


@some.composite
def running(draw: some.DrawFn) -> dict[str, Any]:
    """A lesson with a step of it, and predictions at some of its steps."""
    name = draw(some.sampled_from(list(OPTIONS)))
    said = tuple(
        (n, draw(some.integers(1, most))) for n, most in enumerate(OPTIONS[name], 1) if most and draw(some.booleans())
    )
    return {"lesson": name, "step": draw(some.integers(1, len(OPTIONS[name]))), "said": said}


@given(classrooms, some.just({}) | running())
def test_the_settings_survive_their_address(found: ClassSettings, lesson: dict[str, Any]) -> None:
    found = replace(found, **lesson)
    assert settings.decode(settings.encode(found), OFFER) == (found, ())


@given(
    some.dictionaries(
        some.sampled_from(ADDRESS.names),
        some.text(max_size=20) | some.sampled_from(["1", "99", "²", "1-1~2-2", "bound"]),
    )
)
def test_any_address_gives_settings_and_sentences(parameters: dict[str, str]) -> None:
    found, problems = settings.decode(parameters, OFFER)
    assert found.lesson in ("", *OPTIONS) and 1 <= found.step <= max(map(len, OPTIONS.values()))
    assert all(each.endswith(".") and "\n" not in each for each in problems)
    assert settings.decode(settings.encode(found), OFFER) == (found, ())


def test_a_lesson_can_be_called_by_its_number() -> None:
    assert settings.decode({"lesson": "2", "step": "3"}, OFFER)[0] == ClassSettings(list(OPTIONS)[1], 3)
    assert settings.decode({"lesson": "99"}, OFFER)[1] and settings.decode({"lesson": "2", "step": "99"}, OFFER)[1]


@pytest.mark.parametrize("page", [page.name for page in PAGES if page.parts])
@pytest.mark.parametrize("focus", PARTS)
def test_a_projector_shows_few_parts_and_always_the_one_that_is_talked_about(page: str, focus: str) -> None:
    away = parts.hidden(PARTS, page, (focus,), focus, projector=True)
    middle = [part for part in PARTS.values() if part.page == page and part.main]
    assert len(set(middle) - set(away)) <= MOST and PARTS[focus] not in away
    assert parts.hidden(PARTS, page, (), "") == ()


def test_the_style_hides_points_and_enlarges() -> None:
    style = styles.style((PARTS["explore.curves"],), PARTS["explore.lineup"], LIGHT, projector=True)
    (away,) = (rule for rule in style.split("}") if "display: none" in rule and "part-curves" in rule)
    assert away.strip().startswith(".st-key-part-curves, ") and ".st-key-part-lineup { outline" in style
    assert "font-size: 20px" in style
    assert "font-size: 20px" not in styles.style((), None, LIGHT)


@pytest.mark.slow
def test_the_card_of_a_fit_shows_the_task_of_its_lesson() -> None:
    lesson = next(each for each in LESSONS if each.card == "fitted sliders")
    setup = lesson.setup(0, 0)
    assert setup
    context = LessonContext(load_checkpoint(), lesson.study(0, CHOICES), setup)
    assert f"“{setup.task}”" in card(lesson.card, context, LIGHT)
