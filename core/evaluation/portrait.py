"""Everything that is measured of one extractor along the axes, from images that are moved once for all extractors."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..axes.descriptor import Descriptor, corners
from ..axes.presets import presets
from ..backbones import Prepared
from ..measures import Moved, cosine_invariance, decodability, effective_rank, identity_retrieval, intraclass, onset
from ..measures.control import MIDDLE, Column, Control, Extracts, column_length, column_steps
from ..measures.cosine import CosineInvariance
from ..measures.intraclass import Intraclass
from ..measures.onset import Onset
from ..measures.response import in_batches
from .figures import (
    Reading,
    control_figures,
    cosine_figure,
    decodability_figures,
    onset_figure,
    rank_figure,
    retrieval_figure,
)

OTHERS = (0.0, 1.0)
"""Where the other coordinates are put besides the middle."""
_STEPS, _FEW_STEPS = 11, 5
_GALLERY = 256
_IMAGES_PER_DIRECTION, _LEAST_DIRECTIONS = 10, 8
ANY = "any descriptor"


def is_deaf(model: Extracts) -> bool:
    """Whether the descriptor makes no difference, so that one stands for all."""
    return bool(getattr(model, "deaf", False))


class Portrait:
    """An extractor while it is measured, one axis after the other.

    Args:
        model: what is measured.
        clean: the images as they are, prepared for it.
        seed: of splits and resampling.
        brief: whether it only stands beside another: fewer settings of each slider, the others in the middle alone.
    """

    def __init__(self, model: Extracts, clean: Prepared, seed: int, *, brief: bool = False) -> None:
        self.model, self.seed, self.deaf = model, seed, is_deaf(model)
        self._sweep = np.linspace(0, 1, _FEW_STEPS if brief else _STEPS)
        self._others = () if brief else OTHERS
        self._clean = clean
        self._columns: list[Column] = []
        self._readings: list[tuple[Reading, Reading]] = []
        self._onsets: list[Onset] = []
        self._hits: list[Tensor] = []
        self._draws = 0
        self._directions = max(_LEAST_DIRECTIONS, len(clean) // _IMAGES_PER_DIRECTION)
        axes = model.transforms
        named = {each.name: Descriptor(each.values, axes) for each in presets(axes)}
        self._named = {ANY: Descriptor.constant(MIDDLE, axes)} if self.deaf else named
        self._ignoring = self._same(Descriptor.constant(1.0, axes))
        self._references = {point: self._of(clean, point) for point in {*self._named.values(), self._ignoring}}
        self._cosines: dict[str, list[CosineInvariance]] = {name: [] for name in self._named}

    @property
    def length(self) -> int:
        """How many times :meth:`along` says that something is done."""
        return 1 if self.deaf else column_length(len(self.model.transforms), len(self._sweep), len(self._others))

    def along(self, number: int, moved: Moved) -> Iterator[None]:
        """Measure M1, M2, M3 and M4 along axis ``number``, of which ``moved`` are images."""
        axes, self._draws = self.model.transforms, moved.magnitudes.shape[1]
        ends = [self._same(at(self.model, number, end)) for end in (0.0, 1.0)]
        needed = {*ends, *self._references}
        features: dict[Descriptor, Tensor] = {}  # those that more than one measure asks for
        ratios: dict[Descriptor, Intraclass] = {}

        def measured(descriptor: Descriptor) -> Intraclass:
            point = self._same(descriptor)
            if point not in ratios:
                found = moved.under(partial(self.model.features, descriptor=point))
                ratios[point] = intraclass(found)
                if point in needed:
                    features[point] = found
            return ratios[point]

        for found in column_steps(axes, number, self._sweep, self._others, measured):
            if isinstance(found, Column):
                self._columns.append(found)
            elif not self.deaf:
                yield
        for point in needed - features.keys():
            features[point] = moved.under(partial(self.model.features, descriptor=point))
        read = {point: decodability(features[point], moved.magnitudes, seed=self.seed) for point in {*ends}}
        self._readings.append((read[ends[0]], read[ends[1]]))
        for name, point in self._named.items():
            self._cosines[name].append(cosine_invariance(self._references[point], features[point], self._directions))
        clean = self._references[self._ignoring][:_GALLERY]
        self._hits.append(identity_retrieval(features[self._ignoring][: len(clean), 0], clean, whiten=clean))
        if self.deaf:
            yield

    def calibrate(self, number: int, rungs: Moved) -> None:
        """Measure the onset of slider ``number``, of whose axis ``rungs`` is a ladder of images."""
        made: dict[Descriptor, Tensor] = {}

        def features(descriptor: Descriptor) -> Tensor:
            point = self._same(descriptor)
            if point not in made:
                made.clear()
                made[point] = rungs.under(partial(self.model.features, descriptor=point))
            return made[point]

        self._onsets.append(onset(self.model, rungs, number, features=features))

    def figures(self) -> dict[str, Any]:
        """All of it, after every axis."""
        axes = self.model.transforms
        return {
            "axes": [axis.name for axis in axes],
            **control_figures(Control.of(axes, self._sweep, self._columns, self._draws), self.seed),
            **decodability_figures(self._readings, self.seed),
            "onset": onset_figure(self._onsets, self.seed),
            "cosine": cosine_figure(self._cosines, self.seed) | {"components": self._directions},
            "effective_rank": self._rank(),
            "identity_retrieval": retrieval_figure(self._hits, self.seed),
        }

    def _rank(self) -> dict[str, Any]:
        points = corners(len(self.model.transforms))
        ranks: list[float] = []
        worst: tuple[float, Tensor] = (np.inf, torch.empty(0))
        for corner in points[:1] if self.deaf else points:
            features = self._of(self._clean, Descriptor.of(corner, self.model.transforms))
            ranks.append(effective_rank(features))
            worst = min(worst, (ranks[-1], features), key=lambda pair: pair[0])
        return rank_figure(ranks, points, worst[1].cpu(), self.seed)

    def _of(self, prepared: Prepared, point: Descriptor) -> Tensor:
        return in_batches(partial(self.model.features, descriptor=point), prepared)

    def _same(self, descriptor: Descriptor) -> Descriptor:
        """The descriptor, or the one that stands for all of them."""
        return Descriptor.constant(MIDDLE, self.model.transforms) if self.deaf else descriptor


def at(model: Extracts, number: int, value: float) -> Descriptor:
    """Coordinate ``number`` at a value, the others in the middle."""
    return Descriptor.constant(MIDDLE, model.transforms).replace(**{model.transforms[number].name: value})


def read_factor(model: Extracts, moved: Moved, number: int, value: float, seed: int = 0) -> Reading:
    """Decodability (M3) of the factor of axis ``number`` where its coordinate is ``value`` and the others 0.5.

    Args:
        moved: images along that axis.
    """
    features = moved.under(partial(model.features, descriptor=at(model, number, value)))
    return decodability(features, moved.magnitudes, seed=seed)
