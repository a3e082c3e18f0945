"""Scenes for sliders, prepared once and found by their keys: inside a drag only the network runs."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from core.inspect.scene import Scene

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
