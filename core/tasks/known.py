"""Tasks whose right descriptor is known because of how they are made, in pairs with opposite needs.

Every image of a pair is moved along one axis by a random amount. "What is it?" wants that axis
ignored; "how far was it moved?" wants it kept. A method that always ignores, or always keeps, fails
at one half of the tasks. In some pairs the images are also moved along further axes, which both tasks
want ignored, or disturbed by something that is no axis, which nobody was trained to ignore.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from ..axes.transforms import AXES, Axis, axis_named, compose
from ..backbones import DEFAULT
from .contents import CONTENTS, Content
from .drawn import DIGITS, SHAPES
from .nuisances import NUISANCES
from .shipped import SHIPPED
from .task import DEVELOPMENT, FINAL, Split, Task, TaskSource, choose_balanced, divide


@dataclass(frozen=True)
class Pair:
    """Two tasks about the same moved images: one that ignores the axis, and one that measures it.

    Attributes:
        content: what the images show, one of :data:`core.tasks.contents.CONTENTS`.
        axis: along which the images are moved.
        also: further axes along which they are moved; both tasks want them ignored.
        foreign: one of :data:`core.tasks.nuisances.NUISANCES` by which they are disturbed; "" for none.
        stage: :data:`core.tasks.task.DEVELOPMENT` or :data:`core.tasks.task.FINAL`.
    """

    content: str
    axis: str
    also: tuple[str, ...] = ()
    foreign: str = ""
    stage: str = FINAL

    @property
    def beside(self) -> tuple[str, ...]:
        """What disturbs both tasks: further axes, and what is no axis."""
        return (*self.also, *((self.foreign,) if self.foreign else ()))


PAIRS: tuple[Pair, ...] = (
    # How far a fit goes was chosen on these; what it is fitted to, on tasks of an earlier model.
    Pair("digits", "rotation", stage=DEVELOPMENT),
    Pair("digits", "translation", stage=DEVELOPMENT),
    Pair("digits", "scale", stage=DEVELOPMENT),
    Pair("digits", "hue", stage=DEVELOPMENT),
    Pair("textures", "hue", stage=DEVELOPMENT),
    Pair("textures", "blur", stage=DEVELOPMENT),
    Pair("photographs", "brightness", stage=DEVELOPMENT),
    Pair("photographs", "blur", stage=DEVELOPMENT),
    # Nothing was chosen on these.
    Pair("hand signs", "brightness"),
    Pair("hand signs", "hue", foreign="shear"),
    Pair("hand signs", "translation", foreign="saturation"),
    Pair("hand signs", "blur", also=("hue", "brightness")),
    Pair("garments", "rotation"),
    Pair("garments", "scale", also=("hue",)),
    Pair("garments", "blur", foreign="occlusion"),
    Pair("shapes", "translation", foreign="contrast"),
    Pair("shapes", "scale", foreign="vertical shift"),
    Pair("shapes", "brightness", foreign="noise"),
    Pair("shapes", "rotation", also=("hue",)),
)
"""Each yields the task that ignores the axis and the one that measures it."""

_TEST_IMAGES = 500
_OBJECTS = {
    "digits": "digit",
    "textures": "texture",
    "photographs": "photograph",
    "shapes": "shape",
    "garments": "garment",
    "hand signs": "hand sign",
}
_BEYOND = {
    "digits": "other digits, drawn in the same way",
    "textures": "other places of the same three photographs",
    "photographs": "other places of the same ten photographs",
    "shapes": "other shapes of the same eight kinds, drawn in the same way",
    "garments": "other photographs of the same collection",
    "hand signs": "other photographs of the same collection",
}
_CLASSES: dict[str, tuple[str, ...]] = {
    "digits": DIGITS,
    "textures": ("brick", "grass", "gravel"),
    "photographs": (
        "cat", "astronaut", "coffee", "rocket", "motorcycle",
        "galaxies", "tissue", "retina", "flower", "temple",
    ),
    "shapes": SHAPES,
    **{shipped.name: shipped.classes for shipped in SHIPPED},
}  # fmt: skip


def known_tasks(axes: tuple[Axis, ...] = AXES, side: int = DEFAULT.input_size) -> tuple[TaskSource, ...]:
    """All tasks whose axes are among ``axes``, of images with ``side`` pixels; each pair's two follow each other."""
    names = {axis.name for axis in axes}
    sources = []
    for pair in PAIRS:
        if {pair.axis, *pair.also} <= names:
            sources += [_recognise(pair, side), _measure(pair, side)]
    return tuple(sources)


