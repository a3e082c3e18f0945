"""What there is of a fit: as the worker changes it, and as the page sees it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from core.adaptation import Adapted, Step
from core.adaptation.preferences import Slice
from core.baselines import BY_HAND, Outcome, title_of

_WAITING, _LONGEST_S = 5.0, 10.0
"""So many times as long while a fit waits for its turn, and seconds at most: the looks of thirty that wait would take
more than a core from those that compute, and from their own pages, which would come minutes too late."""


@dataclass(frozen=True)
class Snapshot:
    """What the page draws; a copy that the worker does not touch again.

    Attributes:
        status: ``"ready"``, ``"running"``, ``"paused"``, ``"done"``, ``"stopped"`` or ``"failed"``.
        steps: of the present run.
        descriptor: where it is now.
        outcomes: finished methods and runs by hand, oldest first.
        busy: what is computed besides the run, or "".
        adapted: the end of the run, when it has one.
        outputs: (M, C) on the test images at the end.
        slices: of the evidence, when they are there.
        problem: one sentence, or "".
        hidden: places of outcomes that are left out of the chart.
        rivals: simple methods with the same images, to hold the fit's score against; not rows of the table.
        hand: where a person has put the descriptor, once the head is to be fitted there; ``None`` at the fit's own.
        held: coordinates of the running fit that a hand holds, by place.
        waiting: what is to be computed next, in words.
        ours: the end of the run as an outcome, also where a person has taken its row away.
        place: in the queue before the computer, 1 for the next; 0 for a run that need not wait.
        crowd: how many runs want to compute, for each that may.
    """

    status: str
    steps: tuple[Step, ...]
    descriptor: tuple[float, ...]
    outcomes: tuple[Outcome, ...]
    busy: str = ""
    adapted: Adapted | None = None
    outputs: torch.Tensor | None = None
    slices: tuple[Slice, ...] = ()
    problem: str = ""
    hidden: frozenset[int] = frozenset()
    rivals: tuple[Outcome, ...] = ()
    hand: tuple[float, ...] | None = None
    held: frozenset[int] = frozenset()
    waiting: tuple[str, ...] = ()
    ours: Outcome | None = None
    place: int = 0
    crowd: float = 0.0

    @property
    def by_hand(self) -> Outcome | None:
        """The row of where the hand is, once the head is fitted there."""
        mine = (row for row in reversed(self.outcomes) if row.method == BY_HAND and row.origin is None)
        return next((row for row in mine if row.descriptor == self.hand), None)

    def pause(self, seconds: float) -> float:
        """Between two looks at a fit that is looked at every so many seconds while it computes."""
        if self.status == "running" and not self.place:
            return seconds
        longer = max(_WAITING if self.place else 1.0, self.crowd)
        return max(seconds, min(longer * seconds, _LONGEST_S))


@dataclass(frozen=True)
class Job:
    """Something to be done besides the fit.

    Attributes:
        name: the key of a method; of what nobody has asked for, what it does, in words.
        do: does it.
        patient: whether nobody has asked for it, so that it lets all fits and jobs of others go first.
    """

    name: str
    do: Callable[[], None]
    patient: bool = False

    @property
    def said(self) -> str:
        """What the page says while it is done: there must be no moment in which it is neither waiting nor busy."""
        return self.name if self.patient else f"fitting {title_of(self.name)}"


@dataclass
class Shared:
    """What both threads of a worker touch, under its lock.

    Attributes:
        left: steps to take before pausing; negative: without end.
        pause: seconds between steps.
        moves: coordinates that a person has put elsewhere, by axis.
        held: coordinates that a person holds, by axis.
        let_go: coordinates that a person has held since the last step, and where.
        completed: whether what completes a fit is there, on its way, or stopped by a person.
        jobs: to be done besides the fit, oldest first.
        stops: how often everything was stopped; a job from before the last time is dropped.
        asked: when somebody last wanted to know.
    """

    status: str = "ready"
    left: int = 0
    pause: float = 0.0
    steps: list[Step] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    busy: str = ""
    adapted: Adapted | None = None
    outputs: torch.Tensor | None = None
    ours: Outcome | None = None
    place: int = 0
    slices: list[Slice] = field(default_factory=list)
    problem: str = ""
    rivals: list[Outcome] = field(default_factory=list)
    completed: bool = False
    hand: tuple[float, ...] | None = None
    held: dict[int, float] = field(default_factory=dict)
    let_go: dict[int, float] = field(default_factory=dict)
    moves: dict[int, float] = field(default_factory=dict)
    jobs: deque[Job] = field(default_factory=deque)
    stops: int = 0
    asked: float = field(default_factory=time.monotonic)

    def drop(self, place: int) -> None:
        """Forget one outcome, if it is there."""
        if place < len(self.outcomes):
            del self.outcomes[place]
            self.hidden = {each - (each > place) for each in self.hidden if each != place}

    def add(self, outcome: Outcome) -> None:
        """A further row; the one by hand takes the place of the last one, unless a person has given that a name."""
        for place in reversed(range(len(self.outcomes))):
            old = self.outcomes[place]
            if outcome.method == BY_HAND == old.method and not old.name and old.origin is None:
                self.drop(place)
        self.outcomes.append(outcome)

    @property
    def urgent(self) -> bool:
        """Whether there is anything to do that somebody waits for."""
        return self.status == "running" or bool(self.moves) or any(not job.patient for job in self.jobs)

    def next_job(self) -> Job | None:
        """What to do now besides the fit: what nobody has asked for comes last."""
        asked = next((job for job in self.jobs if not job.patient), None)
        return asked if asked or self.urgent else next(iter(self.jobs), None)

    def seen(self, descriptor: tuple[float, ...], crowd: float = 0.0) -> Snapshot:
        """A copy, with where the descriptor is, and how many compute."""
        busy = self.busy or next((job.name for job in self.jobs if job.patient), "")
        return Snapshot(
            self.status, tuple(self.steps), descriptor, tuple(self.outcomes), busy, self.adapted, self.outputs,
            tuple(self.slices), self.problem, frozenset(self.hidden), tuple(self.rivals), self.hand,
            frozenset(self.held), tuple(title_of(job.name) for job in self.jobs if not job.patient), self.ours,
            self.place, crowd,
        )  # fmt: skip
