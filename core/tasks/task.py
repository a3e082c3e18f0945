"""A downstream task as a value: images, what to predict, and in which way the splits were disturbed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

from ..backbones.base import Prepared, joined
from ..data.image_folder import ClassCount
from .score import Score, accuracy, determination

VALIDATION_SHARE = 0.2
"""Of the labelled images. All methods see the same labels; what they need for choosing comes out of them."""

SHOTS_PER_QUANTITY = 10
"""A regressed quantity has no classes; "k shots" then means ``k * SHOTS_PER_QUANTITY`` images."""


DEVELOPMENT, FINAL = "development", "final"
"""Objectives and defaults are chosen on development tasks; what is claimed is measured on final ones."""


@dataclass(frozen=True)
class Split:
    """Images with what is to be predicted of them.

    Attributes:
        images: (N, 3, S, S), as they are kept: uint8, or float32 in [0, 1].
        targets: (N,): int64 classes or a float32 quantity.
        prepared: the images as the tail of one model takes them, where they have been prepared for it.
        names: (N,) of the files that they come from; empty where they come from none.
    """

    images: Tensor
    targets: Tensor
    prepared: Prepared | None = None
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.images)

    @property
    def pixels(self) -> Tensor:
        """The images as floats in [0, 1]; made anew each time if they are kept as bytes."""
        return self.images if self.images.is_floating_point() else self.images.float() / 255

    def at(self, rows: Tensor | slice) -> Split:
        """The chosen rows."""
        prepared = None if self.prepared is None else self.prepared[rows]
        places = torch.arange(len(self))[rows].tolist() if self.names else []
        return Split(self.images[rows], self.targets[rows], prepared, tuple(self.names[each] for each in places))


@dataclass(frozen=True)
class Task:
    """One task with its splits.

    Attributes:
        name: short, unique, for tables and addresses.
        title: the question in plain words.
        train, validation: the labelled images; choices are made on these alone.
        test: for the final figure, never for a choice.
        classes: names of the classes; empty when the target is a quantity.
        nuisance: for each split, the names of the axes along which its images were moved at random.
        known: {axis name: 0 or 1}, the coordinates that follow from how the task was made; empty for real data.
        shows: (N,) what each of the ``labelled`` images shows; equal numbers show the same thing. ``None`` where
            nobody knows.
        beyond: what further images would be, for sentences; "" where nobody knows.
        caveat: how it was found out what shows the same thing, as a sentence; "" where it is known.
        notes: sentences about this draw for the person, e.g. which class has too few images for it.
    """

    name: str
    title: str
    train: Split
    validation: Split
    test: Split
    classes: tuple[str, ...] = ()
    nuisance: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    known: Mapping[str, int] = field(default_factory=dict)
    shows: Tensor | None = None
    beyond: str = ""
    caveat: str = ""
    notes: tuple[str, ...] = ()

    @property
    def regression(self) -> bool:
        """Whether the target is a quantity; its score is R2 instead of accuracy."""
        return not self.classes

    @property
    def score_name(self) -> str:
        """What :meth:`score` is called."""
        return "R²" if self.regression else "accuracy"

    @property
    def outputs(self) -> int:
        """Columns of a head: one per class, or one."""
        return max(len(self.classes), 1)

    @cached_property
    def labelled(self) -> Split:
        """Training and validation images together, in this order."""
        one, other = self.train, self.validation
        both = None if one.prepared is None or other.prepared is None else joined([one.prepared, other.prepared])
        return Split(
            concatenated(one.images, other.images),
            torch.cat([one.targets, other.targets]),
            both,
            one.names + other.names,
        )

    def encoded(self, targets: Tensor) -> Tensor:
        """Targets as columns (N, outputs), float32: one-hot classes, or the quantity."""
        return targets[:, None].float() if self.regression else F.one_hot(targets, len(self.classes)).float()

    def score(self, outputs: Tensor, targets: Tensor) -> float:
        """Accuracy in [0, 1] of the largest output, or R2 <= 1 of the only one.

        Args:
            outputs: (N, outputs) of a head.
            targets: (N,).
        """
        if self.regression:
            return determination(outputs, targets).value
        return int((outputs.argmax(1) == targets).sum()) / len(targets)

    def judge(self, outputs: Tensor) -> Score:
        """The score of the outputs (N, outputs) of a head on the test images, with what it takes to judge it."""
        if self.regression:
            return determination(outputs, self.test.targets)
        return accuracy(outputs, self.test.targets, len(self.classes))


@dataclass(frozen=True)
class TaskSource:
    """Where tasks of one kind come from.

    Attributes:
        name, title: see :class:`Task`.
        draw: (number of labelled images, seed) -> :class:`Task`; the same arguments give the same task.
        classes: names of the classes; empty when the target is a quantity.
        known: see :class:`Task`.
        notes: sentences about the data for the person, e.g. which files were left out.
        counts: what became of the files of each class; empty where there are no files.
        digest: of the images and their labels, where they are a person's own; otherwise "".
        stage: :data:`DEVELOPMENT` or :data:`FINAL`; a person's own images are final.
        foreign: what disturbs the images that is no axis; "" for nothing.
    """

    name: str
    title: str
    draw: Callable[[int, int], Task]
    classes: tuple[str, ...] = ()
    known: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    counts: tuple[ClassCount, ...] = ()
    digest: str = ""
    stage: str = FINAL
    foreign: str = ""

    def with_shots(self, shots: int, seed: int) -> Task:
        """Draw a task with ``shots`` labelled images per class."""
        return self.draw(self.labels_of(shots), seed)

    def labels_of(self, shots: int) -> int:
        """How many labelled images ``shots`` per class are."""
        return shots * (len(self.classes) or SHOTS_PER_QUANTITY)


def concatenated(one: Tensor, other: Tensor) -> Tensor:
    """Rows (N, ...) and (M, ...) as (N + M, ...): no copy where they already follow each other in one place."""
    end = one.storage_offset() + one.numel()
    if (
        one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()
        and one.dtype == other.dtype
        and one.is_contiguous()
        and other.is_contiguous()
        and one.shape[1:] == other.shape[1:]
        and end == other.storage_offset()
    ):
        return one.as_strided((len(one) + len(other), *one.shape[1:]), one.stride(), one.storage_offset())
    return torch.cat([one, other])


def divide(targets: Tensor, generator: torch.Generator, *, classes: int) -> tuple[Tensor, Tensor]:
    """Indices of a training and a validation part, the latter about a fifth, of every class if there are classes.

    Each class keeps at least one training image; a class with a single image has none for validation.
    """
    groups = [torch.where(targets == c)[0] for c in range(classes)] if classes else [torch.arange(len(targets))]
    train, validation = [], []
    for group in groups:
        group = group[torch.randperm(len(group), generator=generator)]
        held = min(max(round(len(group) * VALIDATION_SHARE), 1), max(len(group) - 1, 0))
        validation.append(group[:held])
        train.append(group[held:])
    return torch.cat(train), torch.cat(validation)


def choose_balanced(targets: Tensor, count: int, generator: torch.Generator, *, classes: int) -> Tensor:
    """Indices of ``count`` images, as evenly over the classes as the data allows, in random order."""
    order = torch.randperm(len(targets), generator=generator)
    if not classes:
        return order[:count]
    shuffled = targets[order]
    rank = torch.zeros_like(shuffled)
    for c in range(classes):
        places = torch.where(shuffled == c)[0]
        rank[places] = torch.arange(len(places))
    return order[torch.argsort(rank, stable=True)[:count]]
