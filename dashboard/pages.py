"""The pages: one entry each, in the order of the menu. Everything else that knows pages takes them from here.

The first one is what the bare address opens. A part is a container with the key ``part-`` and what is after the dot of
its name; a lesson may point at it, a link may hide it, and a projector shows few of those in the middle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core import AmortisedExtractor
from dashboard.classroom.session import LEARN
from dashboard.lessons.lesson import Lesson
from dashboard.lessons.measures import LessonContext
from dashboard.panels.explore import sidebar
from dashboard.session.outline import Outline, Part
from dashboard.session.settings import Choices, Study
from dashboard.views import adapt, evidence, explore, learn, manifold, theory


@dataclass(frozen=True)
class Visit:
    """What a page is drawn from.

    Attributes:
        context: the model, what Explore shows, and what Adapt fits.
        choices: what there is to choose from.
        lessons: all that could be read.
        problems: a sentence for each that could not.
    """

    context: LessonContext
    choices: Choices
    lessons: tuple[Lesson, ...]
    problems: tuple[str, ...]

    @property
    def model(self) -> AmortisedExtractor:
        """In use."""
        return self.context.model

    @property
    def study(self) -> Study:
        """What Explore shows."""
        return self.context.study


Draw = Callable[[Visit], None]


@dataclass(frozen=True)
class Page(Outline):
    """One page: name in the address, title in the menu, what draws it and its sidebar, and its parts."""

    render: Draw
    sidebar: Draw | None = None


def _sliders(visit: Visit) -> None:
    sidebar.render(visit.study, visit.model, visit.context.picture, visit.choices)


PAGES: tuple[Page, ...] = (
    Page(
        "explore",
        "Explore",
        lambda visit: explore.render(visit.study, visit.model, visit.context.picture),
        _sliders,
        parts=(
            Part("explore.picture", "the photographs", main=False),
            Part("explore.sliders", "the sliders of descriptor A", main=False),
            Part("explore.pinned", "the buttons for descriptor B", main=False),
            Part("explore.others", "the other pictures and the seed", main=False),
            Part("explore.lineup", "what A and B find"),
            Part("explore.filmstrip", "the filmstrip"),
            Part("explore.curves", "the curves"),
            Part("explore.deeper", "the part below “Look deeper”"),
            Part("explore.help", "the explanation of the numbers"),
        ),
    ),
    Page(
        "adapt",
        "Adapt",
        lambda visit: adapt.render(visit.model),
        parts=(
            Part("adapt.setup", "the choice of the task"),
            Part("adapt.fit", "the fit"),
            Part("adapt.hand", "the sliders by hand"),
            Part("adapt.settings", "the settings of the fit"),
            Part("adapt.home", "what is taken home"),
            Part("adapt.try", "trying a picture"),
            Part("adapt.certificate", "the certificate of the fit"),
            Part("adapt.outcome", "the results"),
            Part("adapt.wrong", "where it is wrong"),
            Part("adapt.passing", "opening a run"),
        ),
    ),
    Page(
        "manifold",
        "Manifold",
        lambda visit: manifold.render(visit.study, visit.model),
        _sliders,
        parts=(
            Part("manifold.map", "the map"),
            Part("manifold.compared", "the choice of the projection"),
            Part("manifold.closer", "the part below “Look closer”"),
        ),
    ),
    Page(
        "theory",
        "Theory",
        lambda visit: theory.render(visit.model),
        parts=(
            Part("theory.choice", "the choice of task and labels"),
            Part("theory.tradeoff", "the chart of fit against complexity"),
            Part("theory.growth", "the promise over the number of labels"),
            Part("theory.promise", "the conditions of the promise"),
        ),
    ),
    Page(
        "evidence",
        "Evidence",
        lambda visit: evidence.render(visit.model),
        parts=(
            Part("evidence.rivals", "what else one could do"),
            Part("evidence.radar", "the radar of all transformations"),
            Part("evidence.bars", "what the model must reach"),
            Part("evidence.gates", "what the gates cost and buy"),
        ),
    ),
    Page(LEARN, "Learn", lambda visit: learn.render(visit.lessons, visit.problems, visit.choices, visit.context)),
)
