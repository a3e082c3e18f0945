"""What there is of a fit: as the worker changes it, and as the page sees it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from core.adaptation import Adapted, Step
from core.adaptation.preferences import Slice
from core.baselines import Outcome


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


@dataclass
class Shared:
    """What both threads of a worker touch, under its lock.

    Attributes:
        left: steps to take before pausing; negative: without end.
        pause: seconds between steps.
        moves: coordinates that a person has put elsewhere, by axis.
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
    slices: list[Slice] = field(default_factory=list)
    problem: str = ""
    moves: dict[int, float] = field(default_factory=dict)
    jobs: deque[Callable[[], None]] = field(default_factory=deque)
    stops: int = 0
    asked: float = field(default_factory=time.monotonic)

    def drop(self, place: int) -> None:
        """Forget one outcome, if it is there."""
        if place < len(self.outcomes):
            del self.outcomes[place]
            self.hidden = {each - (each > place) for each in self.hidden if each != place}

    def seen(self, descriptor: tuple[float, ...]) -> Snapshot:
        """A copy, with where the descriptor is."""
        return Snapshot(
            self.status, tuple(self.steps), descriptor, tuple(self.outcomes), self.busy, self.adapted, self.outputs,
            tuple(self.slices), self.problem, frozenset(self.hidden),
        )  # fmt: skip
