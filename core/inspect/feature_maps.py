"""Activation maps of a picture that is being transformed, and what they do: stand still, move along, or change.

A map that stands still is *invariant*; one that moves with the picture and is the same again once it
is moved back is *equivariant*. :func:`moved_back` undoes the transformation of the picture on the maps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..axes.descriptor import DescriptorLike
from ..axes.transforms import Axis
from ..backbones.base import Prepared
from ..measures.response import Images
from ..model.amortised import AmortisedExtractor


@dataclass(frozen=True)
class MapSweep:
    """Maps of one layer while one transformation grows.

    Attributes:
        strengths: (S,) in the axis' unit; 0 is among them.
        maps: (S, C, h, w) activations, >= 0.
        inside: (S, h, w) 1 where a map shows a part of the picture, 0 where moving back left nothing.
    """

    strengths: np.ndarray
    maps: Tensor
    inside: Tensor

    @property
    def still(self) -> int:
        """Number of the untransformed picture."""
        return int(np.flatnonzero(self.strengths == 0)[0])

    def agreement(self) -> np.ndarray:
        """(S,) correlation of each strength's maps with the untransformed ones, in [-1, 1].

        Each channel is centred by its mean over the untransformed map; only places inside count.
        """
        weights = (self.inside * self.inside[self.still])[:, None]
        centred = (self.maps - self.maps[self.still].mean((1, 2))[None, :, None, None]) * weights
        still = centred[self.still] * weights
        product = (centred * still).sum((1, 2, 3))
        scale = centred.square().sum((1, 2, 3)).sqrt() * still.square().sum((1, 2, 3)).sqrt()
        return (product / scale.clamp(min=1e-12)).numpy()

    def most_changed(self, count: int) -> list[int]:
        """Channels whose maps change most, relative to how much they vary over the picture; strongest first."""
        change = (self.maps - self.maps[self.still]).square().mean((0, 2, 3))
        size = self.maps.var((0, 2, 3))
        floor = 0.05 * float(size.mean()) + 1e-12  # a channel that is nearly silent is not interesting
        return (change / (size + floor)).argsort(descending=True)[:count].tolist()


def map_sweep(
    model: AmortisedExtractor, descriptor: DescriptorLike, images: Images, strengths: np.ndarray, layer: str
) -> MapSweep:
    """Maps of a picture at several strengths.

    Args:
        model: the amortised extractor.
        descriptor: K numbers.
        images: S of them, the picture at each strength, as it is or prepared.
        strengths: (S,) that contain 0.
        layer: one of the layers of the model's backbone.

    Raises:
        ValueError: unknown layer, or no strength is 0.
    """
    layers = model.backbone.layers
    if layer not in layers:
        raise ValueError(f"There is no layer called {layer!r}. Known layers: {', '.join(layers)}.")
    if not np.any(strengths == 0):
        raise ValueError("One strength must be 0: everything is compared with the untransformed picture.")
    prepared = images if isinstance(images, Prepared) else model.prepare(images)
    maps = model.maps(prepared, descriptor)[layer].float().contiguous().cpu()
    return MapSweep(strengths, maps, torch.ones(len(maps), *maps.shape[2:]))


def moved_back(sweep: MapSweep, axis: Axis) -> MapSweep:
    """The same maps with the picture's movement undone; unchanged for an axis that moves nothing."""
    if axis.warp is None:
        return sweep
    back = torch.linalg.inv(axis.warp(torch.as_tensor(sweep.strengths, dtype=torch.float32)))
    grid = F.affine_grid(back[:, :2], list(sweep.maps.shape), align_corners=False)
    maps = F.grid_sample(sweep.maps, grid, mode="bilinear", padding_mode="border", align_corners=False)
    ones = torch.ones(len(maps), 1, *maps.shape[2:])
    inside = F.grid_sample(ones, grid, mode="bilinear", padding_mode="zeros", align_corners=False)[:, 0]
    return MapSweep(sweep.strengths, maps, (inside > 0.99).float())
