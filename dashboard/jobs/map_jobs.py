"""What one visitor of the manifold page has had made: another map, marks of tasks, landscapes, walks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from core.adaptation import Fit, Settings, Step
from core.adaptation.landscape import Mark, Square, judged, task_judge
from core.adaptation.trajectories import Walk, starting_point, walks
from core.manifold import FITS, LABELLED, ExtractorMap, TaskMarks
from core.manifold import Settings as MapSettings
from core.model.amortised import AmortisedExtractor
from core.tasks import Task, TaskSource, offered_tasks
from dashboard.jobs.background import Progress, Stream
from dashboard.jobs.map_process import MapJob
from dashboard.jobs.preparing import Preparing

Passed = tuple[str, Step, tuple[float, ...]]
"""Name of the fit, a step of it, and where it stands after that step."""


@dataclass(frozen=True)
class Subject:
    """A task that descriptors are marked on and fitted to.

    Attributes:
        name: unique among those of the page.
        draw: makes the task, whose images are prepared when they are needed; may take a second.
        regression: its score is R2 instead of accuracy.
    """

    name: str
    draw: Callable[[], Preparing]
    regression: bool

    @property
    def score(self) -> str:
        """What its score is called."""
        return "R²" if self.regression else "accuracy"


@dataclass(frozen=True)
class Marking:
    """The map's descriptors ``rows`` on their way to be marked, one after the other."""

    rows: np.ndarray
    stream: Stream[Mark]


@dataclass
class MapJobs:
    """Everything that cannot be computed again at once; belongs to one session.

    Jobs of different kinds go on beside each other; a new one ends what runs of its own kind.

    Attributes:
        mapped: the map that was made here, instead of the shipped one.
        job: the map that is being made.
        marks: of the map's descriptors, by task.
        landscapes: by task and square.
        fits: of each task.
    """

    mapped: ExtractorMap | None = None
    job: MapJob | None = None
    marks: dict[str, Marking] = field(default_factory=dict)
    landscapes: dict[tuple[str, Square], Stream[Mark]] = field(default_factory=dict)
    fits: dict[str, Stream[Passed]] = field(default_factory=dict)

    def work(self) -> list[MapJob | Stream]:
        """All jobs, finished or not."""
        marks = [each.stream for each in self.marks.values()]
        found: list[MapJob | Stream] = [*marks, *self.landscapes.values(), *self.fits.values()]
        return [self.job, *found] if self.job else found

    def running(self) -> list[MapJob | Stream]:
        """Jobs that are not finished."""
        return [job for job in self.work() if job.running]

    def cancel(self) -> None:
        """Stop all work; what is there stays."""
        for job in self.running():
            job.cancel()

    def make_map(self, settings: MapSettings, digest: str) -> None:
        """Start a map; the old one stays until it is done."""
        if self.job:
            self.job.cancel()
        self.job = MapJob(settings, digest)

    def take_map(self) -> None:
        """Put a map that is finished in the place of the old one."""
        if self.job and not self.job.running and self.job.mapped:
            self.mapped, self.job = self.job.mapped, None
            _end(each.stream for each in self.marks.values())
            self.marks.clear()

    def mark_map(self, model: AmortisedExtractor, subject: Subject, mapped: ExtractorMap) -> None:
        """Start marking those of the map's descriptors that have no mark yet on a task."""
        _end(each.stream for each in self.marks.values())
        title, kept = f"Marking dots on “{subject.name}”", mapped.tasks.get(subject.name)
        rows = np.flatnonzero(np.isnan(scores(None, kept, len(mapped.points))))
        stream = Stream(title, partial(_marks, model, subject, mapped.points[rows]), len(rows))
        self.marks[subject.name] = Marking(rows, stream)

    def mark_square(self, model: AmortisedExtractor, subject: Subject, square: Square) -> None:
        """Start the landscape of a task over a square."""
        _end(self.landscapes.values())
        title = f"Computing the landscape of “{subject.name}”"
        self.landscapes[subject.name, square] = Stream(
            title, partial(_marks, model, subject, square.points()), square.side**2
        )

    def fit(self, model: AmortisedExtractor, subject: Subject) -> None:
        """Start fits of a task, one per seed."""
        _end(self.fits.values())
        self.fits[subject.name] = Stream(f"Fitting “{subject.name}”", partial(_fits, model, subject), 0)

    def walks(self, name: str) -> tuple[Walk, ...]:
        """Where the fits of a task have walked so far."""
        stream = self.fits.get(name)
        passed = stream.found() if stream else ()
        found: tuple[Walk, ...] = ()
        for fit in dict.fromkeys(each for each, _, _ in passed):
            steps = [step for each, step, _ in passed if each == fit]
            ends = [stood for each, _, stood in passed if each == fit]
            found += walks(fit, steps, ends[-1])
        return found


def subjects(model: AmortisedExtractor, drawn: Callable[[TaskSource, int, int], Preparing]) -> dict[str, Subject]:
    """The tasks that the pages offer, by name.

    Args:
        model: for its axes and the size of its images.
        drawn: draws so many labelled images of a task with a seed.
    """
    return {
        source.name: Subject(source.name, partial(drawn, source, LABELLED, 0), not source.classes)
        for source in offered_tasks(model.transforms, model.input_size)
    }


def scores(marking: Marking | None, stored: TaskMarks | None, count: int) -> np.ndarray:
    """(count,) scores so far, from the file and from here; NaN where there is none."""
    values = stored.scores(count) if stored else np.full(count, np.nan)
    found = marking.stream.found() if marking else ()
    if marking:
        values[marking.rows[: len(found)]] = [mark.score for mark in found]
    return values


def _end(jobs: Iterable[Stream]) -> None:
    for job in jobs:
        if job.running:
            job.cancel()


def _marks(model: AmortisedExtractor, subject: Subject, points: np.ndarray, progress: Progress) -> Iterator[Mark]:
    return judged(task_judge(model, _labelled(subject, progress)), points)


def _labelled(subject: Subject, progress: Progress) -> Task:
    """The task with its labelled images prepared; says how far that is."""
    task = subject.draw().labelled(lambda done, total: progress(f"preparing pictures, {done:,} of {total:,}", 0.0))
    progress("", 0.0)
    return task


def _fits(model: AmortisedExtractor, subject: Subject, progress: Progress) -> Iterator[Passed]:
    task = _labelled(subject, progress)
    for seed in FITS:
        fit = Fit(model, task, Settings(seed=seed), starting_point(len(model.transforms), seed))
        while not fit.done:
            step = fit.advance()
            stood = fit.state.ends[-1] if fit.done else fit.descriptor
            yield f"seed {seed}", step, stood
