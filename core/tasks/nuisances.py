"""Nuisances that are no axis: nothing here was ever trained to be ignored or kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from ..axes.transforms import Axis

_PIECE = 256


@dataclass(frozen=True)
class Nuisance:
    """One way in which pictures differ without showing anything else.

    Attributes:
        name: unique; no axis has it.
        unit: of the strength.
        low, high: range of the strengths; 0 changes nothing.
        change: pictures (N, 3, H, W) in [0, 1], strengths (N,), and what makes it random -> pictures.
        moved: what has been done to a picture, as in "however it is sheared".
    """

    name: str
    unit: str
    low: float
    high: float
    change: Callable[[Tensor, Tensor, Generator], Tensor]
    moved: str = "disturbed"


def disturbed(images: Tensor, nuisance: Nuisance, seed: int) -> Tensor:
    """Each of the images (N, 3, H, W), uint8, changed once, by strengths drawn over the whole range."""
    generator = Generator().manual_seed(seed)
    strengths = nuisance.low + (nuisance.high - nuisance.low) * torch.rand(len(images), generator=generator)
    pieces = zip(images.split(_PIECE), strengths.split(_PIECE), strict=True)
    changed = [nuisance.change(piece.float() / 255, each, generator) for piece, each in pieces]
    return torch.cat([(each.clamp(0, 1) * 255).round().byte() for each in changed])


def _warped(matrix: Callable[[Tensor], tuple[int, int, Tensor]]) -> Callable[[Tensor, Tensor, Generator], Tensor]:
    """An affine change with the axes' resampling and reflected borders."""

    def warp(strengths: Tensor) -> Tensor:
        row, column, value = matrix(strengths)
        found = torch.eye(3).repeat(len(strengths), 1, 1)
        found[:, row, column] = value
        return found

    axis = Axis("none of the axes", "", 0.0, 1.0, "", warp=warp)
    return lambda images, strengths, generator: axis.apply(images, strengths)


def _each(name: str) -> Callable[[Tensor, Tensor, Generator], Tensor]:
    """A function of torchvision on each picture, by a factor of two per unit of strength."""

    def change(images: Tensor, strengths: Tensor, generator: Generator) -> Tensor:
        from torchvision.transforms.v2 import functional  # takes a while to import: `import core` stays quick

        adjust = getattr(functional, name)
        return torch.stack([adjust(each, 2.0**stops) for each, stops in zip(images, strengths.tolist(), strict=True)])

    return change


def _noise(images: Tensor, strengths: Tensor, generator: Generator) -> Tensor:
    return images + strengths[:, None, None, None] / 100 * torch.randn(images.shape, generator=generator)


def _occlusion(images: Tensor, strengths: Tensor, generator: Generator) -> Tensor:
    """A grey square somewhere in each picture."""
    height, width = images.shape[-2:]
    found = images.clone()
    for picture, share in zip(found, strengths.tolist(), strict=True):
        rows, columns = (round(share / 100 * side) for side in (height, width))
        top, left = (int(torch.randint(room + 1, (), generator=generator)) for room in (height - rows, width - columns))
        picture[:, top : top + rows, left : left + columns] = 0.5
    return found


NUISANCES: Mapping[str, Nuisance] = {
    each.name: each
    for each in (
        Nuisance("shear", "°", -30.0, 30.0, _warped(lambda t: (0, 1, torch.tan(t * math.pi / 180))), "sheared"),
        Nuisance("contrast", "factors of two", -1.5, 1.5, _each("adjust_contrast"), "contrasted"),
        Nuisance("noise", "% of white", 0.0, 20.0, _noise, "covered with grain"),
        Nuisance("occlusion", "% of width", 0.0, 50.0, _occlusion, "covered in part"),
        Nuisance("saturation", "factors of two", -2.0, 2.0, _each("adjust_saturation"), "faded or glaring"),
        # The sampling grid spans two units, so a shift by p per cent of the height moves it by 2p / 100.
        Nuisance("vertical shift", "% of height", -25.0, 25.0, _warped(lambda t: (1, 2, t / 50)), "raised or lowered"),
    )
}
"""By name."""
