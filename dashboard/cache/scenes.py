"""Scenes for sliders, prepared once and found by their keys: inside a drag only the network's tail runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from core.inspect.neighbours import Kind
from core.inspect.scene import Scene


@dataclass(frozen=True)
class LiveScene(Scene):
    """A scene that requests without a session can ask for.

    Attributes:
        key: identifies it; it cannot be guessed where it depends on a person's own picture.
        seed: of its other pictures.
        family: the same for scenes that differ in nothing but the strength.
        sibling: gives the shown pictures at another frame; ``LookupError`` once nobody looks at the picture any more.
    """

    key: str
    seed: int
    family: str
    sibling: Callable[[int], Sibling] = field(compare=False, repr=False)

    @property
    def looked_at(self) -> str:
        """The name of the picture."""
        return next(each.name for each in self.candidates if each.kind == Kind.OBJECT)


@dataclass(frozen=True)
class Sibling:
    """A scene with its pictures as data URIs: the one that is looked up, and the line-up's."""

    scene: LiveScene
    photo: str
    tiles: tuple[str, ...]
