"""What one run of the page shows: the study with everything that was measured for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core import AmortisedExtractor, Descriptor
from core.axes.transforms import Axis, axis_named
from core.inspect import grid
from core.inspect.neighbours import Kind
from core.inspect.scene import Reading
from dashboard import cache
from dashboard.cache.scenes import LiveScene
from dashboard.encode import Picture
from dashboard.live import route
from dashboard.live.messages import as_json
from dashboard.session import url
from dashboard.session.settings import Study

FLAT = 0.1
"""Mean movement below which a curve counts as flat; 1 is another picture."""


@dataclass(frozen=True)
class Shown:
    """A study, its scene and the reading of each descriptor, A first, then B if it is pinned."""

    study: Study
    model: AmortisedExtractor
    picture: Picture
    scene: LiveScene
    readings: dict[str, Reading]

    @property
    def axis(self) -> Axis:
        """The transformation that is shown."""
        return self.scene.axis

    def descriptor(self, label: str) -> Descriptor:
        """A or B."""
        values = self.study.a if label == "A" else self.study.b
        return Descriptor(values or (), self.model.transforms)

    def movement(self, label: str) -> list[float]:
        """At the filmstrip's frames along the axis that is shown."""
        return self.readings[label].movement[self.scene.number, :: grid.STRIDE].tolist()

    def still(self, label: str) -> bool:
        """The curve of the axis that is shown is flat, so that one would speak of invariance."""
        return float(self.readings[label].movement[self.scene.number].mean()) < FLAT

    @property
    def first(self) -> dict[str, dict[Kind, int]]:
        """By label, how many of each kind are among the nearest; without extractors that have collapsed."""
        return {
            label: reading.ranking.first(self.scene.candidates, grid.NEAREST)
            for label, reading in self.readings.items()
            if not reading.ground.collapsed
        }

    def for_browser(self) -> dict[str, Any]:
        """What every component of ours is sent: the numbers, and how to ask for newer ones."""
        return {
            "route": route.PATH,
            "scene": self.scene.key,
            "a": url.write_values(self.study.a),
            "b": url.write_values(self.study.b) if self.study.b else "",
            "readings": {label: as_json(self.scene, reading) for label, reading in self.readings.items()},
        }


def shown(study: Study, model: AmortisedExtractor, picture: Picture) -> Shown:
    """Measure a study; what was measured before comes from the cache."""
    axis = axis_named(study.axis, model.transforms)
    scene = cache.scene(model, picture, axis, study.at, study.seed, study.gallery)
    pinned = {"A": study.a} | ({} if study.b is None else {"B": study.b})
    readings = {
        label: cache.reading(model, Descriptor(values, model.transforms), scene) for label, values in pinned.items()
    }
    return Shown(study, model, picture, scene, readings)
