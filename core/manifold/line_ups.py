"""What every extractor of a map finds alike: one photograph, moved along each axis, looked up among others.

The same line-up as Explore's: the moved photograph is compared with other views of itself, with other photographs
that are moved as much, and with those as they are. What comes first shows what an extractor goes by: thing or change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..axes.transforms import Axis
from ..data.pictures import photographs
from ..inspect import grid
from ..inspect.background import background_of
from ..inspect.neighbours import Candidate, lineup, lineup_pixels, nearest
from ..inspect.probes import probe_images
from ..model.amortised import AmortisedExtractor
from ..parallel import spread
from .representations import TOGETHER, Progress, half_precision

PICTURE = "cat"


@dataclass(frozen=True)
class LineUp:
    """One axis' question: the photograph moved by ``strength`` (unit of the axis), among M candidates."""

    strength: float
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class LineUps:
    """The answers of all extractors of a map.

    Attributes:
        picture: name of the photograph that is looked up.
        questions: K of them, one per axis.
        order: (N, K, F) uint8, numbers of the F nearest candidates, the nearest first.
        near: (N, K, F) float16, how near: centred cosines in [-1, 1].
    """

    picture: str
    questions: tuple[LineUp, ...]
    order: np.ndarray
    near: np.ndarray


def question(axis: Axis, picture: str = PICTURE) -> LineUp:
    """The photograph at the largest strength of an axis, among all shipped photographs."""
    values = grid.frame_strengths(axis)
    at = len(values) - 1
    return LineUp(float(values[at]), lineup([each.name for each in photographs()], picture, values, at))


def pictures_of(asked: LineUp, axis: Axis, side: int, picture: str = PICTURE) -> Tensor:
    """(1 + M, 3, side, side): the moved photograph, then the candidates, as a backbone sees them."""
    pixels = {each.name: each.pixels for each in photographs()}
    own = Candidate(picture, asked.strength, asked.candidates[0].kind)
    return lineup_pixels((own, *asked.candidates), pixels, axis, side)


class Desk:
    """Where extractors are asked, with the pictures prepared once.

    Args:
        model: any amortised extractor.
        axes: whose questions are asked; default: all.
        picture: name of a shipped photograph.
    """

    def __init__(self, model: AmortisedExtractor, axes: Sequence[Axis] | None = None, picture: str = PICTURE) -> None:
        self.picture, self._model, chosen = picture, model, model.transforms if axes is None else axes
        self.questions = tuple(question(axis, picture) for axis in chosen)
        parts = [probe_images(grid.PROBES, 0, model.input_size)]
        parts += [
            pictures_of(each, axis, model.input_size, picture)
            for each, axis in zip(self.questions, chosen, strict=True)
        ]
        self._images, self._sizes = model.prepare(torch.cat(parts)), [len(part) for part in parts]

    def answer(self, point: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """One extractor's ``order`` and ``near``, (Q, F) each, as in :class:`LineUps`."""
        with torch.inference_mode(), half_precision(self._images.device):
            features = self._model.extract(self._images, self._model.frozen_weights(tuple(point))).float()
        probes, *found = features.split(self._sizes)
        ground = background_of(probes)
        ranked = [nearest(rows[0], rows[1:], ground) for rows in found]
        order = np.stack([each.order[: grid.NEAREST] for each in ranked])
        near = np.stack([each.similarity[row] for each, row in zip(ranked, order, strict=True)])
        return order.astype(np.uint8), near.astype(np.float16)


def line_ups(
    model: AmortisedExtractor, points: np.ndarray, progress: Progress, jobs: int = 1, scheduler: str | None = None
) -> LineUps:
    """Ask the extractors of (N, K) descriptors; some 20 ms each.

    Args:
        model, points, progress, jobs, scheduler: see :func:`core.manifold.representations.take_representations`.
    """
    desk = Desk(model)
    order: list[np.ndarray] = []
    near: list[np.ndarray] = []
    answers = spread(desk.answer, points.tolist(), jobs, scheduler, together=TOGETHER)
    for number, (first, how_near) in enumerate(answers):
        order.append(first)
        near.append(how_near)
        progress("line-ups", (number + 1) / len(points))
    return LineUps(desk.picture, desk.questions, np.stack(order), np.stack(near))
