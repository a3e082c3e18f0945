"""Which images of a set show the same picture, and what a person has to be told about it."""

from __future__ import annotations

import torch
from torch import Tensor

from .copies import exact_groups, near_groups
from .image_folder import ImageSet

_ALIKE = (
    "The pictures are so much alike that near copies cannot be told from other pictures; only exact copies are counted "
    "once."
)


_MUCH = 0.2
COPIES = ("near", "exact", "none")
"""Which copies of a picture count once: near copies too, only those with the same pixels, or none."""


def group(data: ImageSet, fewest: int, copies: str = "near") -> tuple[Tensor, list[str]]:
    """Equal numbers (N,) for images that show the same picture, and what has to be said about them.

    Args:
        data: the images; without marks, each is another picture.
        fewest: different pictures that each class must have. Where near copies leave fewer, as with a fixed camera,
            only exact copies are grouped.
        copies: one of :data:`COPIES`.

    Raises:
        ValueError: ``copies`` is none of them.
    """
    if copies not in COPIES:
        raise ValueError(f"Copies are counted once if they are {', '.join(COPIES)}; got “{copies}”.")
    if not data.marks or copies == "none":
        return torch.arange(len(data.images)), []
    groups, exact, said = near_groups(data.marks), exact_groups(data.marks), []
    if copies == "exact":
        groups = exact
    elif _fewest(data, groups) < fewest <= _fewest(data, exact):
        groups, said = exact, [_ALIKE]
    return groups, [*_copies(data, groups, exact), *said, *_contradictions(data, groups)]


def different(groups: Tensor, rows: Tensor) -> int:
    """How many pictures the chosen rows, (N,) bool, show."""
    return len(groups[rows].unique())


def _fewest(data: ImageSet, groups: Tensor) -> int:
    return min(different(groups, data.labels == label) for label in range(len(data.classes)))


def _copies(data: ImageSet, groups: Tensor, exact: Tensor) -> list[str]:
    first: dict[int, int] = {}
    copies = [(first.setdefault(group, place), place) for place, group in enumerate(groups.tolist())]
    copies = [(one, other) for one, other in copies if one != other]
    if not copies:
        return []
    what = "image is a copy or near copy" if len(copies) == 1 else "images are copies or near copies"
    one, other = copies[0]
    where = f", e.g. {data.paths[other]} of {data.paths[one]}" if data.paths else ""
    near = len(exact.unique()) - len(groups.unique())
    much = f" That is {near / len(exact):.0%} of all images." if near > _MUCH * len(exact) else ""
    doubt = f"{much} If they are different, count only exact copies once." if near else ""
    return [f"{len(copies):,} {what} of another one{where}; each picture counts once.{doubt}"]


def _contradictions(data: ImageSet, groups: Tensor) -> list[str]:
    classes: dict[int, dict[int, int]] = {}
    for place, (group, label) in enumerate(zip(groups.tolist(), data.labels.tolist(), strict=True)):
        classes.setdefault(group, {}).setdefault(label, place)
    both = [list(places.values()) for places in classes.values() if len(places) > 1]
    if not both:
        return []
    where = f", e.g. {' and '.join(data.paths[place] for place in both[0][:2])}" if data.paths else ""
    what = "picture is" if len(both) == 1 else "pictures are"
    return [
        f"{len(both):,} {what} in more than one class{where}. Check the labels; each picture is used with one of them, "
        "drawn at random."
    ]