def _recognise(pair: Pair, side: int) -> TaskSource:
    name = f"{pair.content} despite {_joined(pair.axis, *pair.beside)}"
    title = f"Which {_OBJECTS[pair.content]} is it, however it is {_moved(pair.axis, *pair.beside)}?"
    # Names of classes come from the content itself; reading it here would make a list of tasks slow.
    return _source(pair, side, name, title, _CLASSES[pair.content], dict.fromkeys((pair.axis, *pair.also), 1))


def _measure(pair: Pair, side: int) -> TaskSource:
    name, title = f"{pair.axis} of {pair.content}", f"How far is this {_OBJECTS[pair.content]} {_moved(pair.axis)}"
    if pair.beside:
        name, title = f"{name} despite {_joined(*pair.beside)}", f"{title}, however it is {_moved(*pair.beside)}"
    return _source(pair, side, name, f"{title}?", (), {pair.axis: 0, **dict.fromkeys(pair.also, 1)})


def _source(
    pair: Pair, side: int, name: str, title: str, classes: tuple[str, ...], known: dict[str, int]
) -> TaskSource:
    draw: Callable[[int, int], Task] = partial(_draw, pair, name, title, classes, known, side)
    return TaskSource(name, title, draw, classes, known, stage=pair.stage, foreign=pair.foreign)


def _joined(*words: str) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _moved(*names: str) -> str:
    return _joined(*(NUISANCES[name].moved if name in NUISANCES else axis_named(name).moved for name in names))


def _draw(
    pair: Pair, name: str, title: str, classes: tuple[str, ...], known: dict[str, int], side: int, count: int, seed: int
) -> Task:
    """Draw ``count`` labelled images and up to 500 test images that show other things than those.

    Raises:
        ValueError: fewer than two labelled images of a class of the content.
    """
    source = CONTENTS[pair.content](side)
    generator = torch.Generator().manual_seed(seed)
    labelled, test = _parted(source, count, generator)
    parts, groups = [], source.groups[labelled]
    for chosen in (labelled, test):
        images, place = _moved_images(source.images[chosen], pair, generator)
        parts.append(Split(_as_bytes(images), source.labels[chosen] if classes else 2 * place - 1))
    train, validation = divide(parts[0].targets, generator, classes=len(classes))
    moved = tuple(axis for axis, value in known.items() if value == 1)
    nuisance = dict.fromkeys(("train", "validation", "test"), moved)
    return Task(
        name, title, parts[0].at(train), parts[0].at(validation), parts[1], classes, nuisance, known,
        torch.cat([groups[train], groups[validation]]), _BEYOND[pair.content],
    )  # fmt: skip


def _moved_images(images: Tensor, pair: Pair, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """The images (N, 3, S, S) moved and disturbed, and how far along the pair's axis, (N,) in [0, 1]."""
    axes = tuple(axis_named(name) for name in (pair.axis, *pair.also))
    places = torch.rand(len(axes), len(images), generator=generator)
    magnitudes = [axis.low + axis.width * place for axis, place in zip(axes, places, strict=True)]
    images = compose(images, torch.stack(magnitudes, 1), axes)
    if pair.foreign:
        nuisance = NUISANCES[pair.foreign]
        strengths = nuisance.low + (nuisance.high - nuisance.low) * torch.rand(len(images), generator=generator)
        images = nuisance.change(images, strengths, generator).clamp(0, 1)
    return images, places[0]


def _as_bytes(images: Tensor) -> Tensor:
    """As a file would hold them, in a quarter of the room."""
    return (255 * images).round().byte()


def _parted(source: Content, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Indices of labelled and of test images; no group is in both."""
    if count < 2 * len(source.classes):
        raise ValueError(
            f"{count} labelled images are too few for {len(source.classes)} classes. Ask for at least "
            f"{2 * len(source.classes)}: two of each class."
        )
    # Half of the groups of every class for either side, so that each sees all classes.
    pools: tuple[list[Tensor], list[Tensor]] = ([], [])
    for label in range(len(source.classes)):
        groups = source.groups[source.labels == label].unique()
        groups = groups[torch.randperm(len(groups), generator=generator)]
        half = len(groups) // 2
        for pool, part in zip(pools, (groups[:half], groups[half:]), strict=True):
            pool.append(torch.where(torch.isin(source.groups, part))[0])
    ours, theirs = (torch.cat(pool) for pool in pools)
    ours = _enough(ours, count)
    k = len(source.classes)
    labelled = ours[choose_balanced(source.labels[ours], count, generator, classes=k)]
    test = theirs[choose_balanced(source.labels[theirs], _TEST_IMAGES, generator, classes=k)]
    return labelled, test


def _enough(pool: Tensor, count: int) -> Tensor:
    """A small content is shown again, each time moved by another amount."""
    return pool.repeat(-(-count // len(pool)))
