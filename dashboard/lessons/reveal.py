"""The reveal of a prediction: measured at that moment, and put into the lesson's words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite

from dashboard import cache
from dashboard.figures.bars import Bar
from dashboard.lessons.lesson import Prediction
from dashboard.lessons.measures import Found, LessonContext
from dashboard.lessons.reader import MEASURES
from dashboard.session import url
from dashboard.session.settings import Choices
from dashboard.text.markdown import literal


@dataclass(frozen=True)
class Reveal:
    """What is said.

    Attributes:
        hit: the option that was chosen is the right one.
        right: number of the right one.
        lines: Markdown; why the chosen one is wrong, if it is; then what is right.
        bars: what was measured, to be drawn.
        says: what the bars are, in a few words.
    """

    hit: bool
    right: int
    lines: tuple[str, ...]
    bars: tuple[Bar, ...]
    says: str


def measured(prediction: Prediction, context: LessonContext) -> Found:
    """Measure what a prediction is about; equal questions about equal pages come from the cache.

    Raises:
        ValueError, FileNotFoundError: a sentence that says what is missing.
    """
    study = context.study
    if prediction.at:
        choices = Choices(tuple(cache.photographs()), context.model.transforms, layers=context.model.backbone.layers)
        study, _ = url.decode(prediction.at, choices, study.upload, base=study)
    context = replace(context, study=study)
    measure = MEASURES[prediction.measure]
    return cache.found(
        context.model, prediction.measure, _key(context, fits=measure.slow), lambda: measure.take(context)
    )


def _key(context: LessonContext, *, fits: bool) -> str:
    """What is fitted depends on the setup, what is looked at on the study; the other must not spoil the key."""
    if fits:
        return repr(context.setup)
    study = context.study
    own = [each.digest if each else "" for each in (study.upload, study.gallery)]
    return repr((study.picture, study.axis, study.at, study.a, study.b, study.seed, own))


def reveal(prediction: Prediction, chosen: int, context: LessonContext) -> Reveal:
    """Say what is right, and why another choice is not.

    Args:
        prediction: the question.
        chosen: number of the option that was fixed before.
        context: what it is measured on.

    Raises:
        ValueError, FileNotFoundError: see :func:`measured`.
    """
    found = measured(prediction, context)
    right = prediction.right(found)
    words = {name: literal(quantity.text) for name, quantity in found.items()}
    option = prediction.options[right]
    said = f"Right: {option.right.strip().format(**words)}"
    shown = {name: found[key] for name, key in prediction.bars.items()}
    shares = {name: each for name, each in shown.items() if isinstance(each.value, float) and isfinite(each.value)}
    bars = tuple(Bar(name, float(each.value), each.text) for name, each in shares.items())
    says = prediction.says or MEASURES[prediction.measure].says
    if chosen == right:
        return Reveal(True, right, (said,), bars, says)
    wrong = prediction.options[chosen].wrong.strip().format(**words)
    lines = (f"Not quite. {wrong}", f"*{option.text}.* {option.right.strip().format(**words)}")
    return Reveal(False, right, lines, bars, says)
