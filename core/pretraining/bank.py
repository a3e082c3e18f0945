"""A bank of views: what a frozen stem gives for the views of many groups, made once and kept on disk.

The stem does not depend on what is trained, so training from a bank costs the tail alone; an ablation's runs share one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..axes.transforms import Axis
from ..backbones.base import Prepared
from ..files import save_text
from ..model.amortised import AmortisedExtractor
from .groups import Group, draw, draw_group
from .recipe import Recipe
from .state import digest

HEADER = "bank.json"


@dataclass(frozen=True)
class Bank:
    """Stored groups.

    Attributes:
        folder: of its files: one array (groups, 3 b, ...) of float16 for each tensor that the stem gives.
        recipe: whose ``seed``, ``size``, ``groups`` and ``views`` say which groups they are.
        groups: how many it has when it is complete; a longer training goes through them again.
        images: N, those that are drawn from.
        axes: of the model.
        by: the stem, see :class:`core.backbones.base.Prepared`.
        shapes: of a picture's tensors.
        seen: digest of the images.
    """

    folder: Path
    recipe: Recipe
    groups: int
    images: int
    axes: tuple[Axis, ...]
    by: str
    shapes: tuple[tuple[int, ...], ...]
    seen: str

    @classmethod
    def of(cls, folder: Path, images: Tensor, recipe: Recipe, groups: int, model: AmortisedExtractor) -> Bank:
        """A bank for a model's stem; nothing is written yet.

        Args:
            folder: where it is or will be.
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
        parts = model.prepare(images[:1].float() / 255).parts
        shapes = tuple(tuple(part.shape[1:]) for part in parts)
        bank = cls(folder, recipe, groups, len(images), model.transforms, model.prepares, shapes, digest(images))
        if (path := folder / HEADER).exists():
            bank._check(path)
        return bank

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return 2 * self.groups * 3 * self.recipe.size * sum(int(np.prod(shape)) for shape in self.shapes)

    @property
    def made(self) -> int:
        """Groups that are stored already."""
        path = self.folder / HEADER
        return int(json.loads(path.read_text(encoding="utf-8"))["made"]) if path.exists() else 0

    def make(self, images: Tensor, model: AmortisedExtractor, every: int = 20) -> Iterator[int]:
        """Store what is missing, yielding the number of groups stored so far; may be stopped and made again any time.

        Raises:
            ValueError: the disk is full.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        arrays = self._arrays("r+" if self.made else "w+")
        for number in range(self.made, self.groups):
            step, group = divmod(number, self.recipe.groups)
            stored = draw_group(images, self.recipe, step, group, model).prepared
            for array, part in zip(arrays, stored.parts, strict=True):
                array[number] = part.cpu().half().numpy()
            if (number + 1) % every == 0 or number + 1 == self.groups:
                for array in arrays:
                    array.flush()
                save_text(self.folder / HEADER, json.dumps(self._header() | {"made": number + 1}))
            yield number + 1

    def group(self, step: int, group: int, device: torch.device) -> Group:
        """A stored group; steps beyond the last begin again at the first."""
        number = (step * self.recipe.groups + group) % self.groups
        drawn, _ = draw(self.images, self.recipe, *divmod(number, self.recipe.groups), self.axes)
        parts = tuple(torch.from_numpy(array[number].copy()).to(device).float() for array in self._arrays("r"))
        views = drawn.views.to(device)
        return Group(drawn.descriptor.to(device), views, Prepared(parts, self.by), drawn.chosen)

    def _arrays(self, mode: str) -> list[np.memmap]:
        shape = (self.groups, 3 * self.recipe.size)
        try:
            return [
                np.memmap(self.folder / f"part{number}.f16", np.float16, mode, shape=(*shape, *part))  # type: ignore[call-overload]  # numpy lists the modes as literals
                for number, part in enumerate(self.shapes)
            ]
        except (OSError, ValueError) as error:
            raise ValueError(
                f"The bank in {self.folder} cannot be opened ({error}). Delete it to make it anew."
            ) from None

    def _header(self) -> dict[str, object]:
        views = json.dumps(asdict(self.recipe.views), sort_keys=True)
        return {
            "seed": self.recipe.seed,
            "size": self.recipe.size,
            "groups_a_step": self.recipe.groups,
            "views": hashlib.sha256(views.encode()).hexdigest()[:16],
            "groups": self.groups,
            "images": self.seen,
            "axes": [axis.name for axis in self.axes],
            "stem": self.by,
        }

    def _check(self, path: Path) -> None:
        try:
            theirs = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ValueError(f"{path} cannot be read ({error}). Delete the folder to make the bank anew.") from None
        mine = self._header()
        different = [name for name in mine if not isinstance(theirs, dict) or theirs.get(name) != mine[name]]
        if different:
            raise ValueError(
                f"{self.folder} holds a bank of something else (different: {', '.join(different)}). "
                "Give another --bank folder, or delete this one."
            )


def group_of(
    images: Tensor, recipe: Recipe, step: int, group: int, model: AmortisedExtractor, bank: Bank | None
) -> Group:
    """A group from a bank, or drawn anew where there is none."""
    if bank is None:
        return draw_group(images, recipe, step, group, model)
    return bank.group(step, group, next(model.parameters()).device)
