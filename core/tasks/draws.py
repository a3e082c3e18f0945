"""Drawing labelled and test images from a set of labelled ones, so that no picture is on both sides."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..data.image_folder import ImageSet
from .task import Split, Task, divide

MAX_TEST_IMAGES = 2000
_NAMED = 4


def kept_for_testing(count: int) -> int:
    """How many of a class's images are never labelled: a third, at least 5 of 10 or more, at least 1."""
    return max(math.ceil(count / 3), 5 if count >= 10 else 1)


def draw(data: ImageSet, groups: Tensor, name: str, title: str, caveat: str, count: int, seed: int) -> Task:
    """Draw a task: labelled images evenly over the classes as far as they go; the rest is the test split.

    Of images with the same group one is drawn, so a picture is never both labelled and tested, and counts once. A
    set that somebody has split keeps its split; a picture that is in both parts is tested.

    Args:
        data: the images. groups: (N,), equal numbers for images that show the same picture.
        name, title, caveat: of the task.
        count: labelled images in all.
        seed: of everything that is random.

    Raises:
        ValueError: fewer than two labelled images of a class.
    """
    k = len(data.classes)
    if count < 2 * k:
        raise ValueError(
            f"{count} labelled images are too few for {k} classes. Ask for at least {2 * k}: two of each class."
        )
    generator = torch.Generator().manual_seed(seed)
    pool, test = _pools(data, groups, generator)
    labelled, notes = _labelled(data, pool, count, generator, split=test is not None)
    if test is None:
        test = pool[~torch.isin(pool, labelled)]
    test, note = _limited(data.labels, test, k)
    every = Split(data.images, data.labels, names=data.paths)
    labels = every.at(labelled)
    train, validation = divide(labels.targets, generator, classes=k)
    return Task(
        name, title, labels.at(train), labels.at(validation), every.at(test),
        data.classes, shows=groups[labelled][torch.cat([train, validation])] if caveat else None,
        caveat=caveat, notes=(*notes, *note),
    )  # fmt: skip


def first_of_each(values: Tensor) -> Tensor:
    """Indices at which a value of (N,) comes for the first time, in order."""
    seen: dict[int, int] = {}
    for place, value in enumerate(values.tolist()):
        seen.setdefault(value, place)
    return torch.tensor(list(seen.values()), dtype=torch.int64)


def _pools(data: ImageSet, groups: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor | None]:
    """Rows to draw labelled images from, one of each picture in random order, and those that are for testing."""
    order = torch.randperm(len(data.labels), generator=generator)
    if data.held_out is None or not data.held_out.any():
        return order[first_of_each(groups[order])], None
    order = torch.cat([order[data.held_out[order]], order[~data.held_out[order]]])
    order = order[first_of_each(groups[order])]
    return order[~data.held_out[order]], order[data.held_out[order]]


def _labelled(
    data: ImageSet, pool: Tensor, count: int, generator: torch.Generator, *, split: bool
) -> tuple[Tensor, list[str]]:
    k = len(data.classes)
    shares = torch.full((k,), count // k)
    shares[torch.randperm(k, generator=generator)[: count % k]] += 1
    chosen, short = [], []
    for label, share in enumerate(shares.tolist()):
        own = pool[data.labels[pool] == label]
        most = len(own) if split else len(own) - kept_for_testing(len(own))
        if most < 2:
            raise ValueError(
                f"Class “{data.classes[label]}” has {len(own)} pictures that are no copies of others here; two for "
                "labels and one for testing are needed. Add images or remove the class."
            )
        chosen.append(own[: min(share, most)])
        if most < share:
            short.append(f"{data.classes[label]} gives {most} of its {len(own)}")
    rows = torch.cat(chosen)
    rows = rows[torch.randperm(len(rows), generator=generator)]
    if not short:
        return rows, []
    named = ", ".join(short[:_NAMED]) + (
        f" and {len(short) - _NAMED} more classes fewer" if len(short) > _NAMED else ""
    )
    kept = "at least a third of each class, and 5 where there are 10, is kept for testing"
    return rows, [f"Not every class gives {count // k} labelled images: {named}{'' if split else f', because {kept}'}."]


def _limited(labels: Tensor, test: Tensor, classes: int) -> tuple[Tensor, list[str]]:
    """At most so many test images, one of each class among them, and what has to be said."""
    if len(test) <= MAX_TEST_IMAGES:
        return test, []
    first = first_of_each(labels[test])
    rest = torch.ones(len(test), dtype=torch.bool)
    rest[first] = False
    kept = torch.cat([test[first], test[rest]])[:MAX_TEST_IMAGES]
    return kept, [f"Of {len(test):,} images that are left for testing, {len(kept):,} are used, drawn at random."]
