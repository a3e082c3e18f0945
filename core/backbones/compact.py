"""The backbone ``compact``: a small network for 32 x 32 colour images, all of whose weights are generated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base import Backbone, Calibration, Empty, Normalisation, whole


@dataclass(frozen=True)
class Compact:
    """Its numbers; see :class:`core.backbones.base.Backbone`.

    Attributes:
        widths: channels of the six convolutions; resolutions 16, 16, 8, 8, 4, 4.
        features: D, the length of a feature vector.
    """

    name: str = field(default="compact", init=False)
    widths: tuple[int, int, int, int, int, int] = (32, 32, 64, 128, 192, 192)
    features: int = 128

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))
        sizes = (*self.widths, self.features)
        if len(self.widths) != 6 or not all(isinstance(n, int) for n in sizes) or min(sizes) < 1:
            raise ValueError(f"The backbone compact needs six positive widths and a positive feature size; got {self}.")
        if any(width % GROUPS for width in self.widths[2:]):
            raise ValueError(f"The last four widths must be multiples of {GROUPS}; got {self.widths}.")

    @property
    def input_size(self) -> int:
        """Pixels of a side."""
        return 32

    @property
    def layers(self) -> tuple[str, ...]:
        """From the picture to the features."""
        return ("stem", "conv1", "conv2", "conv3", "conv4", "conv5")

    def stem(self) -> nn.Module:
        """None: even the first layer depends on the descriptor."""
        return Empty()

    def tail(self) -> nn.Module:
        """The whole network."""
        return CompactTail(self)

    def initial(self, weights: Path | None = None) -> None:
        """Random: nobody has trained this network for something else.

        Raises:
            ValueError: there are weights.
        """
        if weights is not None:
            raise ValueError(f"The backbone {self.name} begins with random weights. Leave out the file {weights}.")

    @property
    def branches(self) -> dict[str, Backbone]:
        """None."""
        return {}

    def calibrate(self, parts: tuple[Tensor, ...], moved: Iterable[tuple[Tensor, ...]] = ()) -> Calibration:
        """Nothing."""
        return Calibration()

    def content(self, *parts: Tensor) -> None:
        """There is no pretrained network."""

    def frozen(self, *parts: Tensor) -> None:
        """Nothing: there are no features before training."""

    def beside(self, buffers: Mapping[str, Tensor]) -> None:
        """None."""


GROUPS = 8
MEAN_OF_RELU = 0.4
"""Mean of a rectified standard normal. Taken off before the last layer, because a large common mean
makes the features of any two pictures alike at the start, for every descriptor anew."""


class CompactTail(nn.Module):
    """Six convolutions, then a linear layer over the whole 4 x 4 grid.

    The grid is kept until the last layer because global average pooling makes a network blind to
    translation whatever the descriptor says. How far each channel departs from its average over the
    grid is a weight like any other (``locality``, -1: pooled, 0: the grid as it is), so ignoring
    position is one step away rather than a pattern in 3,072 columns.

    Normalisation starts after the second convolution: a normalised first layer cannot tell a
    brighter picture from a darker one. GroupNorm keeps no running statistics, so nothing is shared
    between descriptors except what was trained.
    """

    def __init__(self, backbone: Compact) -> None:
        super().__init__()
        w = backbone.widths
        self.stem = nn.Conv2d(3, w[0], 5, stride=2, padding=2)
        self.conv1 = nn.Conv2d(w[0], w[1], 3, padding=1)
        self.conv2 = nn.Conv2d(w[1], w[2], 3, stride=2, padding=1)
        self.norm2 = Norm(w[2])
        self.conv3 = nn.Conv2d(w[2], w[3], 3, padding=1)
        self.norm3 = Norm(w[3])
        self.conv4 = nn.Conv2d(w[3], w[4], 3, stride=2, padding=1)
        self.norm4 = Norm(w[4])
        self.conv5 = nn.Conv2d(w[4], w[5], 3, padding=1)
        self.norm5 = Norm(w[5])
        self.locality = nn.Parameter(torch.zeros(w[5]))
        self.head = nn.Linear(w[5] * 16, backbone.features)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, 32, 32) in [0, 1] -> features (N, D), trained towards unit variance in every direction."""
        grid = self.maps(images)["conv5"] - MEAN_OF_RELU
        pooled = grid.mean((2, 3), keepdim=True)
        grid = pooled + (1 + self.locality[:, None, None]) * (grid - pooled)
        return whole(self.head(grid.flatten(1)))

    def maps(self, images: Tensor) -> dict[str, Tensor]:
        """Activation maps by layer name, (N, C, H, W) each; ``conv5`` feeds the last linear layer."""
        maps = {"stem": F.relu(self.stem(images * 4 - 2))}
        maps["conv1"] = F.relu(self.conv1(maps["stem"]))
        maps["conv2"] = F.relu(self.norm2(self.conv2(maps["conv1"])))
        maps["conv3"] = F.relu(self.norm3(self.conv3(maps["conv2"])))
        maps["conv4"] = F.relu(self.norm4(self.conv4(maps["conv3"])))
        maps["conv5"] = F.relu(self.norm5(self.conv5(maps["conv4"])))
        return maps


class Norm(Normalisation):
    """GroupNorm whose scale is stored as a difference from 1, so that generated vectors start at 0."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.zeros(channels))
        self.shift = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.group_norm(x, GROUPS, 1 + self.scale.to(x.dtype), self.shift.to(x.dtype))
