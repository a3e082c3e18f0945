"""Scenes for sliders, prepared once and found by their keys: inside a drag only the network's tail runs."""

from __future__ import annotations

from dataclasses import dataclass

from core.inspect.scene import Scene


@dataclass(frozen=True)
class LiveScene(Scene):
    """A scene that requests without a session can ask for.

    Attributes:
        key: identifies it; it cannot be guessed where it depends on a person's own picture.
        seed: of its other pictures.
    """

    key: str
    seed: int
