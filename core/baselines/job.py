"""What a method is given: a model, a task, how much it may do, and which head reads the features that it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..adaptation import Settings
from ..adaptation.head import best_penalty, fit_head, left_out
from ..axes.transforms import Axis
from ..measures.shots import STRENGTHS
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Task
from .outcome import Stop, never


@dataclass(frozen=True)
class Budget:
    """How long a network may train.

    Attributes:
        steps: at most so many batches.
        batch: images in each.
        every: steps between two looks at the validation images.
        patience: looks without improvement after which it ends.
        rate: of AdamW on random weights; pretrained ones take a tenth of it.
        views: of each training image, changed at random, for networks that read what a frozen stem gives; they go
            through it once.
    """

    steps: int = 400
    batch: int = 64
    every: int = 10
    patience: int = 12
    rate: float = 1e-3
    views: int = 4


@dataclass(frozen=True)
class Reading:
    """A head on features.

    Attributes:
        outputs: features (M, D) -> (M, C).
        held_out: score on the labelled images, each left out in turn.
        loss: mean squared error of the same; what a choice between features goes by.
        parameters: how many numbers were fitted.
    """

    outputs: Callable[[Tensor], Tensor]
    held_out: float
    loss: float
    parameters: int


Read = Callable[[Tensor, Task], Reading]
"""Features (N, D) of a task's labelled images, and the task -> a head."""


@dataclass(frozen=True)
class Job:
    """One method's work.

    Attributes:
        model, task: what is run; the task's images are prepared.
        settings: of the fit; their seed is everybody's.
        budget: of networks.
        stop: asked between batches, corners and steps whether to end.
        read: the one head that reads everybody's features; ``None``: each method's own.
    """

    model: AmortisedExtractor
    task: Task
    settings: Settings = field(default_factory=Settings)
    budget: Budget = field(default_factory=Budget)
    stop: Stop = never
    read: Read | None = None

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return next(self.model.parameters()).device

    @property
    def free(self) -> tuple[Axis, ...]:
        """The axes along which images may be changed at random: none of them is what the task asks for."""
        return tuple(axis for axis in self.model.transforms if self.task.known.get(axis.name) != 0)


def by_evidence(labelled: Tensor, task: Task) -> Reading:
    """The head of the fit: ridge regression whose penalty has the most evidence."""
    known = task.labelled.targets
    targets = task.encoded(known)
    penalty = best_penalty(labelled, targets)
    head = fit_head(labelled, targets, penalty)
    others = left_out(labelled, targets, penalty)
    return Reading(head, task.score(others, known), float((others - targets).square().mean()), head.parameters)


def by_ridge(labelled: Tensor, task: Task) -> Reading:
    """Ridge regression on standardised features, its strength chosen by leave-one-out (scikit-learn's)."""
    from sklearn.linear_model import RidgeCV  # half a second to import: `import core` stays quick
    from sklearn.preprocessing import StandardScaler

    known = task.labelled.targets
    targets = task.encoded(known)
    # One-hot columns instead of a classifier's -1 and 1: the same classes, and one form for quantities too.
    scaler = StandardScaler().fit(labelled.double().cpu().numpy())
    scaled = scaler.transform(labelled.double().cpu().numpy())
    head = RidgeCV(STRENGTHS).fit(scaled, targets.double().cpu().numpy())

    def outputs(features: Tensor) -> Tensor:
        found = head.predict(scaler.transform(features.double().cpu().numpy()))
        return torch.from_numpy(found).float().view(len(features), -1)

    others = left_out(torch.from_numpy(scaled), targets.cpu(), float(head.alpha_))
    loss = float((others - targets.cpu()).square().mean())
    return Reading(outputs, task.score(others, known.cpu()), loss, (labelled.shape[1] + 1) * targets.shape[1])
