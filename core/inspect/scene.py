"""One picture under one change among others: everything that Explore shows of it, but for the descriptor.

Pixels are transformed and prepared when a scene is made; a :class:`Reading` then costs one set of weights and one
pass over some 130 images. The pages, the command ``look`` and the lessons all read scenes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from ..axes.transforms import Axis
from ..backbones.base import Prepared, joined
from ..measures.response import Features, Prepare
from . import grid
from .background import Background, background_of
from .neighbours import Candidate, Ranking, lineup, lineup_pixels, nearest
from .sensitivity import similarity_to_itself


@dataclass(frozen=True)
class Reading:
    """One descriptor's numbers.

    Attributes:
        ground: what other pictures look like to it.
        similarity: (K, S) of the picture to itself along every axis.
        ranking: of the line-up.
    """

    ground: Background
    similarity: np.ndarray
    ranking: Ranking

    @property
    def movement(self) -> np.ndarray:
        """(K, S) on the scale where 1 is another picture."""
        return self.ground.movement(self.similarity)


@dataclass(frozen=True)
class Scene:
    """What is shown, apart from the descriptors.

    Attributes:
        axes: K of them.
        number: which one the filmstrip shows.
        at: frame that is looked up.
        candidates: M, what it is looked up among.
        images: P other pictures, the picture at S strengths of each axis, and the M candidates; prepared.
        probes: P.
    """

    axes: tuple[Axis, ...]
    number: int
    at: int
    candidates: tuple[Candidate, ...]
    images: Prepared
    probes: int

    @property
    def axis(self) -> Axis:
        """The one that the filmstrip shows."""
        return self.axes[self.number]

    @property
    def strength(self) -> float:
        """Of the picture that is looked up."""
        return float(grid.frame_strengths(self.axis)[self.at])

    def read(self, features: Features) -> Reading:
        """Measure one extractor in one pass."""
        axes, points = len(self.axes), grid.POINTS
        probes, moved, lineup = features(self.images).split([self.probes, axes * points, len(self.candidates)])
        ground = background_of(probes)
        similarity = similarity_to_itself(moved.unflatten(0, (axes, points)), self.axes, ground)
        query = moved[self.number * points + self.at * grid.STRIDE]
        return Reading(ground, similarity, nearest(query, lineup, ground))


def make_scene(
    prepare: Prepare,
    probes: Prepared,
    moved: Tensor,
    pictures: Mapping[str, Tensor],
    name: str,
    axes: tuple[Axis, ...],
    number: int,
    at: int,
) -> Scene:
    """Transform and prepare all that a scene shows.

    Args:
        prepare: of the model.
        probes: other pictures, prepared.
        moved: (K, S, 3, H, W) the picture along every axis, see :func:`core.inspect.sensitivity.seen`.
        pictures: square ones (3, H, H) in [0, 1] by name, at least two.
        name: the one that is looked at.
        axes: K of them.
        number: of the axis that is shown.
        at: number of the frame that is looked up.

    Raises:
        ValueError: an unknown picture or frame.
    """
    if not 0 <= at < grid.FRAMES:
        raise ValueError(f"A filmstrip has frames 0 to {grid.FRAMES - 1}; got {at}.")
    if name not in pictures:
        raise ValueError(f"There is no picture called {name!r}. Known: {', '.join(pictures)}.")
    candidates = lineup(tuple(pictures), name, grid.frame_strengths(axes[number]), at)
    others = lineup_pixels(candidates, pictures, axes[number], moved.shape[-1])
    images = joined([probes, prepare(moved.flatten(0, 1)), prepare(others)])
    return Scene(axes, number, at, candidates, images, len(probes))
