"""Pictures of lessons: what a task asks about, and what stands on a lesson's card; made when they are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import torch
from torch import Tensor

from core.axes.transforms import Axis, axis_named
from core.certificates.feature_bank import OURS
from core.certificates.survey import Certified
from core.tasks import Task, TaskSource
from dashboard import cache
from dashboard.encode import jpeg_uri, shrunk
from dashboard.figures import lesson_cards as cards
from dashboard.figures.lesson_cards import Curve
from dashboard.figures.theme import Palette
from dashboard.lessons import fits
from dashboard.lessons.measures import LessonContext
from dashboard.text import labels

_PICTURES, _BESIDE = 5, 4
_SIDE = 96


def task_row(context: LessonContext) -> str:
    """Some test pictures of the setup's pair of tasks, with both answers to each: HTML."""

    def make() -> str:
        found = _answered(context, _BESIDE)
        said = [f"{name}, {labels.strength(found.axis, strength)}" for name, strength in found.answers]
        cells = [
            f'<span><img src="{uri}" alt="">{escape(text)}</span>' for uri, text in zip(found.uris, said, strict=True)
        ]
        return f'<div class="task-row">{"".join(cells)}</div>'

    return cache.lesson_picture(context.model, f"row {context.setup}", make)


def card(kind: str, context: LessonContext, colours: Palette) -> str:
    """The picture of a lesson's card, HTML; "" if what it needs is not there.

    Args:
        kind: one of :data:`CARDS`.
        context: how the pages are when the lesson begins.
        colours: of the current theme.
    """

    def make() -> str:
        try:
            return CARDS[kind](context, colours)
        except (ValueError, FileNotFoundError):  # no map, or no certificates, of this model
            return ""

    study = context.study
    key = repr((kind, study.picture, study.axis, study.a, study.b, study.seed, context.setup, colours))
    return cache.lesson_picture(context.model, key, make)


def _strip(context: LessonContext, colours: Palette) -> str:
    now = context.shown()
    said = {"A": "A ignores", "B": "B keeps"}
    curves = [
        Curve(said[label], reading.movement[now.scene.number].tolist(), colours.of(label))
        for label, reading in now.readings.items()
    ]
    alt = f"The {now.picture.name} while {now.axis.name} grows; the features of A hardly move, those of B do."
    return cards.strip(_frames(context), curves, alt, colours)


def _slider(context: LessonContext, colours: Palette) -> str:
    curves = []
    for value, opacity in ((0.0, 1.0), (0.5, 0.7), (1.0, 0.45)):
        now = context.at(value).shown()
        shares = now.readings["A"].movement[now.scene.number].tolist()
        curves.append(Curve(f"slider at {value:g}", shares, colours.a, opacity))
    alt = (
        f"The {now.picture.name} while {now.axis.name} grows, and how far features move with the slider at 0, ½ and 1."
    )
    return cards.strip(_frames(context), curves, alt, colours)


def _frames(context: LessonContext) -> list[str]:
    axis = axis_named(context.study.axis, context.model.transforms)
    return [jpeg_uri(shrunk(each, _SIDE)) for each in cache.photos(context.picture, axis)]


def _questions(context: LessonContext, colours: Palette) -> str:
    found = _answered(context)
    answers = [(name, 360 * strength / found.axis.width) for name, strength in found.answers]
    names = ", ".join(name for name, _ in found.answers)
    alt = f"The same pictures, two questions: {names}; and how far each was {found.axis.moved}."
    return cards.dials(found.uris, answers, alt, colours)


def _fitted(context: LessonContext, colours: Palette) -> str:
    found = _answered(context)
    marks = cache.extractor_map(context.model).tasks.get(found.task)
    if marks is None:
        raise ValueError(f"There is no fit of {found.task} with the map.")
    names = [axis.name for axis in context.model.transforms]
    values = list(zip(names, marks.walks[0].end, strict=True))
    said = ", ".join(f"{name} {value:.2f}" for name, value in values)
    alt = f"Sliders where a fit of the task “{found.task}” to {marks.labels} labels has put them: {said}."
    return cards.sliders(found.uris, values, alt, colours)


