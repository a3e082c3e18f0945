"""Pretraining runs of a few steps, and what they leave behind."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import torch
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor

from core import AmortisedExtractor
from core.model.checkpoints import save_checkpoint
from core.pretraining.loop import Step, pretrain
from core.pretraining.recipe import Recipe
from core.pretraining.state import FILE
from tests.core.backbones.small import ARCHITECTURE, SMALL
from tests.core.conftest import TINY, smooth_images

# The weights of terms that are the default are for a pretrained network.
RECIPE = Recipe(
    steps=6, groups=2, size=8, rate=2e-3, contrastive=1.5, alignment=10.0, separation=30.0, decorrelation=1.0, warmup=2,
    architecture=TINY,
)  # fmt: skip


def pictures(count: int = 24) -> Tensor:
    """Images to train on, 8 bits."""
    return (smooth_images(count) * 255).round().to(torch.uint8)


def small_checkpoint(folder: Path) -> Path:
    """A model on a frozen network, as it begins."""
    model = AmortisedExtractor(ARCHITECTURE)
    model.calibrate(model.prepare(smooth_images(20, SMALL.side)))
    save_checkpoint(model, path := folder / "it.safetensors", {})
    return path


def train(
    folder: Path, recipe: Recipe = RECIPE, every: int = 1, data: str = "smooth", images: Tensor | None = None
) -> Generator[Step, None, None]:
    """A run in a folder, step by step."""
    images = pictures() if images is None else images
    return pretrain(images, recipe, folder, data=data, every=every, device=torch.device("cpu"))


def state(folder: Path) -> dict[str, Tensor]:
    """Everything a run has stored: model, reader, average and both moments of the optimiser."""
    return load_file(folder / FILE)


def curve(folder: Path) -> list[tuple[int, float]]:
    """(step, total loss) from the TensorBoard logs, each file in place of what earlier ones say from its start on.

    TensorBoard itself takes files of the same second in the order of their names, where writer 10 comes before 9.
    """
    found: list[tuple[int, float]] = []
    for file in sorted((folder / "logs").iterdir(), key=lambda each: [int(n) for n in re.findall(r"\d+", each.name)]):
        events = EventAccumulator(str(file), size_guidance={"scalars": 0})
        events.Reload()
        if "loss/total" in events.Tags()["scalars"]:
            later = [(event.step, event.value) for event in events.Scalars("loss/total")]
            found = [each for each in found if each[0] < later[0][0]] + later
    return found


def unequal(one: dict[str, Tensor], other: dict[str, Tensor]) -> list[str]:
    """Names of what two states do not have in common, bit for bit."""
    assert one.keys() == other.keys()
    return [name for name in one if not torch.equal(one[name], other[name])]


def uniform(*shape: int, seed: int = 0) -> Tensor:
    """Numbers in [0, 1), float64."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
