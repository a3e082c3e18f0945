"""The teacher's sheet: all lessons with questions and answers as measured now; one file of HTML, to print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import escape

from dashboard.classroom.settings import ClassSettings, encode
from dashboard.lessons.lesson import Lesson, Step
from dashboard.lessons.measures import LessonContext
from dashboard.lessons.reader import MEASURES
from dashboard.lessons.reveal import reveal
from dashboard.session import url
from dashboard.session.settings import Choices
from dashboard.text.markdown import html, literal

_STYLE = """
body { font: 12pt/1.45 sans-serif; color: #222; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h2 { border-bottom: 2px solid #222; margin-top: 2.5rem; }
section { break-inside: avoid-page; }
section > img { float: right; width: 7.5rem; margin: 0 0 1rem 1rem; }
.right { border-left: 4px solid #0072B2; padding-left: 0.6rem; }
code { overflow-wrap: anywhere; }
@media print { h2 { break-before: page; } h2:first-of-type { break-before: auto; } body { margin: 0; } }
"""


def teacher_sheet(
    lessons: tuple[Lesson, ...], choices: Choices, context: LessonContext, root: str, square: Callable[[str], str]
) -> str:
    """Write the sheet; measures every answer, each step on the page as the lesson sets it.

    Args:
        lessons, choices: of the pages.
        context: the model, and the seed.
        root: address of the dashboard.
        square: makes the data URI of a link's square code.
    """
    made = f"Measured on {date.today().isoformat()}, checkpoint {context.model.metadata.get('digest', 'unknown')}, "
    parts = [
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>HyperInvariances: lessons</title>",
        f"<style>{_STYLE}</style></head><body><h1>HyperInvariances: teacher's sheet</h1>",
        f"<p>{escape(made)}seed {context.study.seed}. Every answer is a measurement: another seed, photograph or "
        "checkpoint may give another one, and the page will then say so too.</p>",
        "<h3>What an address may hold</h3><ul>",
        *(f"<li><code>{escape(name)}</code>: {escape(what)}</li>" for name, what in _address(choices)),
        "</ul>",
    ]
    for lesson in lessons:
        parts += _lesson(lesson, choices, context, root, square)
    return "".join([*parts, "</body></html>"])


def _address(choices: Choices) -> tuple[tuple[str, str], ...]:
    return (
        ("lesson, step", "which lesson, and where it begins"),
        ("seed", "draws the other pictures, the labelled pictures, the start of a fit and the order of the options"),
        ("hide", f"parts that are not shown, with ~ between them: {', '.join(choices.parts)}"),
        ("font=large", "large type"),
        ("projector=1", "white, large, thick lines, at most three parts of a page"),
        ("teacher=1", "on the Learn page: how often each answer was chosen"),
        ("picture, axis, at, a, b", "what Explore shows, where it differs from what the step sets"),
    )


def _lesson(
    lesson: Lesson, choices: Choices, context: LessonContext, root: str, square: Callable[[str], str]
) -> list[str]:
    link = url.link(root, choices.path(lesson.steps[0].page), encode(ClassSettings(lesson.name)))
    parts = [
        f"<h2>Lesson {lesson.order}: {escape(lesson.title)}</h2><section>",
        f'<img src="{square(link)}" alt="Square code of the link">',
        f"<p><b>Goal.</b> {escape(lesson.goal)}</p><p><b>Time.</b> {lesson.minutes} minutes, {len(lesson.steps)} "
        f"steps.</p><p><code>{escape(link)}</code></p></section>",
    ]
    for number, step in enumerate(lesson.steps):
        study = replace(lesson.study(number, choices), seed=context.study.seed)
        setup = lesson.setup(number, context.study.seed) or context.setup
        parts += _step(number + 1, step, replace(context, study=study, setup=setup))
    return parts


def _step(number: int, step: Step, context: LessonContext) -> list[str]:
    parts = [f"<section><h3>Step {number}: {escape(step.focus.title)}</h3><p>{html(step.text)}</p>"]
    if step.prediction:
        try:
            found = reveal(step.prediction, -1, context)
            answer, right = found.lines[-1], found.right
        except (ValueError, FileNotFoundError) as error:
            answer, right = f"This could not be measured: {literal(str(error))}", -1
        parts.append(f"<p><b>Question.</b> {html(step.prediction.question)}</p><ul>")
        for place in step.prediction.order(context.study.seed):
            text = html(step.prediction.options[place].text)
            parts.append(f"<li><b>{text} ✓</b></li>" if place == right else f"<li>{text}</li>")
        says = MEASURES[step.prediction.measure].says
        parts.append(f"</ul><p class='right'><b>Answer.</b> {html(answer)} ({escape(says)})</p>")
    if step.check:
        parts.append(f"<p><b>To do.</b> {html(step.todo)} Then: {html(step.done)}</p>")
    return [*parts, "</section>"]
