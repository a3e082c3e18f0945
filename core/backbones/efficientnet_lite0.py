"""The backbone ``efficientnet_lite0``: a pretrained network, whole and frozen, under generated gates, and a branch.

EfficientNet-Lite0 is EfficientNet-B0 (Tan and Le, arXiv 1905.11946, Table 1) without squeeze and excitation and with
ReLU6 for SiLU; its weights were trained on ImageNet with labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base import Backbone, Calibration, Initial
from .compact import Compact
from .efficientnet_weights import folded
from .frozen_paths import PATHS
from .gated_tail import GATING, GatedTail, Gating, calibration, random_start

STAGES = (
    # kernel, stride, expansion, channels, blocks
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
POOLED = 1280
SHALLOW, EARLY, INNER = 2, 4, 10
"""The last blocks of strides 4, 8 and 16, whose statistics are told beside the pooled features."""
INNER_CHANNELS, EARLY_CHANNELS = 112, 3 + 24 + 40
TOLD = POOLED + 6 * INNER_CHANNELS + 2 * EARLY_CHANNELS
"""Q, numbers that the network tells of a picture: pooled features have lost much of texture, colour and place."""


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
        return Stem(self.side)

    def tail(self) -> GatedTail:
        """Gates on what it tells, and the branch."""
        return PATHS[self.path](self.reads, self.components, self.branch, self.balanced)

    def initial(self, weights: Path | None = None) -> Initial:
        """ImageNet weights of the stem, of a file or of the installed package; open gates, and a random branch."""
        return Initial(folded(weights), random_start(self.tail()))

    def calibrate(
        self, parts: tuple[Tensor, ...], moved: Iterable[tuple[Tensor, ...]] = (), gating: Gating = GATING
    ) -> Calibration:
        """Components, and which axis shuts which gate."""
        count = len(parts[0])
        found = calibration(self.tail(), parts[0], (told.unflatten(0, (count, -1)) for told, _ in moved), gating)
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


class Stem(nn.Module):
    """(N, 3, S, S) in [0, 1] -> what the network tells, (N, Q), and the picture at the branch's size.

    It tells its pooled features and, of block 10 and of the picture, block 2 and block 4 side by side at stride 8, what
    :func:`statistics_of` says.
    """

    shrinking: Tensor

    def __init__(self, side: int) -> None:
        super().__init__()
        self.first = Same(3, 32, 3, 2)
        blocks, channels = [], 32
        for kernel, stride, expansion, out, count in STAGES:
            for number in range(count):
                blocks.append(Block(channels, out, kernel, 1 if number else stride, expansion))
                channels = out
        self.blocks = nn.ModuleList(blocks)
        self.last = Same(channels, POOLED, 1, 1)
        self.register_buffer("shrinking", _shrinking(side), persistent=False)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        # The scaling of its training: (255 x - 127) / 128.
        scaled = ((images - 127 / 255) / (128 / 255)).contiguous(memory_format=torch.channels_last)
        x, kept = F.relu6(self.first(scaled)), {}
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in (SHALLOW, EARLY, INNER):
                kept[number] = x
        pooled = F.relu6(self.last(x)).mean((2, 3))
        early = torch.cat([F.avg_pool2d(scaled, 8), F.avg_pool2d(kept[SHALLOW], 2), kept[EARLY]], 1)
        told = torch.cat([pooled, statistics_of(kept[INNER], early)], 1)
        small = self.shrinking @ images @ self.shrinking.T
        return told, small.contiguous(memory_format=torch.channels_last)


def statistics_of(inner: Tensor, early: Tensor) -> Tensor:
    """Means and spreads, quarters and peaks of grids (N, C, S, S), with S even, and (N, C', S', S') over the picture.

    The first grid gives its mean in each quarter of the picture, its mean and its maximum, the other one its mean and
    its standard deviation: (N, 6 C + 2 C').
    """
    quarters = F.avg_pool2d(inner, inner.shape[-1] // 2)
    mean = early.mean((2, 3))
    spread = ((early - mean[:, :, None, None]).square().mean((2, 3)) + 1e-6).sqrt()
    return torch.cat([quarters.flatten(1), quarters.mean((2, 3)), inner.amax((2, 3)), mean, spread], 1)


def _shrinking(side: int) -> Tensor:
    """(size, side): rows that take a picture to the branch's size as a resized one would be, as a matrix so that every
    runtime does the same."""
    eye = torch.eye(side, device="cpu")[None, None]
    small = Compact().input_size
    return F.interpolate(eye, (small, side), mode="bilinear", antialias=True, align_corners=False)[0, 0]


class Block(nn.Module):
    """Inverted residual block: widen, filter each channel, narrow (Sandler et al., arXiv 1801.04381, Figure 4)."""

    def __init__(self, channels: int, out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = channels * expansion
        self.widen = Same(channels, wide, 1, 1) if expansion > 1 else None
        self.filter = Same(wide, wide, kernel, stride, groups=wide)
        self.narrow = Same(wide, out, 1, 1)
        self.shortcut = stride == 1 and channels == out

    def forward(self, x: Tensor) -> Tensor:
        wide = x if self.widen is None else F.relu6(self.widen(x))
        narrow = self.narrow(F.relu6(self.filter(wide)))
        return x + narrow if self.shortcut else narrow


class Same(nn.Conv2d):
    """Convolution with TensorFlow's padding: the output has ceil(size / stride) cells, the odd row goes last."""

    def __init__(self, channels: int, out: int, kernel: int, stride: int, groups: int = 1) -> None:
        super().__init__(channels, out, kernel, stride, groups=groups, padding=(kernel - 1) // 2 if stride == 1 else 0)

    def forward(self, x: Tensor) -> Tensor:
        if self.stride[0] > 1:
            total = self.kernel_size[0] - self.stride[0]  # for sizes that the stride divides
            x = F.pad(x, (total // 2, total - total // 2) * 2)
        return super().forward(x)
