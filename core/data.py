"""Image sets for pretraining and evaluation: any folder of images, as 8-bit tensors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor
from torchvision.datasets.folder import IMG_EXTENSIONS

from core.extractor import IMAGE_SIZE
from core.images import to_rgb


@dataclass(frozen=True)
class ImageSet:
    """Images (N, 3, 32, 32), uint8, with labels (N,) into ``classes``; one class if the folder is flat.

    ``skipped`` lists files that could not be read.
    """

    name: str
    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    skipped: tuple[str, ...] = ()

    def floats(self) -> Tensor:
        """(N, 3, 32, 32), float32, in [0, 1]."""
        return self.images.float() / 255


def load_folder(path: str | Path, progress: Callable[[int, int], None] | None = None) -> ImageSet:
    """Read a folder of images, flat or one subfolder per class (``ImageFolder`` layout), at 32 x 32 pixels.

    Args:
        path: the folder. Links that lead out of it are not followed.
        progress: called with (files read, files in all).

    Raises:
        ValueError: no such folder, or no readable image in it.
    """
    root = Path(path).expanduser().resolve()
    if not root.is_dir():
        raise ValueError(f"There is no folder {path}. Give a folder of images, flat or with one subfolder per class.")
    files = sorted(f for f in root.rglob("*") if f.suffix.lower() in IMG_EXTENSIONS and f.is_file())
    files = [f for f in files if f.resolve().is_relative_to(root)]
    names = sorted({f.relative_to(root).parts[0] if f.parent != root else "" for f in files})
    images, labels, skipped = [], [], []
    for number, file in enumerate(files):
        try:
            with Image.open(file) as image:
                images.append(pixels(image))
        except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
            skipped.append(str(file.relative_to(root)))
            continue
        labels.append(names.index(file.relative_to(root).parts[0] if file.parent != root else ""))
        if progress:
            progress(number + 1, len(files))
    if not images:
        raise ValueError(
            f"No readable image in {path} ({len(skipped)} broken). Known endings: {', '.join(IMG_EXTENSIONS)}."
        )
    return ImageSet(root.name, torch.from_numpy(np.stack(images)), torch.tensor(labels), tuple(names), tuple(skipped))


def pixels(image: Image.Image) -> np.ndarray:
    """The central square of a Pillow image of any mode as (3, 32, 32), uint8."""
    rgb = to_rgb(image)
    if rgb.size != (IMAGE_SIZE, IMAGE_SIZE):
        side = min(rgb.size)
        left, top = (rgb.width - side) // 2, (rgb.height - side) // 2
        rgb = rgb.resize((IMAGE_SIZE,) * 2, Image.Resampling.BILINEAR, (left, top, left + side, top + side))
    return np.asarray(rgb).transpose(2, 0, 1)


def split(count: int, parts: tuple[int, ...], seed: int) -> list[Tensor]:
    """Disjoint random index sets of the given sizes from ``range(count)``.

    Raises:
        ValueError: more asked for than there is.
    """
    if sum(parts) > count:
        raise ValueError(f"{sum(parts)} images are needed, {count} are there. Add images or ask for fewer.")
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    return list(order[: sum(parts)].split(list(parts)))