def _labelled(context: LessonContext, colours: Palette) -> str:
    each = min(context.setup.shots, 4)

    def make() -> tuple[list[str], int]:
        task = _task(context, fits.pair(context)[0])
        targets = task.labelled.targets
        places = [torch.where(targets == label)[0][:each] for label in range(len(task.classes))]
        columns = [rows for rows in places if len(rows) == each]
        chosen = [int(rows[n]) for n in range(each) for rows in columns]
        return [jpeg_uri(shrunk(each, 48)) for each in task.labelled.at(torch.tensor(chosen)).pixels], len(columns)

    uris, columns = cache.lesson_task(context.model, f"labelled {context.setup}", make)
    return cards.sheet(
        uris, columns,
        f"What a head is given: {context.setup.shots} labelled pictures of each class; {each} of each are drawn here.",
    )  # fmt: skip


def _map(context: LessonContext, colours: Palette) -> str:
    mapped = cache.extractor_map(context.model)
    values = np.asarray(mapped.points).mean(1)
    alt = f"A UMAP of {len(values)} extractors, coloured by the mean of their sliders."
    return cards.dots(np.asarray(mapped.layout("umap", 2).positions), values, alt)


def _growth(context: LessonContext, colours: Palette) -> str:
    task = _certified(context)
    rows = {row.labels: row.point for row in task.rows if row.point.method == OURS and row.point.prior == "half"}
    points = [rows[n] for n in sorted(rows)]
    if len(points) < 2:
        raise ValueError("There are no certificates of several numbers of labels.")
    wrong = [point.held_out if point.held_out is not None else point.gibbs for point in points]
    curves = [
        Curve("certified", [point.bound for point in points], colours.ink),
        Curve("measured", wrong, colours.quiet),
    ]
    alt = f"The certified and the measured error of “{task.name}”, from {min(rows)} to {max(rows)} labels."
    return cards.lines(curves, f"error, from {min(rows)} to {max(rows)} labels", alt, colours)


CARDS: dict[str, Callable[[LessonContext, Palette], str]] = {
    "strip": _strip,
    "slider": _slider,
    "questions": _questions,
    "fitted sliders": _fitted,
    "labelled pictures": _labelled,
    "map": _map,
    "certificate": _growth,
}
"""What the picture of a lesson's card may show."""


@dataclass(frozen=True)
class _Answered:
    """Test pictures of a pair of tasks as URIs, and to each what it shows and how far it was moved, in the axis' unit.

    ``task`` is the name of the one that asks what it is, ``axis`` what the other one asks about.
    """

    task: str
    axis: Axis
    uris: list[str]
    answers: list[tuple[str, float]]


def _task(context: LessonContext, source: TaskSource) -> Task:
    return cache.with_shots(context.model, source, context.setup.shots, context.setup.seed).task


def _answered(context: LessonContext, count: int = _PICTURES) -> _Answered:
    """Some test pictures of different classes, and both answers to each."""

    def make() -> _Answered:
        what, far = (_task(context, source) for source in fits.pair(context))
        if not torch.equal(what.test.images, far.test.images):
            raise ValueError(f"{what.name} and {far.name} do not share their pictures.")
        axis = axis_named(next(iter(what.known)), context.model.transforms)
        places = _spread(what.test.targets, count)
        uris = [jpeg_uri(shrunk(each, _SIDE)) for each in what.test.at(torch.tensor(places)).pixels]
        middle = (axis.high + axis.low) / 2
        answers = [
            (what.classes[int(what.test.targets[n])], middle + float(far.test.targets[n]) * axis.width / 2)
            for n in places
        ]
        return _Answered(what.name, axis, uris, answers)

    found: _Answered = cache.lesson_task(context.model, f"answered {count} {context.setup}", make)
    return found


def _spread(targets: Tensor, count: int) -> Sequence[int]:
    """Places of the first picture of each class, then of the second, and so on."""
    places = [torch.where(targets == label)[0].tolist() for label in targets.unique().tolist()]
    return [rows[n] for n in range(count) for rows in places if n < len(rows)][:count]


def _certified(context: LessonContext) -> Certified:
    """Of the setup's task; of the first one if that has none."""
    tasks, name = cache.survey(context.model).tasks, fits.pair(context)[0].name
    if not tasks:
        raise ValueError("There are no certificates.")
    return next((task for task in tasks if task.name == name), tasks[0])
