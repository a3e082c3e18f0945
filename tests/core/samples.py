"""Numbers, small folders of pictures, and a model and a task whose answer is known."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from core import AmortisedExtractor, Compact
from core.backbones import Prepared
from core.tasks import Split, Task
from core.tasks.task import divide
from tests.core.conftest import TINY, smooth_images


def normal(*shape: int, seed: int = 0) -> Tensor:
    """Normally distributed numbers, float64."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def write_images(root: Path, counts: dict[str, int], seed: int = 0) -> Path:
    """A folder with so many different pictures per class."""
    pixels = (smooth_images(sum(counts.values()), seed=seed) * 255).byte().permute(0, 2, 3, 1).numpy()
    number = 0
    for name, count in counts.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        for _ in range(count):
            Image.fromarray(pixels[number]).save(root / name / f"{number}.png")
            number += 1
    return root


def zipped(folder: Path, target: Path, prefix: str = "") -> Path:
    """An archive of a folder's pictures, each below ``prefix``."""
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, prefix + str(file.relative_to(folder)))
    return target


class Blinds(AmortisedExtractor):
    """An amortised extractor with a known answer: coordinate k scales feature k by 1 - i_k."""

    def __init__(self) -> None:
        super().__init__(replace(TINY, backbone=Compact((8,) * 6, 6)))

    def weights(self, descriptor: Tensor) -> dict[str, Tensor]:
        """How far each feature is open."""
        return {"open": 1 - descriptor}

    def extract(self, prepared: Prepared, weights: dict[str, Tensor]) -> Tensor:
        """The six numbers of each image, as far as they are open."""
        return (prepared.parts[0][:, 0, 0, :6] - 0.5) * 20 * weights["open"]


def blind_task(useful: int, *, classes: int = 2, count: int = 80, seed: int = 0) -> Task:
    """Six random numbers in the first pixels; the target depends on number ``useful`` alone."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.zeros(2 * count, 3, 32, 32)
    images[:, 0, 0, :6] = torch.rand(2 * count, 6, generator=generator)
    target = images[:, 0, 0, useful]
    targets = (target > 0.5).long() if classes else target
    labelled = Split(images[:count], targets[:count])
    train, held = divide(labelled.targets, generator, classes=classes)
    names = ("low", "high") if classes else ()
    test = Split(images[count:], targets[count:])
    return Task("blinds", "Which number counts?", labelled.at(train), labelled.at(held), test, names)
