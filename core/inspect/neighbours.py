"""Which pictures an extractor finds alike: a transformed photograph, looked up among two kinds of rivals.

The line-up holds the same object transformed differently and other objects transformed equally, so
what comes first shows what the extractor goes by: the thing, or the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..axes.transforms import Axis
from ..model.amortised import to_size
from .background import Background
from .sensitivity import working_copy

FEWEST = 3
"""Other views of the object that are shown even where there are fewer other objects."""


class Kind(StrEnum):
    """What a candidate shares with the query."""

    OBJECT = "object"
    CHANGE = "change"
    NEITHER = "neither"


@dataclass(frozen=True)
class Candidate:
    """One picture of the line-up: the picture ``name`` transformed by ``strength`` (unit of the axis)."""

    name: str
    strength: float
    kind: Kind


@dataclass(frozen=True)
class Ranking:
    """How near each candidate is.

    Attributes:
        similarity: (M,) centred cosine with the query, in [-1, 1], in the order of the line-up.
        order: (M,) candidates, nearest first.
    """

    similarity: np.ndarray
    order: np.ndarray

    def first(self, lineup: Sequence[Candidate], count: int) -> dict[Kind, int]:
        """How many of each kind are among the ``count`` nearest."""
        kinds = [lineup[number].kind for number in self.order[:count]]
        return {kind: kinds.count(kind) for kind in Kind}


def lineup(names: Sequence[str], chosen: str, values: Sequence[float] | np.ndarray, at: int) -> tuple[Candidate, ...]:
    """Candidates for the picture ``chosen`` at strength ``values[at]``, which is not among them.

    As many other views of the object as there are other objects, those that differ most; every other
    object with the same change; and, unless the query is untransformed, every other object without it.

    Args:
        names: of all pictures.
        chosen: one of them.
        values: (S,) strengths that contain 0.
        at: index of the query's strength.

    Raises:
        ValueError: ``chosen`` is unknown, or there is no other picture.
    """
    others = [name for name in names if name != chosen]
    if chosen not in names or not others:
        raise ValueError(f"{chosen} must be compared with at least one other picture; got {', '.join(names)}.")
    query = float(values[at])
    views = sorted((float(value) for n, value in enumerate(values) if n != at), key=lambda v: -abs(v - query))
    views = views[: max(len(others), FEWEST)]
    found = [Candidate(chosen, value, Kind.OBJECT) for value in sorted(views)]
    found += [Candidate(name, query, Kind.CHANGE) for name in others]
    if query != 0:
        found += [Candidate(name, 0.0, Kind.NEITHER) for name in others]
    return tuple(found)


def lineup_pixels(candidates: Sequence[Candidate], pictures: Mapping[str, Tensor], axis: Axis, side: int) -> Tensor:
    """What a backbone sees of each candidate, (M, 3, side, side).

    Args:
        candidates: M of them.
        pictures: by name, (3, H, W) in [0, 1], of any size.
        axis: what the strengths mean.
        side: pixels of a side.
    """
    small = {name: working_copy(pictures[name], side)[None] for name in {each.name for each in candidates}}
    return torch.cat([to_size(axis.apply(small[each.name], each.strength), side) for each in candidates])


def nearest(query: Tensor, gallery: Tensor, ground: Background) -> Ranking:
    """Rank features (M, D) by their centred cosine with the query's (D,); ties stay in order."""
    similarity = ground.cosine(gallery, F.normalize(query - ground.centre, dim=0))
    return Ranking(similarity, np.argsort(-similarity, kind="stable"))
