"""One picture under one change among others: everything that Explore shows of it, but for the descriptor.

Pixels are transformed and prepared when a scene is made, and what scenes have in common once for all of them; a
:class:`Reading` then costs one set of weights and one pass over some 120 images. The pages, the command ``look`` and
the lessons all read scenes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..axes.transforms import Axis
from ..backbones.base import Prepared, joined
from ..measures.response import Features, Prepare
from . import grid
from .background import Background, background_of
from .neighbours import Candidate, Kind, Ranking, lineup, lineup_pixels, nearest
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
class Course:
    """One picture along every axis, prepared: what the curves are read from, whatever else a scene shows.

    Attributes:
        images: the picture as it is, then at every other strength of every axis.
        rows: (K, S) which image is at each strength of each axis; the unmoved picture is the first on all axes.
    """

    images: Prepared
    rows: np.ndarray


def course(prepare: Prepare, moved: Tensor, axes: Sequence[Axis]) -> Course:
    """Prepare a picture along every axis.

    Args:
        prepare: of the model.
        moved: (K, S, 3, H, W), see :func:`core.inspect.sensitivity.seen`.
        axes: K of them.
    """
    moving = np.stack([grid.strengths(axis, moved.shape[1]) != 0 for axis in axes])
    rows = np.zeros(moving.shape, int)
    rows[moving] = np.arange(1, moving.sum() + 1)
    identity = int(np.flatnonzero(~moving[0])[0])
    return Course(prepare(torch.cat([moved[0, identity][None], moved[torch.from_numpy(moving)]])), rows)


@dataclass(frozen=True)
class Scene:
    """What is shown, apart from the descriptors.

    Attributes:
        axes: K of them.
        number: which one the filmstrip shows.
        at: frame that is looked up.
        candidates: M, what it is looked up among.
        pieces: P other pictures, a picture's course, and what else is in the line-up; scenes may share them.
        course: (K, S) which of all these images is the picture at each strength of each axis.
        lineup: (M,) which of them each candidate is.
    """

    axes: tuple[Axis, ...]
    number: int
    at: int
    candidates: tuple[Candidate, ...]
    pieces: tuple[Prepared, ...]
    course: np.ndarray
    lineup: tuple[int, ...]

    @property
    def axis(self) -> Axis:
        """The one that the filmstrip shows."""
        return self.axes[self.number]

    @property
    def strength(self) -> float:
        """Of the picture that is looked up."""
        return float(grid.frame_strengths(self.axis)[self.at])

    @property
    def frames(self) -> Prepared:
        """The picture at every frame of the filmstrip."""
        return joined(self.pieces)[torch.from_numpy(self.course[self.number, :: grid.STRIDE])]

    def read(self, features: Features, images: Prepared | None = None, *, sketched: bool = False) -> Reading:
        """Measure one extractor in one pass.

        Args:
            features: of the extractor.
            images: the pieces joined, where somebody keeps them.
            sketched: read the curves at the filmstrip's frames alone, a third fewer images, and draw straight lines
                between them: for a hand that moves.
        """
        images = joined(self.pieces) if images is None else images
        course = self.course[:, :: grid.STRIDE] if sketched else self.course
        probes = np.arange(len(self.pieces[0]))
        rows = np.unique(np.concatenate([probes, course.ravel(), self.lineup]))
        found = features(images[torch.from_numpy(rows)])
        moved = found[torch.from_numpy(np.searchsorted(rows, course))]
        ground = background_of(found[: len(probes)])
        query = moved[self.number, self.at if sketched else self.at * grid.STRIDE]
        ranking = nearest(query, found[np.searchsorted(rows, self.lineup).tolist()], ground)
        similarity = similarity_to_itself(moved, self.axes, ground)
        return Reading(ground, _between_frames(similarity) if sketched else similarity, ranking)


def _between_frames(similarity: np.ndarray) -> np.ndarray:
    """(K, F) at the frames -> (K, S) at all strengths of a curve."""
    frames = np.arange(0, grid.POINTS, grid.STRIDE)
    lines = [np.interp(np.arange(grid.POINTS), frames, each) for each in similarity]
    return np.stack(lines).astype(similarity.dtype)


def make_scene(
    prepare: Prepare,
    probes: Prepared,
    taken: Course,
    pictures: Mapping[str, Tensor],
    name: str,
    axes: tuple[Axis, ...],
    number: int,
    at: int,
    side: int,
    unmoved: Prepared | None = None,
) -> Scene:
    """Transform and prepare all that a scene shows besides the picture's course.

    Args:
        prepare: of the model.
        probes: other pictures, prepared.
        taken: the picture along every axis.
        pictures: square ones (3, H, H) in [0, 1] by name, at least two.
        name: the one that is looked at.
        axes: K of them.
        number: of the axis that is shown.
        at: number of the frame that is looked up.
        side: pixels of a side of what the backbone sees.
        unmoved: ``pictures`` but for ``name`` prepared as they are, in their order, where they are at hand.

    Raises:
        ValueError: an unknown picture or frame.
    """
    if not 0 <= at < grid.FRAMES:
        raise ValueError(f"A filmstrip has frames 0 to {grid.FRAMES - 1}; got {at}.")
    if name not in pictures:
        raise ValueError(f"There is no picture called {name!r}. Known: {', '.join(pictures)}.")
    axis = axes[number]
    candidates = lineup(tuple(pictures), name, grid.frame_strengths(axis), at)
    others = [each for each in candidates if each.kind == Kind.CHANGE]
    still = [each for each in candidates if each.kind == Kind.NEITHER]
    pieces = [probes, taken.images, prepare(lineup_pixels(others, pictures, axis, side))]
    if still:
        pieces.append(prepare(lineup_pixels(still, pictures, axis, side)) if unmoved is None else unmoved)
    # What a candidate is called is its place in the pieces: other views of the picture are part of its course.
    views = taken.rows[number, :: grid.STRIDE]
    strengths = grid.frame_strengths(axis)
    own = [len(probes) + int(views[np.flatnonzero(strengths == each.strength)[0]]) for each in candidates
           if each.kind == Kind.OBJECT]  # fmt: skip
    first = len(probes) + len(taken.images)
    rest = range(first, first + len(candidates) - len(own))
    return Scene(axes, number, at, candidates, tuple(pieces), len(probes) + taken.rows, (*own, *rest))
