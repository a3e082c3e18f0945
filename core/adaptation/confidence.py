"""How sure a fitted classifier is: its outputs as probabilities, and whether they were right as often as they say.

The head is a regression on classes, so its outputs are no probabilities, and a softmax of them alone would be far too
flat. They are multiplied by one number first, as in temperature scaling (Guo et al., ICML 2017, arXiv 1706.04599),
which is chosen on the labelled images, each judged by the head fitted to the others. Test images only measure it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from scipy.optimize import minimize_scalar
from torch import Tensor

from ..model.amortised import AmortisedExtractor
from ..tasks.task import Task
from .inputs import features_of, prepared
from .reading import read
from .records import Adapted

EDGES = (0.0, 0.5, 0.7, 0.9, 1.0)
"""Between which confidences it is measured how often the classifier was right."""

FEWEST = 10
"""Test images of about the same confidence, below which nothing is said about how often it was right."""

_SPAN = (math.log(0.1), math.log(1000.0))


@dataclass(frozen=True)
class Confidence:
    """Outputs (N, C) of a head as probabilities (N, C): the softmax of ``sharpness`` times the outputs."""

    sharpness: float

    def __call__(self, outputs: Tensor) -> Tensor:
        """(N, C) -> (N, C), rows sum to 1."""
        return (outputs.double() * self.sharpness).softmax(1).float()


@dataclass(frozen=True)
class Band:
    """Of the test images whose class was named with a confidence in (low, high], how many were named rightly."""

    low: float
    high: float
    count: int
    right: int


@dataclass(frozen=True)
class Reliability:
    """Confidences as measured on test images.

    Attributes:
        bands: one for each pair of neighbours in :data:`EDGES`.
        mean: mean confidence in the class that was named.
        accuracy: share of the test images that was named rightly.
        tests: how many there are.
    """

    bands: tuple[Band, ...]
    mean: float
    accuracy: float
    tests: int

    def about(self, confidence: float) -> Band | None:
        """The band of a confidence; ``None`` where too few test images lie in it to say anything."""
        found = next((each for each in self.bands if confidence <= each.high), self.bands[-1])
        return found if found.count >= FEWEST else None


def confidence_of(model: AmortisedExtractor, task: Task, adapted: Adapted) -> Confidence:
    """The confidence of a fitted classifier, from its labelled images; quick where they are prepared.

    Raises:
        ValueError: the task has no classes.
    """
    if task.regression:
        raise ValueError(f"{task.name} is about a quantity, which has no classes to be sure of.")
    labelled = prepared(model, task, test=False).labelled
    features = features_of(model, labelled, adapted.descriptor)
    _, said = read(model, features, task.encoded(labelled.targets), adapted.head.trust)
    return Confidence(best_sharpness(said, labelled.targets))


def best_sharpness(outputs: Tensor, targets: Tensor) -> float:
    """The factor under which the targets are likeliest.

    Where every image is named rightly, a larger factor would always be better. So as many doubts are added as there
    would be had one image more been named each class (Laplace's rule of succession; Platt, 1999, does so for two).

    Args:
        outputs: (N, C) on images that the head was not fitted to.
        targets: (N,) classes.
    """
    count, classes = outputs.shape
    doubt = 1 / (count + classes)
    wanted = torch.full((count, classes), doubt, dtype=torch.float64)
    wanted[torch.arange(count), targets] += 1 - classes * doubt
    outputs = outputs.double()

    def cost(logarithm: float) -> float:
        return -float((wanted * (outputs * math.exp(logarithm)).log_softmax(1)).sum())

    found = minimize_scalar(cost, bounds=_SPAN, method="bounded", options={"xatol": 1e-4})
    return math.exp(float(found.x))


def reliability(confidence: Confidence, outputs: Tensor, targets: Tensor) -> Reliability:
    """How often the classifier was right when it was how sure.

    Args:
        outputs: (M, C) on test images.
        targets: (M,) their classes.
    """
    sure, named = confidence(outputs).max(1)
    right = named == targets
    bands = []
    for low, high in pairwise(EDGES):
        inside = (sure > low) & (sure <= high)
        bands.append(Band(low, high, int(inside.sum()), int(right[inside].sum())))
    return Reliability(tuple(bands), float(sure.mean()), float(right.float().mean()), len(targets))
