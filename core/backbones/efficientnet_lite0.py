"""The backbone ``efficientnet_lite0``: a pretrained network, whole and frozen, under generated gates, and a branch.

The network is EfficientNet-Lite0, see :mod:`core.backbones.efficientnet_network`, trained on ImageNet with labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from torch import Tensor, nn

from .base import Backbone, Calibration, Initial
from .compact import Compact
from .efficientnet_network import POOLED, TOLD, GridStem, Stem, folded
from .frozen_paths import PATHS
from .gated_tail import GATING, GatedTail, Gating, calibration, random_start


@dataclass(frozen=True)
class EfficientNetLite0:
    """Its numbers; see :class:`core.backbones.base.Backbone` and :class:`core.backbones.gated_tail.GatedTail`.

    Attributes:
        side: pixels of a side of the images, a multiple of 32.
        components: C, principal components of what the network tells, each behind a gate.
        widths, pixels: channels and features of the branch on the picture, see
            :class:`core.backbones.compact.Compact`.
        balanced: whether the branch is quieter while gates are open.
        path: how the descriptor acts on the components, see :mod:`core.backbones.frozen_paths`.
        reads: Q, how many of the numbers that the network tells are read: 1,280 are the pooled features, 1,952 these
            and block 10.
    """

    name: str = field(default="efficientnet_lite0", init=False)
    side: int = 96
    components: int = 384
    widths: tuple[int, int, int, int, int, int] = (32, 32, 64, 128, 192, 192)
    pixels: int = 128
    balanced: bool = False
    path: str = "gates"
    reads: int = TOLD

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))
        if not isinstance(self.side, int) or self.side < 64 or self.side % 32:
            raise ValueError(f"The backbone {self.name} needs a side that is a multiple of 32, from 64; got {self}.")
        if not isinstance(self.reads, int) or not 1 <= self.reads <= TOLD:
            raise ValueError(f"The backbone {self.name} reads 1 to {TOLD} numbers; got {self}.")
        if not isinstance(self.components, int) or not 1 <= self.components <= self.reads:
            raise ValueError(f"The backbone {self.name} needs 1 to {self.reads} components; got {self}.")
        if self.path not in PATHS or (self.balanced and self.path != "gates"):
            known = "gates" if self.balanced else ", ".join(PATHS)
            raise ValueError(f"The path of {self.name} can be one of {known}; got {self}.")
        if self.path == "blocks" and self.reads < POOLED:
            raise ValueError(f"The path blocks of {self.name} reads the {POOLED} pooled features at least; got {self}.")
        try:
            _ = self.branch
        except ValueError as error:
            raise ValueError(f"The branch on the picture of {self} is impossible. {error}") from None

    @property
    def branch(self) -> Compact:
        """The network on the picture."""
        return Compact(self.widths, self.pixels)

    @property
    def branches(self) -> dict[str, Backbone]:
        """It can be trained alone."""
        return {"branch": self.branch}

    @property
    def features(self) -> int:
        """D, the length of a feature vector."""
        return self.components + self.pixels

    @property
    def input_size(self) -> int:
        """Pixels of a side."""
        return self.side

    @property
    def layers(self) -> tuple[str, ...]:
        """Of the branch, from the picture to the features."""
        return self.branch.layers

    def stem(self) -> nn.Module:
        """The whole network."""
        return GridStem(self.side) if self.path == "blocks" else Stem(self.side)

    def tail(self) -> GatedTail:
        """Gates on what it tells, and the branch."""
        return PATHS[self.path](self.reads, self.components, self.branch, self.balanced)

    def initial(self, weights: Path | None = None) -> Initial:
        """ImageNet weights of a file or of the installed package; open gates, and a random branch."""
        network, tail = folded(weights), random_start(self.tail())
        stem = network | {name: value for name, value in self.stem().state_dict().items() if name not in network}
        return Initial(stem, tail | {name: value for name, value in network.items() if name in tail})

    def calibrate(
        self, parts: tuple[Tensor, ...], moved: Iterable[tuple[Tensor, ...]] = (), gating: Gating = GATING
    ) -> Calibration:
        """Components, and which axis shuts which gate."""
        count = len(parts[0])
        found = calibration(self.tail(), parts[0], (told.unflatten(0, (count, -1)) for told, *_ in moved), gating)
        return found if self.path == "gates" else replace(found, shutting={})

    def frozen(self, *parts: Tensor) -> Tensor:
        """The network's own features: pooled, (N, 1280)."""
        return parts[0][:, :POOLED]

    def content(self, *parts: Tensor) -> Tensor:
        """Pooled features and the grids' statistics, (N, Q)."""
        return parts[0]

    def beside(self, buffers: Mapping[str, Tensor]) -> Tensor:
        """The branch's, (C + P, P)."""
        return buffers["mixing"][:, self.components :]
