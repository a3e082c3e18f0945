"""A second backbone: torchvision's resnet18 with random weights, split before its last stage.

Its stem gives two tensors, its tail has buffers and starts from given weights: what ``compact`` has not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.models import resnet18

from core.backbones import BACKBONES, Backbone, Initial
from core.backbones.base import Calibration


@dataclass(frozen=True)
class SplitResnet:
    """Numbers of the backbone; the weights are random ones of a seed."""

    name: str = field(default="resnet18", init=False)
    side: int = 48
    seed: int = 0

    @property
    def input_size(self) -> int:
        return self.side

    @property
    def layers(self) -> tuple[str, ...]:
        return ("layer4.0", "layer4.1")

    @property
    def features(self) -> int:
        return 24

    def stem(self) -> nn.Module:
        """All but the last stage."""
        return Stem(resnet18())

    def tail(self) -> nn.Module:
        """The last stage, and a linear layer from what it gives and from what the stem gives."""
        return Tail(resnet18(), self.features)

    def initial(self, weights: Path | None = None) -> Initial:
        """Its weights and running statistics."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            network = resnet18()
            return Initial(Stem(network).state_dict(), Tail(network, self.features).state_dict())

    @property
    def branches(self) -> dict[str, Backbone]:
        """None."""
        return {}

    def calibrate(self, parts: tuple[Tensor, ...], moved: Iterable[tuple[Tensor, ...]] = ()) -> Calibration:
        """Nothing."""
        return Calibration()

    def beside(self, buffers: Mapping[str, Tensor]) -> None:
        """None."""

    def content(self, *parts: Tensor) -> Tensor:
        return self.frozen(*parts)

    def frozen(self, *parts: Tensor) -> Tensor:
        """The mean of the third stage."""
        return parts[1]


class Stem(nn.Module):
    """(N, 3, S, S) -> the grid (N, 256, S / 16, S / 16) of the third stage, and its mean (N, 256)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        names = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3")
        self.stages = nn.Sequential(*(getattr(network, name) for name in names))

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        grid = self.stages(4 * images - 2)
        return grid, grid.mean((2, 3))


class Tail(nn.Module):
    """Grid and mean -> features (N, D)."""

    def __init__(self, network: nn.Module, features: int) -> None:
        super().__init__()
        self.layer4 = network.get_submodule("layer4")
        self.head = nn.Linear(512 + 256, features)

    def forward(self, grid: Tensor, mean: Tensor) -> Tensor:
        last = self.maps(grid, mean)["layer4.1"].mean((2, 3))
        return self.head(torch.cat([last, mean], 1))

    def maps(self, grid: Tensor, mean: Tensor) -> dict[str, Tensor]:
        first, second = self.layer4.children()
        found = first(grid)
        return {"layer4.0": found, "layer4.1": second(found)}


@contextmanager
def registered() -> Iterator[None]:
    """For a while, checkpoints may name it."""
    BACKBONES["resnet18"] = SplitResnet
    try:
        yield
    finally:
        del BACKBONES["resnet18"]
