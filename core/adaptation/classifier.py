"""A fitted classifier at work on new pictures: what it calls them, how sure it is, and what they are alike to."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.decode import central_square, read_picture
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Task
from .confidence import Confidence, confidence_of
from .inputs import features_of, prepared
from .records import Adapted

NEAREST = 3
STRANGE = 0.05
"""A picture is called strange if it is less like its nearest labelled image than all but this share of these are."""

_AGREE = 0.02


@dataclass(frozen=True)
class Near:
    """A labelled image: its row, and its similarity in [-1, 1] under the fitted descriptor."""

    row: int
    similarity: float


@dataclass(frozen=True)
class Answer:
    """What a classifier says of one picture.

    Attributes:
        outputs: (C,) of the head, or one quantity.
        shares: (C,) confidences that sum to 1; empty for a quantity.
        near: the nearest labelled images, the nearest first.
        strange: it is less like every labelled image than 95 % of these are like their own nearest.
    """

    outputs: tuple[float, ...]
    shares: tuple[float, ...]
    near: tuple[Near, ...]
    strange: bool


@dataclass(frozen=True)
class Classifier:
    """What answers take.

    Attributes:
        adapted: descriptor and head.
        confidence: of classes; ``None`` for a quantity.
        centre: (D,) mean features of the labelled images.
        labelled: (N, D) their features, centred, of length 1.
        usual: similarity to the nearest other that 95 % of the labelled images reach.
    """

    adapted: Adapted
    confidence: Confidence | None
    centre: Tensor
    labelled: Tensor
    usual: float

    def answers(self, model: AmortisedExtractor, images: Tensor) -> list[Answer]:
        """What is said of images (N, 3, S, S) in [0, 1]; ``model`` is the one it was made with."""
        features = model.features(images, self.adapted.descriptor)
        outputs = self.adapted.head(features)
        shares = None if self.confidence is None else self.confidence(outputs)
        similar = F.normalize(features - self.centre, dim=1) @ self.labelled.T
        near = similar.topk(min(NEAREST, similar.shape[1]), dim=1)
        return [
            Answer(
                tuple(outputs[n].tolist()),
                () if shares is None else tuple(shares[n].tolist()),
                tuple(map(Near, near.indices[n].tolist(), near.values[n].tolist())),
                float(near.values[n, 0]) < self.usual,
            )
            for n in range(len(images))
        ]


def classifier_of(model: AmortisedExtractor, task: Task, adapted: Adapted) -> Classifier:
    """The classifier of a fit; quick where the labelled images are prepared.

    Raises:
        ValueError: the head belongs to another network.
    """
    check_head(model, adapted)
    labelled = prepared(model, task, test=False).labelled
    features = features_of(model, labelled, adapted.descriptor)
    centre = features.mean(0)
    directions = F.normalize(features - centre, dim=1)
    others = (directions @ directions.T).fill_diagonal_(-1)
    confidence = None if task.regression else confidence_of(model, task, adapted)
    usual = float(others.max(1).values.quantile(STRANGE))
    return Classifier(adapted, confidence, centre, directions, usual)


def check_head(model: AmortisedExtractor, adapted: Adapted) -> None:
    """Whether a head has as many weights a class as the network has features.

    Raises:
        ValueError: it has not.
    """
    if len(adapted.head.weight) != model.architecture.features:
        raise ValueError(_OTHER)


def check_outputs(model: AmortisedExtractor, task: Task, adapted: Adapted, outputs: Tensor) -> None:
    """Whether the fit says the same here as where it was made: a run from a file may come from another checkpoint.

    Args:
        outputs: (M, C) on the test images, from when the run was made.

    Raises:
        ValueError: it does not.
    """
    check_head(model, adapted)
    some = task.test.at(slice(8))
    here = adapted.head(features_of(model, some, adapted.descriptor))
    if not bool(((here - outputs[: len(here)]).abs() <= _AGREE).all()):
        raise ValueError(_OTHER)


_OTHER = (
    "This run was fitted with another network than the one that is loaded here, so its classifier would name pictures "
    "by chance. Start the pages with that checkpoint, or run the fit anew."
)


def seen(content: bytes, name: str, side: int) -> Tensor:
    """A picture file as the network gets it: its central square, (3, side, side), in [0, 1].

    Every pixel is the one that a folder's images have and that an exported ``predict.py`` makes.

    Raises:
        ValueError: see :func:`core.data.decode.read_picture`.
    """
    return torch.from_numpy(central_square(read_picture(content, name), side).copy()).float() / 255
