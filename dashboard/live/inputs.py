"""Everything that a moving slider needs, prepared once: inside a drag only the network runs.

A scene is what the page shows apart from the descriptors. Its pixels are transformed when it is made;
a :class:`Reading` then costs one set of weights and one pass over some 130 small images.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.axes.transforms import Axis
from core.inspect.neighbours import Candidate, Ranking, nearest
from core.inspect.sensitivity import Background, background, crowd_inputs, crowd_similarity, picture_similarity
from core.measures.response import Features
from dashboard.live import grid

MOST_SCENES = 64


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
        key: identifies it; it cannot be guessed where it depends on a person's own picture.
        axes: K of them.
        number: which one the filmstrip shows.
        at: frame that is looked up.
        probes: (P, 3, 32, 32) other pictures.
        inputs: (K, S, 3, 32, 32) the picture along every axis.
        candidates: M, what it is looked up among.
        lineup: (M, 3, 32, 32) as the extractor sees them.
    """

    key: str
    axes: tuple[Axis, ...]
    number: int
    at: int
    probes: Tensor
    inputs: Tensor
    candidates: tuple[Candidate, ...]
    lineup: Tensor
    everything: Tensor = field(init=False)

    def __post_init__(self) -> None:
        parts = [self.probes, self.inputs.flatten(0, 1), self.lineup]
        object.__setattr__(self, "everything", torch.cat(parts))

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
        count, (axes, points) = len(self.probes), self.inputs.shape[:2]
        raw = features(self.everything)
        probes, moved, lineup = raw.split([count, axes * points, len(self.lineup)])
        ground = background(lambda _: probes, self.probes)
        similarity = picture_similarity(lambda _: moved, self.inputs, self.axes, ground)
        query = moved[self.number * points + self.at * grid.STRIDE]
        return Reading(ground, similarity, nearest(query, lineup, ground))

    def bands(self, features: Features, ground: Background) -> np.ndarray:
        """(2, K, F) tenth and ninetieth percentile of the other pictures' movement along every axis."""
        rows = []
        for axis in self.axes:
            crowd = crowd_inputs(self.probes, axis, grid.frame_strengths(axis))
            rows.append(np.percentile(ground.movement(crowd_similarity(features, crowd, ground)), (10, 90), axis=0))
        return np.stack(rows, 1)


class Scenes:
    """The latest scenes by key, for requests that come without a session; safe between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._scenes: OrderedDict[str, Scene] = OrderedDict()

    def add(self, scene: Scene) -> None:
        """Keep a scene, and forget the one that was used longest ago if there are too many."""
        with self._lock:
            self._scenes[scene.key] = scene
            self._scenes.move_to_end(scene.key)
            while len(self._scenes) > MOST_SCENES:
                self._scenes.popitem(last=False)

    def get(self, key: str) -> Scene | None:
        """The scene, unless it has been forgotten."""
        with self._lock:
            if key in self._scenes:
                self._scenes.move_to_end(key)
            return self._scenes.get(key)


def as_json(scene: Scene, reading: Reading) -> dict[str, Any]:
    """What the components in the browser draw of a reading; lists and numbers only."""
    return {
        "movement": np.round(reading.movement, 4).tolist(),
        "similarity": np.round(reading.similarity[scene.number, :: grid.STRIDE], 4).tolist(),
        "order": reading.ranking.order.tolist(),
        "near": np.round(reading.ranking.similarity, 4).tolist(),
        "muted": reading.ground.collapsed,
    }


def bands_json(bands: np.ndarray) -> dict[str, Sequence[Any]]:
    """As :func:`as_json`, of bands."""
    low, high = np.round(bands, 4).tolist()
    return {"low": low, "high": high}
