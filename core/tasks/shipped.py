"""Two real tasks that are shipped, so that there are real images without a network: hand signs and garments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

from ..assets import asset
from ..backbones import DEFAULT
from ..data.image_folder import ImageSet
from .folders import labelled_task, read_labelled
from .task import FINAL, Task, TaskSource


@dataclass(frozen=True)
class Shipped:
    """A set of real images with labels.

    Attributes:
        name: as people give it to ``--data``. archive: of a folder for each class.
        title: the question in plain words. classes: names of its folders, sorted.
        source, licence: where the images come from and what may be done with them.
    """

    name: str
    archive: Path
    title: str
    classes: tuple[str, ...]
    source: str
    licence: str

    def images(self, side: int = DEFAULT.input_size) -> ImageSet:
        """All images with ``side`` pixels a side; read once."""
        return _images(self, side)


TERMS = (asset("tasks/SOURCES.md"), asset("tasks/LICENSE-Apache-2.0.txt"))
"""Where the shipped images come from, and the licence of those that need one beside them."""

SHIPPED: tuple[Shipped, ...] = (
    Shipped(
        "hand signs", asset("tasks/hand_signs.zip"), "Which digit does the hand show?", tuple("0123456789"),
        "Sign Language Digits Dataset (Ankara Ayrancı Anadolu High School)", "Apache-2.0",
    ),
    Shipped(
        "garments", asset("tasks/garments.zip"), "Which garment is it?",
        ("dress", "hat", "longsleeve", "outwear", "pants", "shirt", "shoes", "shorts", "skirt", "t-shirt"),
        "Clothing dataset (small)", "CC0 1.0",
    ),
)  # fmt: skip


def shipped_tasks(side: int = DEFAULT.input_size) -> tuple[TaskSource, ...]:
    """The shipped tasks, of images with ``side`` pixels; the files are read when a task is drawn."""
    return tuple(
        TaskSource(each.name, each.title, partial(_draw, each, side), each.classes, stage=FINAL) for each in SHIPPED
    )


def _draw(shipped: Shipped, side: int, count: int, seed: int) -> Task:
    return replace(_source(shipped, side).draw(count, seed), title=shipped.title)


@lru_cache(maxsize=4)
def _source(shipped: Shipped, side: int) -> TaskSource:
    return labelled_task(shipped.images(side), shipped.name)


@lru_cache(maxsize=4)
def _images(shipped: Shipped, side: int) -> ImageSet:
    return read_labelled(shipped.archive, shipped.name, side=side)
