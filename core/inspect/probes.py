"""Other pictures: pieces of the photographs that the dependencies ship."""

from __future__ import annotations

import torch
from torch import Tensor

from ..backbones import DEFAULT
from ..data.pictures import photographs
from ..model.amortised import to_size


def probe_images(count: int = 64, seed: int = 0, side: int = DEFAULT.input_size) -> Tensor:
    """Different pieces of the shipped photographs as (count, 3, side, side): the background for bands and null lines.

    Args:
        count: how many.
        seed: of their places and sizes.
        side: pixels of a side, such as ``model.input_size``.
    """
    generator = torch.Generator().manual_seed(seed)
    sources = photographs()
    pieces = []
    for number in range(count):
        pixels = sources[number % len(sources)].pixels
        whole = pixels.shape[-1]
        size = int(whole * (0.25 + 0.45 * float(torch.rand((), generator=generator))))
        top, left = (int(torch.randint(whole - size + 1, (), generator=generator)) for _ in range(2))
        pieces.append(to_size(pixels[None, :, top : top + size, left : left + size], side)[0])
    return torch.stack(pieces)
