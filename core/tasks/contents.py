"""Pictures with labels that are drawn, shipped, or brought by the dependencies, of any size; no network is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.pictures import packaged
from . import drawn
from .shipped import SHIPPED

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
    """1,800 digits, each in a hand of its own; see :mod:`core.tasks.drawn`."""
    return _drawn(drawn.digits, drawn.DIGITS, side)


@lru_cache(maxsize=2)
def shapes(side: int) -> Content:
    """1,440 shapes, no two alike; see :mod:`core.tasks.drawn`."""
    return _drawn(drawn.shapes, drawn.SHAPES, side)


@lru_cache(maxsize=2)
def signs(side: int) -> Content:
    """The shipped photographs of hands."""
    return _photographed("hand signs", side)


@lru_cache(maxsize=2)
def garments(side: int) -> Content:
    """The shipped photographs of garments."""
    return _photographed("garments", side)


@lru_cache(maxsize=2)
def textures(side: int) -> Content:
    """Pieces of scikit-image's brick, grass and gravel, each under the same brown light."""
    from skimage import data

    names = ("brick", "grass", "gravel")
    pictures = [torch.from_numpy(getattr(data, name)().copy())[None] for name in names]
    return _crops(pictures, names, side, _brown)


@lru_cache(maxsize=2)
def photographs(side: int) -> Content:
    """Pieces of ten photographs of scikit-image and scikit-learn; the class is the photograph."""
    from skimage import data

    sources = {
        "cat": data.chelsea(),
        "astronaut": data.astronaut(),
        "coffee": data.coffee(),
        "rocket": data.rocket(),
        "motorcycle": data.stereo_motorcycle()[0],
        "galaxies": data.hubble_deep_field(),
        "tissue": data.immunohistochemistry(),
        "retina": data.retina()[200:1200, 200:1200],
        "flower": packaged("sklearn", "datasets/images/flower.jpg"),
        "temple": packaged("sklearn", "datasets/images/china.jpg"),
    }
    pictures = [torch.from_numpy(picture.copy()).permute(2, 0, 1) for picture in sources.values()]
    return _crops(pictures, tuple(sources), side)


CONTENTS: dict[str, Callable[[int], Content]] = {
    "digits": digits,
    "textures": textures,
    "photographs": photographs,
    "shapes": shapes,
    "garments": garments,
    "hand signs": signs,
}
"""By name; called with the side S in pixels."""


def _drawn(draw: Callable[[Tensor, int], Tensor], classes: tuple[str, ...], side: int) -> Content:
    numbers = torch.arange(len(classes) * drawn.PER_CLASS)
    return Content(Images(len(numbers), lambda rows: draw(rows, side)), numbers // drawn.PER_CLASS, classes, numbers)


def _photographed(name: str, side: int) -> Content:
    data = next(each for each in SHIPPED if each.name == name).images(side)
    images = Images(len(data.images), lambda rows: data.images[rows].float() / 255)
    return Content(images, data.labels, data.classes, torch.arange(len(data.images)))


def _brown(grey: Tensor) -> Tensor:
    """(1, H, W) in [0, 1] -> (3, H, W), from dark grey to light brown."""
    low, high = (torch.tensor(colour).view(3, 1, 1) for colour in ((0.1, 0.1, 0.1), (0.8, 0.65, 0.45)))
    return low + (high - low) * grey


def _crops(
    pictures: list[Tensor], names: tuple[str, ...], size: int, seen: Callable[[Tensor], Tensor] = lambda piece: piece
) -> Content:
    """Cut each picture (C, H, W), uint8, into tiles, and each tile into overlapping crops; tiles are the groups.

    A crop in [0, 1] is what ``seen`` makes of it: as bytes all pictures take a quarter of the room.
    """
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
        pieces = (pictures[n][:, y : y + side, x : x + side].float() / 255 for n, y, x, side in chosen)
        return torch.stack([_resized(seen(piece), size) for piece in pieces])

    return Content(Images(len(places), take), torch.tensor(labels), names, torch.tensor(groups))


def _resized(piece: Tensor, side: int) -> Tensor:
    return F.interpolate(piece[None], (side, side), mode="bilinear", antialias=True, align_corners=False)[0].clamp(0, 1)
