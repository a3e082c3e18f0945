"""A bank of views: what a frozen stem gives for the views of many groups, made once and kept on disk.

The stem does not depend on what is trained, so training from a bank costs the tail alone; an ablation's runs share one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from torch import Tensor

from ..axes.transforms import Axis
from ..backbones.base import Prepared
from ..files import save_text
from ..model.amortised import AmortisedExtractor
from .bank_drawing import drawn
from .bank_files import HEADER, add, adding, free_bytes, gigabytes, read_header, read_rows, settle
from .groups import Group, draw, draw_group
from .recipe import Recipe
from .state import digest

SHOWN = "shown.f16"
_PIECE = 256
"""Pictures as they are that go through the stem between two counts of what is done."""


@dataclass(frozen=True)
class Bank:
    """Stored groups, and the content of the pictures as they are.

    Attributes:
        folder: of its files: one array (groups, 3 b, ...) of float16 for each tensor that the stem gives, and
            (N, Q) for the content.
        recipe: whose ``seed``, ``size``, ``groups`` and ``views`` say which groups they are.
        groups: how many a training has of it; a longer one goes through them again.
        images: N, those that are drawn from.
        axes: of the model.
        by: the stem, see :class:`core.backbones.base.Prepared`.
        shapes: of a picture's tensors.
        seen: digest of the images.
        told: Q, numbers that are stored of a picture as it is; 0: none.
    """

    folder: Path
    recipe: Recipe
    groups: int
    images: int
    axes: tuple[Axis, ...]
    by: str
    shapes: tuple[tuple[int, ...], ...]
    seen: str
    told: int = 0

    @classmethod
    def of(cls, folder: Path, images: Tensor, recipe: Recipe, groups: int, model: AmortisedExtractor) -> Bank:
        """A bank for a model's stem; nothing is written yet.

        Args:
            folder: where it is or will be. One that is there keeps the seed that it was made with, so that runs of
                several seeds may share it, and may become longer.
            images: (N, 3, S, S), uint8.
            recipe: of the training; other weights of terms and rates may share the bank.
            groups: a multiple of the recipe's groups a step.
            model: new or trained; only its stem matters.

        Raises:
            ValueError: groups that do not fill steps, or ``folder`` has a bank of something else.
        """
        if groups < 1 or groups % recipe.groups:
            raise ValueError(
                f"A bank holds whole steps of {recipe.groups} groups; got {groups} groups. Give a multiple of it."
            )
        prepared = model.prepare(images[:1].float() / 255)
        shapes, content = tuple(tuple(part.shape[1:]) for part in prepared.parts), model.content(prepared)
        told = 0 if content is None else content.shape[1]
        bank = cls(folder, recipe, groups, len(images), model.transforms, model.prepares, shapes, digest(images), told)
        if stored := read_header(folder):
            bank._check(stored)
            bank = replace(bank, recipe=replace(recipe, seed=stored["seed"]))
        return bank

    @property
    def size(self) -> int:
        """Bytes on disk, when it is complete."""
        return self.groups * sum(map(self._bytes, self.shapes)) + 2 * self.images * self.told

    @property
    def missing(self) -> int:
        """Bytes that are still to be written."""
        groups = max(0, self.groups - self.made)
        return groups * sum(map(self._bytes, self.shapes)) + 2 * (self.images - self._shown) * self.told

    @property
    def free(self) -> int:
        """Bytes that are free on its disk."""
        return free_bytes(self.folder)

    @property
    def made(self) -> int:
        """Groups that are stored already."""
        return int(read_header(self.folder).get("made", 0))

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self.missing == 0

    @property
    def name(self) -> str:
        """Which groups it gives, for the record of a run."""
        return f"{self.groups} groups of seed {self.recipe.seed}"

    def check_room(self) -> None:
        """Refuse a disk that what is missing does not fit.

        Raises:
            ValueError: there is no room.
        """
        if self.missing > self.free:
            raise ValueError(
                f"The bank in {self.folder} needs {gigabytes(self.missing)} more, and {gigabytes(self.free)} are free "
                "on that disk. Give another folder, or fewer groups."
            )

    def make(
        self, images: Tensor, model: AmortisedExtractor, every: int = 20, processes: int = 1
    ) -> Generator[tuple[str, float]]:
        """Store what is missing; it may be stopped or killed, and made again any time.

        Args:
            images: (N, 3, S, S), uint8, those that :meth:`of` was given.
            model: see :meth:`of`.
            every: groups after which what is stored is counted; a kill loses no more, and a stop nothing.
            processes: that draw groups side by side; on a CPU one for each core is fastest.

        Yields:
            What is being stored, and the share of all pictures that is.

        Raises:
            ValueError: the disk is full, or a number does not fit half precision.
        """
        self.check_room()
        self.folder.mkdir(parents=True, exist_ok=True)
        views = 3 * self.recipe.size
        total = self.groups * views + (self.images if self.told else 0)
        for rows in self._show(images, model):
            yield "pictures as they are", rows / total
        number = counted = self.made
        before = self.images if self.told else 0
        with ExitStack() as stack:
            starts = [(self._part(each), number * self._bytes(shape)) for each, shape in enumerate(self.shapes)]
            files = [stack.enter_context(adding(*each)) for each in starts]
            try:
                for parts in drawn(images, self.recipe, number, self.groups, model, processes):
                    for file, part in zip(files, parts, strict=True):
                        add(file, part, self.folder)
                    number += 1
                    if number - counted >= every or number == self.groups:
                        self._count(files, made=number)
                        counted = number
                    yield "views", (before + number * views) / total
            finally:
                if number > counted:
                    self._count(files, made=number)

    def group(self, step: int, group: int, device: torch.device) -> Group:
        """A stored group; steps beyond the last begin again at the first."""
        number = self.number(step, group)
        drawn, _ = draw(self.images, self.recipe, *divmod(number, self.recipe.groups), self.axes)
        count = (self.groups, 3 * self.recipe.size)
        parts = tuple(
            read_rows(self._part(each), (*count, *shape), number).to(device) for each, shape in enumerate(self.shapes)
        )
        views = drawn.views.to(device)
        return Group(drawn.descriptor.to(device), views, Prepared(parts, self.by), drawn.chosen)

    def number(self, step: int, group: int) -> int:
        """Which of the stored groups a training has there."""
        return (step * self.recipe.groups + group) % self.groups

    def content(self) -> Tensor | None:
        """What the frozen network tells (N, Q) of the pictures as they are, for the content term."""
        return read_rows(self.folder / SHOWN, (self.images, self.told), slice(None)) if self.told else None

    def check_use(self, images: str, recipe: Recipe, model: AmortisedExtractor) -> None:
        """Refuse a training that the bank is not for.

        Args:
            images: digest of those that are trained on.
            recipe, model: of the training.

        Raises:
            ValueError: the bank is not complete, or holds something else.
        """
        if not self.complete:
            raise ValueError(f"The bank in {self.folder} is not complete. Make it first, with Bank.make.")
        wanted = replace(self, recipe=recipe, images=self.images, axes=model.transforms, by=model.prepares, seen=images)
        wanted._check(read_header(self.folder))

    def _show(self, images: Tensor, model: AmortisedExtractor) -> Iterator[int]:
        """Store the content, yielding the number of pictures so far."""
        rows, where = self._shown, next(model.parameters()).device
        if rows == self.images:
            return
        with adding(self.folder / SHOWN, 2 * rows * self.told) as file:
            for piece in images[rows:].split(_PIECE):
                found = model.content(model.prepare(piece.to(where).float() / 255))
                assert found is not None
                add(file, found, self.folder)
                rows += len(piece)
                self._count([file], shown=rows)
                yield rows

    @property
    def _shown(self) -> int:
        """Pictures whose content is stored; all of them where there are none to store."""
        return int(read_header(self.folder).get("shown", 0)) if self.told else self.images

    def _count(self, files: list[BinaryIO], **counts: int) -> None:
        """Say in the header what is stored, once it is on the disk."""
        settle(files, self.folder)
        stored = read_header(self.folder)
        done = {"made": stored.get("made", 0), "shown": stored.get("shown", 0)} | counts
        save_text(self.folder / HEADER, json.dumps(self._header() | done))

    def _part(self, number: int) -> Path:
        return self.folder / f"part{number}.f16"

    def _bytes(self, shape: tuple[int, ...]) -> int:
        """Of a group."""
        return 2 * 3 * self.recipe.size * int(np.prod(shape))

    def _header(self) -> dict[str, object]:
        views = json.dumps(asdict(self.recipe.views), sort_keys=True)
        return {
            "seed": self.recipe.seed,
            "size": self.recipe.size,
            "groups_a_step": self.recipe.groups,
            "views": hashlib.sha256(views.encode()).hexdigest()[:16],
            "images": self.seen,
            "axes": [axis.name for axis in self.axes],
            "stem": self.by,
            "drawing": self._drawing(),
        }

    def _drawing(self) -> str:
        """Mark of where the first views lie: a later version may draw others from the same seed."""
        total = hashlib.sha256()
        for number in range(4):
            drawn, _ = draw(self.images, self.recipe, *divmod(number, self.recipe.groups), self.axes)
            for values in (drawn.descriptor, drawn.chosen, *vars(drawn.views).values()):
                total.update(str((values.double() * 1000).round().long().tolist()).encode())
        return total.hexdigest()[:16]

    def _check(self, theirs: dict[str, Any]) -> None:
        mine = replace(self, recipe=replace(self.recipe, seed=theirs["seed"]))._header()
        drawing = mine.pop("drawing")  # which follows from the others, and older headers do not have it
        different = [name for name in mine if theirs.get(name) != mine[name]]
        if not different and theirs.get("drawing", drawing) != drawing:
            different = ["drawing"]
        if different:
            raise ValueError(
                f"{self.folder} holds a bank of something else (different: {', '.join(different)}). "
                "Give another --bank folder, or delete this one."
            )


def group_of(
    images: Tensor, recipe: Recipe, step: int, group: int, model: AmortisedExtractor, bank: Bank | None
) -> Group:
    """A group from a bank, or drawn anew where there is none.

    That of a bank of another stem or of other views is drawn anew as well, from the bank's seed.
    """
    if bank is None:
        return draw_group(images, recipe, step, group, model)
    if (bank.by, bank.recipe.views) != (model.prepares, recipe.views):
        place = divmod(bank.number(step, group), recipe.groups)
        return draw_group(images, replace(recipe, seed=bank.recipe.seed), *place, model)
    return bank.group(step, group, next(model.parameters()).device)
