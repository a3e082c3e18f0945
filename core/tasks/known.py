"""Tasks whose right descriptor is known because of how they are made, in pairs with opposite needs.

Every image of a pair is moved along one axis by a random amount. "What is it?" wants that axis
ignored; "how far was it moved?" wants it kept. A method that always ignores, or always keeps, fails
at one half of the tasks.
"""

from __future__ import annotations

from functools import partial

import torch

from ..axes.transforms import AXES, Axis, axis_named
from ..backbones import DEFAULT
from .contents import CONTENTS, Content
from .task import Split, Task, TaskSource, choose_balanced, divide

PAIRS: tuple[tuple[str, str], ...] = (
    ("digits", "rotation"),
    ("digits", "translation"),
    ("digits", "scale"),
    ("digits", "hue"),
    ("faces", "rotation"),
    ("faces", "brightness"),
    ("textures", "hue"),
    ("textures", "blur"),
    ("photographs", "brightness"),
    ("photographs", "blur"),
)
"""(content, axis). Each yields the task that ignores the axis and the one that measures it."""

_TEST_IMAGES = 500
_OBJECTS = {
    "digits": "digit",
    "faces": "patch",
    "textures": "texture",
    "photographs": "photograph",
}  # fmt: skip

_BEYOND = {
    "digits": "other digits of the same collection",
    "faces": "other patches of the same collection",
    "textures": "other places of the same three photographs",
    "photographs": "other places of the same ten photographs",
}


def known_tasks(axes: tuple[Axis, ...] = AXES, side: int = DEFAULT.input_size) -> tuple[TaskSource, ...]:
    """All tasks whose axis is among ``axes``, of images with ``side`` pixels; each pair's two follow each other."""
    names = {axis.name for axis in axes}
    sources = []
    for content, axis in PAIRS:
        if axis in names:
            sources += [_recognise(content, axis, side), _measure(content, axis, side)]
    return tuple(sources)


def _recognise(content: str, axis: str, side: int) -> TaskSource:
    name = f"{content} despite {axis}"
    question = "Is it a face" if content == "faces" else f"Which {_OBJECTS[content]} is it"
    title = f"{question}, however it is {axis_named(axis).moved}?"
    known = {axis: 1}
    draw = partial(_draw, name, title, content, axis, known, side)
    # Names of classes come from the content itself; reading it here would make a list of tasks slow.
    return TaskSource(name, title, draw, _CLASSES[content], known)


def _measure(content: str, axis: str, side: int) -> TaskSource:
    name = f"{axis} of {content}"
    title = f"How far is this {_OBJECTS[content]} {axis_named(axis).moved}?"
    known = {axis: 0}
    return TaskSource(name, title, partial(_draw, name, title, content, axis, known, side), (), known)


_CLASSES: dict[str, tuple[str, ...]] = {
    "digits": tuple("0123456789"),
    "faces": ("face", "no face"),
    "textures": ("brick", "grass", "gravel"),
    "photographs": (
        "cat", "astronaut", "coffee", "rocket", "motorcycle",
        "galaxies", "tissue", "retina", "flower", "temple",
    ),
}  # fmt: skip


def _draw(
    name: str, title: str, content: str, axis: str, known: dict[str, int], side: int, count: int, seed: int
) -> Task:
    """Draw ``count`` labelled images and up to 500 test images that show other things than those.

    Raises:
        ValueError: more images than the content has.
    """
    source = CONTENTS[content](side)
    ignoring = known[axis] == 1
    classes = source.classes if ignoring else ()
    generator = torch.Generator().manual_seed(seed)
    labelled, test = _parted(source, count, generator)
    moved = axis_named(axis)
    parts, groups = [], source.groups[labelled]
    for chosen in (labelled, test):
        place = torch.rand(len(chosen), generator=generator)
        images = moved.apply(source.images[chosen], moved.low + moved.width * place)
        parts.append(Split(images, source.labels[chosen] if ignoring else 2 * place - 1))
    train, validation = divide(parts[0].targets, generator, classes=len(classes))
    nuisance = dict.fromkeys(("train", "validation", "test"), (axis,) if ignoring else ())
    return Task(
        name, title, parts[0].at(train), parts[0].at(validation), parts[1], classes, nuisance, known,
        torch.cat([groups[train], groups[validation]]), _BEYOND[content],
    )  # fmt: skip


def _parted(source: Content, count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Indices of labelled and of test images; no group is in both."""
    if count < 2 * len(source.classes):
        raise ValueError(
            f"{count} labelled images are too few for {len(source.classes)} classes. Ask for at least "
            f"{2 * len(source.classes)}: two of each class."
        )
    # Half of the groups of every class for either side, so that each sees all classes.
    pools: tuple[list[torch.Tensor], list[torch.Tensor]] = ([], [])
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


def _enough(pool: torch.Tensor, count: int) -> torch.Tensor:
    """A small content is shown again, each time moved by another amount."""
    return pool.repeat(-(-count // len(pool)))
