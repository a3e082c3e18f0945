"""One more axis than the project has: what a person adds who writes one entry."""

from __future__ import annotations

import torch
from torch import Tensor

from core import AXES, Axis


def _contrast(stops: Tensor) -> Tensor:
    """A matrix on RGB that makes colours paler or stronger."""
    grey = torch.full((3, 3), 1 / 3)
    return grey + torch.exp2(stops)[:, None, None] * (torch.eye(3) - grey)


TOY = Axis(
    "saturation", "stops", -1.0, 1.0, "colours grow stronger", colour=_contrast, moved="coloured",
    augmentation="v2.ColorJitter(saturation=({least_factor:.3f}, {most_factor:.3f}))",
)  # fmt: skip
MORE = (*AXES, TOY)
