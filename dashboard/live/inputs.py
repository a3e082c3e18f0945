"""What a moving slider needs, prepared once and found by its key: inside a drag only the network runs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np

from core.inspect import grid
from core.inspect.scene import Reading, Scene

MOST_SCENES = 64


@dataclass(frozen=True)
class LiveScene(Scene):
    """A scene that requests without a session can ask for.

    Attributes:
        key: identifies it; it cannot be guessed where it depends on a person's own picture.
        seed: of its other pictures.
    """

    key: str
    seed: int


class Scenes:
    """The latest scenes by key, for requests that come without a session; safe between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._scenes: OrderedDict[str, LiveScene] = OrderedDict()

    def add(self, scene: LiveScene) -> None:
        """Keep a scene, and forget the one that was used longest ago if there are too many."""
        with self._lock:
            self._scenes[scene.key] = scene
            self._scenes.move_to_end(scene.key)
            while len(self._scenes) > MOST_SCENES:
                self._scenes.popitem(last=False)

    def get(self, key: str) -> LiveScene | None:
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
