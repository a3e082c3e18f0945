"""What a person has chosen, as one frozen value; and what there is to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core import Descriptor
from core.axes.presets import Preset, Values
from core.axes.transforms import Axis
from core.backbones import DEFAULT
from core.inspect.gallery import Gallery
from core.inspect.grid import FRAMES
from dashboard.encode import Picture
from dashboard.session.outline import Outline, Part

STEP = 0.01
"""Descriptors move in these steps: finer ones cannot be seen, and coarser keys make the caches hit."""

UPLOAD = "yours"
MAX_SEED = 9999
MAX_SAVED = 8

PANELS = ("feature maps", "where it looks", "control", "presets", "take away")
"""What can be looked at below the curves, one at a time."""

# The first screen: picture, axis and rest for which A and B find most different neighbours (at 0.5, the frozen network
# tells B more of the object than of the hue).
OPENING_PICTURE = "cat"
OPENING_AXIS = "hue"
OPENING_REST = 0.75


@dataclass(frozen=True)
class Arrangement:
    """How the page is arranged; not worth a step of the history.

    Attributes:
        pad: the two axes of the pad, horizontal and vertical.
        panel: one of :data:`PANELS`.
        layer: the layer whose maps are shown.
        aligned: maps are turned back, so that those which only moved with the picture stand still.
    """

    pad: tuple[str, str]
    panel: str = PANELS[0]
    layer: str = DEFAULT.layers[len(DEFAULT.layers) // 2]
    aligned: bool = False


@dataclass(frozen=True)
class Study:
    """One setting of the page.

    Attributes:
        picture: name of a photograph, or :data:`UPLOAD`.
        axis: name of the transformation that is shown.
        at: number of the filmstrip's frame that is looked up among others.
        a: K coordinates of descriptor A, the sliders.
        b: K coordinates of the pinned descriptor B, or ``None``.
        arrangement: of the page.
        seed: draws the probe images.
        saved: the person's own presets, name and coordinates.
        upload: the uploaded picture, if there is one.
        gallery: the uploaded gallery, if there is one.
    """

    picture: str
    axis: str
    a: Values
    b: Values | None
    arrangement: Arrangement
    at: int = FRAMES - 1
    seed: int = 0
    saved: tuple[tuple[str, Values], ...] = ()
    upload: Picture | None = None
    gallery: Gallery | None = None

    def differs(self, other: Study) -> bool:
        """More than the arrangement is different."""
        return replace(self, arrangement=other.arrangement) != other


@dataclass(frozen=True)
class Choices:
    """What can be chosen: names of photographs, the model's axes and layers, and the pages in the order of the menu."""

    pictures: tuple[str, ...]
    axes: tuple[Axis, ...]
    pages: tuple[Outline, ...] = ()
    layers: tuple[str, ...] = DEFAULT.layers

    @property
    def names(self) -> tuple[str, ...]:
        """Of the axes."""
        return tuple(axis.name for axis in self.axes)

    @property
    def parts(self) -> dict[str, Part]:
        """Of all pages, by name."""
        return {part.name: part for page in self.pages for part in page.parts}

    def path(self, page: str) -> str:
        """Where a page is below the root of the dashboard: the first one has no path of its own."""
        return "" if self.pages and page == self.pages[0].name else page

    def title(self, page: str) -> str:
        """Of a page, as in the menu."""
        return next((each.title for each in self.pages if each.name == page), page)

    def opening(self) -> Study:
        """The first screen: A ignores the opening axis, B keeps it, all else is equal."""
        axis = OPENING_AXIS if OPENING_AXIS in self.names else self.names[0]
        picture = OPENING_PICTURE if OPENING_PICTURE in self.pictures else self.pictures[0]
        rest = Descriptor.constant(OPENING_REST, self.axes)
        other = next((name for name in self.names if name != axis), axis)
        a, b = (rest.replace(**{axis: end}).values for end in (1.0, 0.0))
        middle = self.layers[len(self.layers) // 2]  # the first hardly know the descriptor, the last no places
        return Study(picture, axis, a, b, Arrangement((axis, other), layer=middle))


def quick(axis: str, axes: Sequence[Axis], a: Values) -> tuple[Preset, ...]:
    """Presets that change only the transformation which is shown."""
    return tuple(
        Preset(
            f"{verb} {axis}",
            f"A {verb.lower()}s {axis}; the rest stays.",
            tuple(end if each.name == axis else value for each, value in zip(axes, a, strict=True)),
        )
        for verb, end in (("Ignore", 1.0), ("Keep", 0.0))
    )


def contrast(study: Study, names: Sequence[str]) -> Study:
    """A as it is but ignoring the transformation that is shown, and B the same but keeping it."""
    ends = [
        tuple(end if name == study.axis else v for name, v in zip(names, study.a, strict=True)) for end in (1.0, 0.0)
    ]
    return replace(study, a=ends[0], b=ends[1])


def is_contrast(study: Study, names: Sequence[str]) -> bool:
    """A ignores the transformation that is shown, B keeps it, and nothing else tells them apart."""
    both = contrast(study, names)
    return (study.a, study.b) == (both.a, both.b)


def turned(study: Study, axis: str, names: Sequence[str]) -> Study:
    """The study with another transformation shown, and with its contrast if A and B were the present one's.

    What a person has set by hand stays: then A and B are no contrast. The coordinate that told them apart gets the
    value that it has on the first screen; the others stay as they are.
    """
    if axis == study.axis or not is_contrast(study, names):
        return replace(study, axis=axis)
    a = tuple(OPENING_REST if name == study.axis else value for name, value in zip(names, study.a, strict=True))
    return contrast(replace(study, axis=axis, a=a), names)


def usual(base: Study, axis: str, names: Sequence[str]) -> Study:
    """What an address that names nothing but a transformation means: its contrast, where the base shows one."""
    return replace(turned(base, axis, names), axis=base.axis)


def rounded(value: float) -> float:
    """The nearest step in [0, 1]."""
    return round(min(max(round(value / STEP), 0), round(1 / STEP)) * STEP, 2)
