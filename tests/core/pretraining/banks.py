"""Small banks of views, of a frozen network and of pixels."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from core import AmortisedExtractor
from core.pretraining.bank import Bank
from core.pretraining.recipe import Recipe
from tests.core.backbones.small import ARCHITECTURE, SMALL
from tests.core.conftest import smooth_images, tiny_model
from tests.core.pretraining.runs import RECIPE, pictures

LITE = Recipe(steps=3, groups=2, size=4, warmup=1, components=5, architecture=ARCHITECTURE)


def lite_pictures(count: int = 40) -> Tensor:
    """For the frozen network, 8 bits."""
    return (smooth_images(count, SMALL.side) * 255).round().to(torch.uint8)


def lite_model() -> AmortisedExtractor:
    """A small EfficientNet-Lite0."""
    torch.manual_seed(0)
    return AmortisedExtractor(ARCHITECTURE)


def lite_bank(folder: Path, model: AmortisedExtractor) -> Bank:
    """A complete bank of four groups."""
    bank = Bank.of(folder, lite_pictures(), LITE, 4, model)
    list(bank.make(lite_pictures(), model, every=1))
    return bank


def of_pixels(folder: Path, groups: int = 8, recipe: Recipe = RECIPE) -> Bank:
    """A bank of a backbone without a stem; nothing is made yet."""
    return Bank.of(folder, pictures(), recipe, groups, tiny_model())


def contents(folder: Path) -> dict[str, bytes]:
    """Everything in a folder."""
    return {each.name: each.read_bytes() for each in folder.iterdir()}
