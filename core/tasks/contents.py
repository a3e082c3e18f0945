"""Pictures with labels that the dependencies ship, as images of any size; no network is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

_DIGIT = 9 / 16  # of the side: a digit that is turned or shifted stays in the picture
_TILES = 6
_CROPS = 12


@dataclass(frozen=True)
class Images:
    """N images (3, S, S) in [0, 1], made when they are taken: all photographs at 96 pixels would fill half a gigabyte.

    Attributes:
        count: N.
        take: (n,) numbers -> (n, 3, S, S).
    """

    count: int
    take: Callable[[Tensor], Tensor]

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, rows: Tensor) -> Tensor:
        return self.take(rows)


@dataclass(frozen=True)
class Content:
    """Images (N, 3, S, S) in [0, 1], labels (N,), names of the classes, and groups (N,).

    Images of one group show the same thing (a place of a photograph, a drawn digit): a split must not
    part them.
    """

    images: Images
    labels: Tensor
    classes: tuple[str, ...]
    groups: Tensor


@lru_cache(maxsize=2)
def digits(side: int) -> Content:
    """scikit-learn's 1,797 handwritten digits, over half the side high, in orange on blue for tints to show."""
    from sklearn.datasets import load_digits

    source = load_digits()
    grey = torch.from_numpy(source.images).float()[:, None] / 16
    size = round(_DIGIT * side)
    before = (side - size) // 2

    def take(rows: Tensor) -> Tensor:
        small = F.interpolate(grey[rows], (size, size), mode="bilinear", align_corners=False)
        ink = F.pad(small, (before, side - size - before) * 2)
        return _coloured(ink, paper=(0.15, 0.2, 0.4), ink=(0.75, 0.5, 0.2))

    labels = torch.from_numpy(source.target).long()
    return Content(Images(len(grey), take), labels, tuple("0123456789"), torch.arange(len(grey)))


@lru_cache(maxsize=2)
def faces(side: int) -> Content:
    """scikit-image's 100 faces and 100 other patches of 25 pixels, in sepia."""
    from skimage.data import lfw_subset

    grey = torch.from_numpy(lfw_subset().astype(np.float32))[:, None]

    def take(rows: Tensor) -> Tensor:
        large = F.interpolate(grey[rows], (side, side), mode="bilinear", align_corners=False).clamp(0, 1)
        return _coloured(large, paper=(0.1, 0.07, 0.05), ink=(0.8, 0.65, 0.5))

    labels = (torch.arange(len(grey)) >= 100).long()
    return Content(Images(len(grey), take), labels, ("face", "no face"), torch.arange(len(grey)))


@lru_cache(maxsize=2)
def textures(side: int) -> Content:
    """Pieces of scikit-image's brick, grass and gravel, each under the same brown light."""
    from skimage import data

    names = ("brick", "grass", "gravel")
    pieces = []
    for name in names:
        grey = torch.from_numpy(getattr(data, name)().astype(np.float32) / 255)[None]
        pieces.append(_coloured(grey[None], paper=(0.1, 0.1, 0.1), ink=(0.8, 0.65, 0.45))[0])
    return _crops(pieces, names, side)


@lru_cache(maxsize=2)
def photographs(side: int) -> Content:
    """Pieces of ten photographs of scikit-image and scikit-learn; the class is the photograph."""
    from skimage import data
    from sklearn.datasets import load_sample_image

    sources = {
        "cat": data.chelsea(),
        "astronaut": data.astronaut(),
        "coffee": data.coffee(),
        "rocket": data.rocket(),
        "motorcycle": data.stereo_motorcycle()[0],
        "galaxies": data.hubble_deep_field(),
        "tissue": data.immunohistochemistry(),
        "retina": data.retina()[200:1200, 200:1200],
        "flower": load_sample_image("flower.jpg"),
        "temple": load_sample_image("china.jpg"),
    }
    return _crops(
        [torch.from_numpy(p.copy()).permute(2, 0, 1).float() / 255 for p in sources.values()], tuple(sources), side
    )


CONTENTS: dict[str, Callable[[int], Content]] = {
    "digits": digits,
    "faces": faces,
    "textures": textures,
    "photographs": photographs,
}
"""By name; called with the side S in pixels."""


def _coloured(amount: Tensor, paper: tuple[float, ...], ink: tuple[float, ...]) -> Tensor:
    """Mix two colours by a grey picture (N, 1, H, W); -> (N, 3, H, W)."""
    low, high = (torch.tensor(colour).view(1, 3, 1, 1) for colour in (paper, ink))
    return low + (high - low) * amount


def _crops(pictures: list[Tensor], names: tuple[str, ...], size: int) -> Content:
    """Cut each picture into tiles, and each tile into overlapping crops; tiles are the groups."""
    generator = torch.Generator().manual_seed(0)
    places: list[tuple[int, int, int, int]] = []
    labels, groups = [], []
    for label, picture in enumerate(pictures):
        height, width = picture.shape[-2] // _TILES, picture.shape[-1] // _TILES
        side = int(0.75 * min(height, width))
        for tile in range(_TILES**2):
            top, left = (tile // _TILES) * height, (tile % _TILES) * width
            for _ in range(_CROPS):
                y = top + int(torch.randint(height - side + 1, (), generator=generator))
                x = left + int(torch.randint(width - side + 1, (), generator=generator))
                places.append((label, y, x, side))
                labels.append(label)
                groups.append(label * _TILES**2 + tile)

    def take(rows: Tensor) -> Tensor:
        chosen = (places[row] for row in rows.tolist())
        return torch.stack([_resized(pictures[n][:, y : y + side, x : x + side], size) for n, y, x, side in chosen])

    return Content(Images(len(places), take), torch.tensor(labels), names, torch.tensor(groups))


def _resized(piece: Tensor, side: int) -> Tensor:
    return F.interpolate(piece[None], (side, side), mode="bilinear", antialias=True, align_corners=False)[0].clamp(0, 1)
