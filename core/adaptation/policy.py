"""A fit as an augmentation policy: what a network that is trained from scratch should see changed at random.

Only what the labels decide is in it. And a coordinate of 0.8 is no promise that 80 % of the range is ignored, so the
fitted classifier is asked: a range is as wide as its own answers stay the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ..axes.augmentation_code import policy_code
from ..axes.transforms import Axis
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Task
from .inputs import features_of, prepared
from .preferences import Slice, looked_at
from .records import Adapted

STAYS = 0.95
"""Share of the images that must be named as before, for a change to count as ignored."""

IMAGES, STEPS = 20, 4
_HELD_R2 = 0.9


@dataclass(frozen=True)
class Policy:
    """What to change at random, and how far.

    Attributes:
        axes: K of them.
        shares: (K,) of each axis' range, to both sides; 0: left alone.
        reasons: (K,) for each axis that is left alone or cut short, why, in a few words; "" otherwise.
    """

    axes: tuple[Axis, ...]
    shares: tuple[float, ...]
    reasons: tuple[str, ...]

    @property
    def code(self) -> str:
        """Python source, see :func:`core.axes.augmentation_code.policy_code`."""
        return policy_code(self.shares, self.axes, self.reasons)


def policy_of(model: AmortisedExtractor, task: Task, adapted: Adapted, cuts: Sequence[Slice]) -> Policy:
    """The policy of a fit; some seconds, because changed pictures go through the whole network.

    Args:
        model, task, adapted: the fit.
        cuts: K, see :func:`core.adaptation.preferences.slices`.
    """
    shares, reasons = [], []
    labels = looked_at(task)
    for place, cut in enumerate(cuts):
        share, reason = 0.0, ""
        if cut.wants == "keep":
            reason = "the task needs it"
        elif cut.wants == "untold":
            reason = f"{labels:,} labels cannot tell whether it matters"
        else:
            wanted = adapted.descriptor[place]
            share = _ignored(model, task, adapted, cut.axis, wanted)
            if not share:
                reason = "the fitted classifier does not ignore it"
            elif cut.wants == "between":
                reason = "small changes only"
            elif share < wanted:
                reason = "as far as the fitted classifier ignores it"
        shares.append(share)
        reasons.append(reason)
    return Policy(model.transforms, tuple(shares), tuple(reasons))


def _ignored(model: AmortisedExtractor, task: Task, adapted: Adapted, axis: Axis, most: float) -> float:
    """The largest share of the axis' range, of ``most`` in steps, up to which the answers stay the same."""
    found = prepared(model, task, test=False).labelled
    rows = torch.linspace(0, len(found) - 1, min(IMAGES, len(found))).round().long()
    some, weights = found.at(rows), model.frozen_weights(adapted.descriptor)
    before = adapted.head(features_of(model, some, adapted.descriptor))
    for step in range(STEPS, 0, -1):  # from the widest, which is often the answer: changed pictures are what costs
        share = most * step / STEPS
        moved = [axis.apply(some.pixels, end * share) for end in (axis.low, axis.high) if end]
        if all(_same(task, before, adapted.head(model.features_with(each, weights))) for each in moved):
            return share
    return 0.0


def _same(task: Task, before: torch.Tensor, after: torch.Tensor) -> bool:
    if task.regression:
        error = (after - before).square().mean() / before.var(correction=0).clamp(min=1e-12)
        return float(1 - error) >= _HELD_R2
    return float((after.argmax(1) == before.argmax(1)).float().mean()) >= STAYS
