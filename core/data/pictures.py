"""Single pictures as tensors: what a person uploads, and the photographs that the dependencies ship."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from .decode import read_picture

MAX_BYTES = 200 * 2**20
LONGEST_SIDE = 512


@dataclass(frozen=True)
class Photograph:
    """A picture with a name and where it comes from; ``pixels`` (3, H, W), float, in [0, 1]."""

    name: str
    source: str
    pixels: Tensor


def decode_image(content: bytes, name: str = "The file") -> Tensor:
    """Decode an image file as a person means it (see :func:`core.data.decode.read_picture`).

    Returns:
        (3, H, W), float32, in [0, 1]; the longest side has at most 512 pixels.

    Raises:
        ValueError: not an image of a known format, broken, too large or too small; one sentence for a person.
    """
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"{name} has {len(content) / 2**20:.0f} MB; at most {MAX_BYTES >> 20} MB work. Shrink it first."
        )
    rgb = read_picture(content, name)
    rgb.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.asarray(rgb).copy()).permute(2, 0, 1).float() / 255


def square(pixels: Tensor) -> Tensor:
    """The central square of (..., H, W)."""
    height, width = pixels.shape[-2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[..., top : top + side, left : left + side]


@cache
def photographs() -> tuple[Photograph, ...]:
    """The photographs that scikit-image and scikit-learn ship, cut to squares; no network is used.

    Read once: everyone gets the same tensors, which must not be changed.
    """
    pictures = [
        ("cat", "scikit-image, chelsea", packaged("skimage", "data/chelsea.png")),
        ("astronaut", "scikit-image, astronaut", packaged("skimage", "data/astronaut.png")),
        ("coffee", "scikit-image, coffee", packaged("skimage", "data/coffee.png")),
        ("rocket", "scikit-image, rocket", packaged("skimage", "data/rocket.jpg")),
        ("flower", "scikit-learn, flower.jpg", packaged("sklearn", "datasets/images/flower.jpg")),
        ("temple", "scikit-learn, china.jpg", packaged("sklearn", "datasets/images/china.jpg")),
    ]
    return tuple(
        Photograph(name, source, square(torch.from_numpy(pixels).permute(2, 0, 1)).float().contiguous() / 255)
        for name, source, pixels in pictures
    )


def packaged(package: str, file: str) -> NDArray[np.uint8]:
    """A picture that a package ships, (H, W, 3), without importing the package, which takes seconds.

    Raises:
        FileNotFoundError: the package, or this file of it, is not installed.
    """
    found = find_spec(package)
    path = Path(*(found.submodule_search_locations or ())[:1], file) if found else None
    if path is None or not path.is_file():
        raise FileNotFoundError(
            f"{package} or its {file} is not there. Install it from its wheel: pip install {package}"
        )
    with Image.open(path) as picture:
        return np.array(picture.convert("RGB"))
