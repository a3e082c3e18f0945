"""What the commands that train have in common: a recipe from options, and a bank of views that is made first."""

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
from ..model.amortised import AmortisedExtractor
from ..pretraining.bank import Bank
from ..pretraining.bank_files import gigabytes
from ..pretraining.recipe import Recipe
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
