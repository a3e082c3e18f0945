"""What a fitted task wants, axis by axis: slices through the evidence, and a sentence for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.adaptation import features_of
from core.head import evidence
from core.model import AmortisedExtractor
from core.tasks.task import Split, Task
from core.transforms import Axis

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
        """``"ignore"``, ``"keep"``, ``"between"`` (neither end is near the best) or ``"any"`` (flat)."""
        best = float(self.evidence.max())
        if best - float(self.evidence.min()) < DECISIVE:
            return "any"
        ends = max(float(self.evidence[0]), float(self.evidence[-1]))
        if best - ends >= DECISIVE:
            return "between"
        if abs(self.preference) < DECISIVE:
            return "any"
        return "ignore" if self.preference > 0 else "keep"


def slices(
    model: AmortisedExtractor, task: Task, descriptor: tuple[float, ...], points: int = 5, seed: int = 0
) -> Iterator[Slice]:
    """Evidence along each axis through ``descriptor``, one axis at a time; on at most 400 labelled images.

    Args:
        points: P >= 2 values per axis.
        seed: which images, if there are more.
    """
    labelled = task.labelled
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


def sentence(found: Sequence[Slice]) -> str:
    """One sentence: what the task wants ignored, what it needs, and what does not matter."""
    groups = {want: [each.axis.name for each in found if each.wants == want] for want in _PHRASES}
    parts = [phrase.format(_listed(groups[want])) for want, phrase in _PHRASES.items() if groups[want]]
    if len(parts) == 1 and groups["any"]:
        return "This task does not care about any of the changes: no coordinate makes a decisive difference."
    return f"This task {_joined(parts)}."


_PHRASES = {
    "ignore": "wants to ignore {}",
    "keep": "needs {}",
    "between": "wants small changes of {} ignored and large ones kept",
    "any": "does not care about {}",
}


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"
