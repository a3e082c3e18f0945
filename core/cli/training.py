"""What the commands that train and compare have in common: a recipe, a bank of views, sets of images, findings."""

from __future__ import annotations

import json
import os
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..backbones import backbone_named
from ..data import ImageSet, load_folder
from ..measures.shots import check_shots
from ..model.amortised import AmortisedExtractor
from ..pretraining.ablation import Finding
from ..pretraining.ablation_table import read
from ..pretraining.bank import Bank
from ..pretraining.bank_files import gigabytes
from ..pretraining.recipe import Recipe
from .sources import say_what_is_left_out
from .terminal import bar, console

GROUPS = 512
"""Of a bank, unless a person says otherwise."""


def recipe_of(text: str, backbone: str, **options: Any) -> Recipe:
    """A recipe from a person's options.

    Args:
        text: ``--settings``, which count more than the options.
        backbone: ``--backbone``, which counts more than the settings; empty: the recipe's.
        options: the recipe's fields.

    Raises:
        ValueError: the settings are no fields of a recipe, or there is no such backbone.
    """
    recipe = replace(Recipe(**options), **_settings(text))
    if not backbone:
        return recipe
    return replace(recipe, architecture=replace(recipe.architecture, backbone=backbone_named(backbone)))


def ready_bank(folder: Path, images: Tensor, recipe: Recipe, groups: int, model: AmortisedExtractor) -> Bank:
    """A complete bank: what is missing is made, after saying how much that is.

    Args:
        folder, images, recipe, groups, model: see :meth:`core.pretraining.bank.Bank.of`.

    Raises:
        ValueError: it does not fit the disk, or the folder holds a bank of something else.
    """
    model = model.to("cuda" if torch.cuda.is_available() else "cpu")
    bank = Bank.of(folder, images, recipe, groups, model)
    if os.environ.get("RANK", "0") != "0":  # one process makes it for all
        while not bank.complete:
            time.sleep(1)
        return bank
    if bank.complete:
        return bank
    size, free = gigabytes(bank.size), gigabytes(bank.free)
    has = f", of which it has {gigabytes(bank.size - bank.missing)}" if bank.missing < bank.size else ""
    console.print(f"The bank of views in {folder} takes {size}{has}; {free} are free on that disk.")
    with (
        bar("making the bank") as advance,
        closing(bank.make(images, model, processes=_processes(model))) as making,
    ):  # at once: it counts what is done
        for text, done in making:
            advance(f"making the bank: {text}", done)
    return bank


def read_sets(
    side: int, images: Path, held_out: Path, labelled: Path | None
) -> tuple[ImageSet, ImageSet, ImageSet | None]:
    """What a comparison trains on, measures on, and has labels of.

    Raises:
        ValueError: too few images to measure on, or too few of a class.
    """
    trained, other = load_folder(images, side=side), load_folder(held_out, side=side)
    development = None if labelled is None else load_folder(labelled, side=side)
    for each in filter(None, (trained, other, development)):
        say_what_is_left_out(each)
    if len(other.images) < 16:
        raise ValueError(f"{held_out} has {len(other.images)} images, and measuring needs at least 16. Add images.")
    if development is not None:
        check_shots(development.labels)
    return trained, other, development


def some_of(images: ImageSet, count: int) -> Tensor:
    """Places of the images that a comparison measures on, the same at every call."""
    return torch.randperm(len(images.images), generator=torch.Generator().manual_seed(0))[:count]


def findings_before(path: Path | None, document: dict[str, Any]) -> list[Finding]:
    """What a file has already of the same comparison.

    Args:
        path: of the file that is written; none yet: nothing was found.
        document: what it must say besides its findings.

    Raises:
        ValueError: it is of something else.
    """
    if path is None or not path.is_file():
        return []
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        different = [name for name in document if stored.get(name) != document[name]]
        if different:
            raise ValueError(f"it is of another comparison (different: {', '.join(different)})")
        return read(stored)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} cannot be gone on with: {str(error).rstrip('.')}. Give another file.") from None


def _processes(model: AmortisedExtractor) -> int:
    """One for each thread that the command may use; a graphics processor is kept busy by one alone."""
    return torch.get_num_threads() if next(model.parameters()).device.type == "cpu" else 1


def _settings(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
        replace(Recipe(), **values)
    except (json.JSONDecodeError, TypeError) as error:
        raise ValueError(f"--settings must be a JSON object of recipe fields; got {text!r} ({error}).") from None
    return values
