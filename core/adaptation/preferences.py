"""What a fitted task wants, axis by axis: slices through the evidence, and a sentence for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ..axes.transforms import Axis
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Task
from .head import evidence
from .inputs import features_of, prepared
from .reading import read

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
        at: where the fit put the coordinate; ``None`` where nobody has kept it, as for all that follow.
        here: the evidence there, in nats.
        scores: (P,) accuracy or R2 on the same labelled images, each left out in turn.
        score: the same where the fit put the coordinate.
    """

    axis: Axis
    points: np.ndarray
    evidence: np.ndarray
    at: float | None = None
    here: float | None = None
    scores: np.ndarray | None = None
    score: float | None = None

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

    @property
    def best(self) -> float:
        """The point with the most evidence."""
        return float(self.points[int(self.evidence.argmax())])

    @property
    def missed(self) -> float:
        """Nats by which the best point beats where the fit put the coordinate; 0 if that is not decisive."""
        lost = 0.0 if self.here is None else float(self.evidence.max()) - self.here
        return lost if lost >= DECISIVE else 0.0

    @property
    def end(self) -> int | None:
        """The end of the axis that the task wants, 0 or 1; ``None`` where it wants neither."""
        return {"keep": 0, "ignore": 1}.get(self.wants)

    @property
    def away(self) -> bool:
        """Whether the fit put the coordinate nearer to the end that the task does not want."""
        return self.end is not None and self.at is not None and abs(self.at - self.end) > 0.5

    @property
    def points_won(self) -> float | None:
        """By how much the score is higher where the fit is than at the end of the axis that the task does not want.

        In points of 100; ``None`` where that is not known.
        """
        if self.end is None or self.scores is None or self.score is None:
            return None
        return 100 * (self.score - float(self.scores[0 if self.end else -1]))


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

    def judged(point: tuple[float, ...]) -> tuple[float, float]:
        features = features_of(model, labelled, point)
        _, outputs = read(model, features, targets)
        return float(evidence(features, targets)), task.score(outputs, labelled.targets)

    here, score = judged(descriptor)
    for place, axis in enumerate(model.transforms):
        at = descriptor[place]
        found = [
            (here, score) if value == at else judged((*descriptor[:place], float(value), *descriptor[place + 1 :]))
            for value in values
        ]
        heights, scores = np.array(found).T
        yield Slice(axis, values, heights, at, here, scores, score)


def looked_at(task: Task) -> int:
    """How many of a task's labelled images :func:`slices` looks at."""
    return min(len(task.labelled), _MOST)


def sentence(found: Sequence[Slice], labels: int) -> str:
    """What the task wants ignored, what it needs, and what these labels cannot tell.

    It is about where the fit ended: a coordinate that would be decisively better elsewhere is said to be missed, and
    one that ended at another place than the task wants, but no worse, is said with that place.

    Args:
        found: a slice per axis.
        labels: how many labelled images they were measured on, see :func:`looked_at`.
    """
    held = [each for each in found if not each.missed]
    groups = {want: [_said(each) for each in held if each.wants == want] for want in _PHRASES}
    parts = [phrase.format(_listed(groups[want])) for want, phrase in _PHRASES.items() if groups[want]]
    untold = [each.axis.name for each in held if each.wants == "untold"]
    missed = " ".join(_MISSED.format(each.axis.name, each.best, each.missed, each.at) for each in found if each.missed)
    matter = "matters" if len(untold) == 1 else "matter"
    cannot = f"{labels:,} labels cannot tell whether {_listed(untold)} {matter}" if untold else ""
    if len(untold) == len(found):
        return f"{labels:,} labels cannot tell whether any of the changes matters to this task."
    wanted = f"This task {_listed(parts)}" if parts else ""
    told = "; ".join(part for part in (wanted, cannot) if part)
    return " ".join(part for part in (f"{told}." if told else "", missed) if part)


_PHRASES = {
    "ignore": "wants to ignore {}",
    "keep": "needs {}",
    "between": "wants {} between kept and ignored",
}
_MISSED = "The fit missed {0}: {1:g} explains the labels better than its {3:.2f}, by {2:.0f} nats."


def _said(cut: Slice) -> str:
    """The name of an axis, with where the fit put it if that is not where the task wants it."""
    if not cut.away:
        return cut.axis.name
    return f"{cut.axis.name} (the fit ended at {cut.at:.2f}, and the labels cannot tell that from {cut.end})"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
