"""What a fitted task wants, axis by axis: slices through the evidence, and a sentence for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ..axes.transforms import Axis
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Split, Task
from .head import evidence
from .inputs import features_of, prepared

DECISIVE = 5.0
"""Nats between keeping and ignoring: odds of 150 to 1, the usual reading of "decisive" (Kass and Raftery, 1995)."""

_MOST = 400


@dataclass(frozen=True)
class Slice:
    """How the task likes one coordinate, the others staying where they are.

    Attributes:
        axis: whose coordinate it is.
        points: (P,) values of the coordinate, 0 first and 1 last.
        evidence: (P,) log marginal likelihood of the labels, in nats; only differences mean something.
    """

    axis: Axis
    points: np.ndarray
    evidence: np.ndarray

    @property
    def preference(self) -> float:
        """Nats by which ignoring beats keeping; negative where keeping is better."""
        return float(self.evidence[-1] - self.evidence[0])

    @property
    def wants(self) -> str:
        """``"ignore"``, ``"keep"``, ``"between"`` (neither end is near the best) or ``"untold"``.

        ``"untold"`` where no difference is decisive: that can mean that the change does not matter, or that there are
        too few labels to see that it does.
        """
        best = float(self.evidence.max())
        if best - float(self.evidence.min()) < DECISIVE:
            return "untold"
        ends = max(float(self.evidence[0]), float(self.evidence[-1]))
        if best - ends >= DECISIVE:
            return "between"
        if abs(self.preference) < DECISIVE:
            return "untold"
        return "ignore" if self.preference > 0 else "keep"


def slices(
    model: AmortisedExtractor, task: Task, descriptor: tuple[float, ...], points: int = 5, seed: int = 0
) -> Iterator[Slice]:
    """Evidence along each axis through ``descriptor``, one axis at a time; on at most 400 labelled images.

    Args:
        points: P >= 2 values per axis.
        seed: which images, if there are more.
    """
    labelled = prepared(model, task, test=False).labelled
    rows = torch.randperm(len(labelled), generator=torch.Generator().manual_seed(seed))[:_MOST]
    labelled = labelled.at(rows)
    targets = task.encoded(labelled.targets)
    values = np.linspace(0, 1, points)
    for place, axis in enumerate(model.transforms):
        heights = [_height(model, labelled, targets, descriptor, place, float(value)) for value in values]
        yield Slice(axis, values, np.array(heights))


def _height(
    model: AmortisedExtractor,
    labelled: Split,
    targets: torch.Tensor,
    descriptor: tuple[float, ...],
    place: int,
    value: float,
) -> float:
    point = (*descriptor[:place], value, *descriptor[place + 1 :])
    return float(evidence(features_of(model, labelled, point), targets))


def looked_at(task: Task) -> int:
    """How many of a task's labelled images :func:`slices` looks at."""
    return min(len(task.labelled), _MOST)


def sentence(found: Sequence[Slice], labels: int) -> str:
    """One sentence: what the task wants ignored, what it needs, and what these labels cannot tell.

    Args:
        found: a slice per axis.
        labels: how many labelled images they were measured on, see :func:`looked_at`.
    """
    groups = {want: [each.axis.name for each in found if each.wants == want] for want in (*_PHRASES, "untold")}
    parts = [phrase.format(_listed(groups[want])) for want, phrase in _PHRASES.items() if groups[want]]
    untold = groups["untold"]
    if not parts:
        return f"{labels:,} labels cannot tell whether any of the changes matters to this task."
    if not untold:
        return f"This task {_listed(parts)}."
    matter = "matters" if len(untold) == 1 else "matter"
    return f"This task {_listed(parts)}; {labels:,} labels cannot tell whether {_listed(untold)} {matter}."


_PHRASES = {
    "ignore": "wants to ignore {}",
    "keep": "needs {}",
    "between": "wants small changes of {} ignored and large ones kept",
}


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
