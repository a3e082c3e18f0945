"""What one run of the page shows: the study with everything that was measured for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from core import AmortisedExtractor, Descriptor
from core.axes.transforms import Axis, axis_named
from core.inspect import grid
from core.inspect.scene import Reading
from dashboard import cache
from dashboard.cache.scenes import LiveScene
from dashboard.encode import Picture
from dashboard.live import route
from dashboard.live.messages import as_json
from dashboard.session import state, url
from dashboard.session.settings import Study, is_contrast

FLAT = 0.1
"""Mean movement below which a curve counts as flat; 1 is another picture."""

INVISIBLE = 1 / 255
"""Mean difference of pixels in [0, 1] below which a change is none: one step of a screen's brightness."""


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
    def unchanged(self) -> bool:
        """The change that is looked up leaves this picture as it is, such as another hue a grey one."""
        seen = cache.frames_seen(self.model, self.picture, self.axis)
        original = seen[int(grid.frame_strengths(self.axis).tolist().index(0.0))]
        return self.scene.strength != 0 and float((seen[self.study.at] - original).abs().mean()) < INVISIBLE

    def for_browser(self) -> dict[str, Any]:
        """What every component of ours is sent: the numbers, and how to ask for newer ones."""
        return {
            "route": route.PATH,
            "scene": self.scene.key,
            "family": self.scene.family,
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


def show_axis(name: str | None, model: AmortisedExtractor, picture: Picture) -> None:
    """Callback: show another transformation, by default the one that its widget says.

    Where A and B are the page's own contrast, it is shown at the strength at which they differ most for this picture.
    """
    before, study = state.current(), state.with_axis(name)
    names = [axis.name for axis in model.transforms]
    if study.b is not None and study.axis != before.axis and is_contrast(study, names):
        # The scene of the last transformation is at hand, and what is read from it has the curves of all of them.
        now = shown(replace(study, axis=before.axis), model, picture)
        a, b = (now.readings[label].movement[names.index(study.axis), :: grid.STRIDE] for label in "AB")
        study = replace(study, at=int(abs(b - a).argmax()))
    state.show(study)
