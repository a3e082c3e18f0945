"""All that a pretraining run depends on, besides its images."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from ..model.architecture import Architecture
from .pairs import ViewRecipe

PROJECTABLE = ("contrastive", "alignment", "separation", "sensitivity", "variance", "decorrelation", "erasure")


@dataclass(frozen=True)
class Recipe:
    """What a run does, as numbers; a stored one must be equal where it is resumed.

    Attributes:
        steps: optimiser steps.
        groups: descriptors per step over all processes; odd ones are opposite to the even one before.
        size: images per group, each drawn in three views.
        rate: peak learning rate of AdamW, after a linear warm-up and before a cosine decay to 0.
        reading: factor on the rate of the layers that read the descriptor. They alone can tell
            descriptors apart, and their gradient averages over all of them.
        averaging: decay of the exponential moving average that becomes the checkpoint.
        hardness: weight of a hard negative, see :func:`core.pretraining.losses.contrastive_loss`.
        margin: of the separation term.
        contrastive, alignment, separation, sensitivity, variance, decorrelation, erasure, content: weights of the
            terms in :mod:`core.pretraining.losses`.
        components: principal components of what the frozen network tells that the content term asks for.
        projected: terms that see a projection of the features (two layers, trained along and thrown away, as in
            SimCLR) instead of the features themselves.
        ramp: of the separation term, see :func:`core.pretraining.losses.separation_loss`.
        weight_decay: of AdamW.
        warmup: steps until the peak rate.
        temperature: of the contrastive term.
        views: how pairs are drawn.
        architecture: of the model.
        start: digest of the checkpoint whose weights the run starts from; empty: random weights.
    """

    steps: int = 10_000
    groups: int = 2
    size: int = 64
    rate: float = 3e-3
    reading: float = 4.0
    weight_decay: float = 1e-4
    warmup: int = 100
    averaging: float = 0.997
    temperature: float = 0.2
    hardness: float = 0.2
    contrastive: float = 0.5
    alignment: float = 20.0
    separation: float = 80.0
    margin: float = 0.6
    sensitivity: float = 10.0
    variance: float = 6.0
    decorrelation: float = 0.4
    erasure: float = 2.0
    content: float = 40.0
    components: int = 128
    projected: tuple[str, ...] = ()
    ramp: float = 0.2
    seed: int = 0
    start: str = ""
    views: ViewRecipe = field(default_factory=ViewRecipe)
    architecture: Architecture = field(default_factory=Architecture)

    def __post_init__(self) -> None:
        object.__setattr__(self, "projected", tuple(self.projected))
        if unknown := set(self.projected) - set(PROJECTABLE):
            raise ValueError(f"The recipe cannot project {', '.join(sorted(unknown))}; only {', '.join(PROJECTABLE)}.")
        for name, kind, made in (("views", ViewRecipe, _views_of), ("architecture", Architecture, Architecture.of)):
            value = getattr(self, name)
            if isinstance(value, dict):  # as read from JSON
                object.__setattr__(self, name, made(value))
            elif not isinstance(value, kind):
                raise ValueError(f"The recipe's {name} must be an object of its fields; got {value!r}.")
        for name in ("steps", "groups", "size", "rate", "temperature"):
            value = getattr(self, name)
            if not (isinstance(value, int | float) and value > 0):
                raise ValueError(f"The recipe's {name} must be positive; got {value!r}.")
        if self.size < 2:
            raise ValueError("A group of one image has no other to be told from. Give the recipe a size of at least 2.")
        if not 0 <= self.averaging < 1:
            raise ValueError(f"The recipe's averaging must be at least 0 and below 1; got {self.averaging}.")

    def rate_at(self, step: int) -> float:
        """Learning rate of a step, in [0, rate]."""
        warm = min(1.0, (step + 1) / max(1, self.warmup))
        return self.rate * warm * 0.5 * (1 + math.cos(math.pi * step / self.steps))


def _views_of(document: dict[str, Any]) -> ViewRecipe:
    try:
        return ViewRecipe(**document)
    except TypeError as error:
        raise ValueError(f"The recipe's views cannot be read from {document} ({error}).") from None
