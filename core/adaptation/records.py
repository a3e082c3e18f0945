"""The values of a run: how it goes, one step of it, everything that changes, and its end."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from torch import Tensor

from .head import Head
from .objectives import OBJECTIVES
from .reading import TRUST


@dataclass(frozen=True)
class Settings:
    """How a run goes.

    Attributes:
        objective: one of :data:`core.adaptation.objectives.OBJECTIVES`.
        steps: at most this many per restart.
        rate: step size of Adam on the descriptor at the first step of a restart (the head of the joint objective takes
            a tenth of it); it falls linearly to nothing after the last.
        batch: images per step; all of them if there are fewer. Small batches are quicker, but their evidence
            favours descriptors that ignore more than all images together would want.
        restarts: 1 starts at 0.5 everywhere, every further one at a random point; the best is kept.
        seed: of batches and starting points.
        snap: round the descriptor to a corner at the end, where the objective is no worse for it.
        patience: a restart ends when no coordinate has moved by more than ``tolerance`` for so many steps.
        trust: of the head in a branch, above 0 and at most 1, see :func:`core.adaptation.reading.weighed`.
    """

    objective: str = "evidence"
    steps: int = 6
    rate: float = 0.25
    batch: int = 128
    restarts: int = 1
    seed: int = 0
    snap: bool = True
    patience: int = 4
    tolerance: float = 0.01
    trust: float = TRUST

    def __post_init__(self) -> None:
        if self.objective not in OBJECTIVES:
            raise ValueError(f"There is no objective called {self.objective!r}. Known: {', '.join(OBJECTIVES)}.")
        for name, least in (("steps", 1), ("batch", 8), ("restarts", 1), ("patience", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"The number of {name} must be at least {least}; got {getattr(self, name)}.")
        if not 0 < self.trust <= 1:
            raise ValueError(f"The head's trust in a branch must be above 0 and at most 1; got {self.trust}.")
        if not (math.isfinite(self.rate) and 0 < self.rate <= 1):
            raise ValueError(f"The step size on the descriptor must be above 0 and at most 1; got {self.rate}.")


@dataclass(frozen=True)
class Step:
    """One step of a run, as it was before the descriptor moved.

    Attributes:
        number, restart: counted from 0.
        loss: of the objective; smaller is better.
        score: accuracy or R2 on labelled images. With the head solved exactly, each image is judged by
            the head fitted to the others (or to the training split), so it is not flattered.
        descriptor, gradient: K numbers each.
        seconds: spent on this run so far, without pauses.
    """

    number: int
    restart: int
    loss: float
    score: float
    descriptor: tuple[float, ...]
    gradient: tuple[float, ...]
    seconds: float


@dataclass
class State:
    """Everything that changes during a run.

    Attributes:
        parameters: descriptor (K,), and weight (D, C) and bias (C,) of the head trained along.
        first, second: Adam's moments for each.
        number, restart: of the next step.
        taken: steps since Adam's moments were empty.
        total: steps over all restarts.
        still: steps in a row in which nothing moved.
        seconds: spent so far.
        ends: where each finished restart ended.
        random: state of the generator.
    """

    parameters: list[Tensor]
    first: list[Tensor]
    second: list[Tensor]
    random: Tensor
    number: int = 0
    restart: int = 0
    taken: int = 0
    total: int = 0
    still: int = 0
    seconds: float = 0.0
    ends: list[tuple[float, ...]] = field(default_factory=list)

    def copy(self) -> State:
        """As it is now; steps that are taken from the one do not change the other."""
        parameters, first, second = list(self.parameters), list(self.first), list(self.second)
        return replace(self, parameters=parameters, first=first, second=second, ends=list(self.ends))


@dataclass(frozen=True)
class Adapted:
    """The end of a run: descriptor, head, and what the labelled images say about both.

    Attributes:
        descriptor: K coordinates; corners where snapping cost nothing.
        unsnapped: K coordinates as the gradient left them.
        head: refitted on all labelled images at ``descriptor``.
        loss: negative log evidence per label at ``descriptor``, whatever the objective was.
        score: leave-one-out accuracy or R2 on the labelled images.
        steps: taken, over all restarts.
        seconds: spent, refitting included.
    """

    descriptor: tuple[float, ...]
    unsnapped: tuple[float, ...]
    head: Head
    loss: float
    score: float
    steps: int
    seconds: float


class Diverged(RuntimeError):
    """The loss or the gradient is not a number any more; the message says at which step."""
