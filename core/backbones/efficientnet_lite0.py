"""The backbone ``efficientnet_lite0``: a pretrained network, whole and frozen, and a small generated tail on it.

EfficientNet-Lite0 is EfficientNet-B0 (Tan and Le, arXiv 1905.11946, Table 1) without squeeze and excitation and with
ReLU6 for SiLU; its weights were trained on ImageNet with labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base import Initial
from .branched_tail import MOST_POOLED, BranchedTail, calibration, layers, start, statistics_of
from .efficientnet_weights import folded

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
"""The last blocks of strides 4, 8 and 16, whose outputs the tail sees beside the pooled features."""
INNER_CHANNELS, EARLY_CHANNELS = 112, 3 + 24 + 40


@dataclass(frozen=True)
class EfficientNetLite0:
    """Its numbers; see :class:`core.backbones.base.Backbone` and :class:`core.backbones.branched_tail.BranchedTail`.

    Attributes:
        side: pixels of a side of the images, a multiple of 32.
        features: D, the length of a feature vector.
        components: principal components that the tail reads.
        statistics: whether they are of the grids' statistics, too, or of the pooled features alone.
        hidden: size of the hidden layer on them; 0: none.
        grid: features of the convolutions on the grids; 0: none.
        widths: channels of those convolutions.
        early: whether they also see the earlier blocks, and the picture itself, at stride 8.
    """

    name: str = field(default="efficientnet_lite0", init=False)
    side: int = 96
    features: int = 256
    components: int = 384
    statistics: bool = True
    hidden: int = 192
    grid: int = 192
    widths: tuple[int, int, int] = (80, 160, 192)
    early: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))
        if not isinstance(self.side, int) or self.side < 64 or self.side % 32:
            raise ValueError(f"The backbone {self.name} needs a side that is a multiple of 32, from 64; got {self}.")
        positive = (self.features, self.components, *self.widths)
        others = (self.hidden, self.grid)
        if not all(isinstance(n, int) for n in (*positive, *others)) or len(self.widths) != 3:
            raise ValueError(f"The backbone {self.name} needs whole numbers as sizes, and three widths; got {self}.")
        if min(positive) < 1 or min(others) < 0 or self.components > MOST_POOLED:
            raise ValueError(
                f"The backbone {self.name} needs positive sizes and at most {MOST_POOLED} components; got {self}."
            )

    @property
    def input_size(self) -> int:
        """Pixels of a side."""
        return self.side

    @property
    def layers(self) -> tuple[str, ...]:
        """From the picture to the features."""
        return layers(self.grid, self.early)

    def stem(self) -> nn.Module:
        """The whole network."""
        return Stem()

    def tail(self) -> BranchedTail:
        """What is made of its pooled features and of its grids."""
        return BranchedTail(
            self.features,
            POOLED,
            self.components,
            self.statistics,
            self.hidden,
            self.grid,
            INNER_CHANNELS,
            EARLY_CHANNELS if self.early else 0,
            self.side // 16,
            self.widths,
        )

    def initial(self, weights: Path | None = None) -> Initial:
        """ImageNet weights of the stem, of a file or of the installed package; the tail passes the components on."""
        return Initial(folded(weights), start(self.tail()))

    def calibrate(self, *parts: Tensor) -> Mapping[str, Tensor]:
        """Means, spreads and principal components of what the stem gives for images."""
        return calibration(self.tail(), *parts)

    def frozen(self, *parts: Tensor) -> Tensor:
        """The network's own features: pooled, (N, 1280)."""
        return parts[0]

    def content(self, *parts: Tensor) -> Tensor:
        """Pooled features and the grids' statistics, (N, 2086), whether or not the tail's components are of both."""
        pooled, inner, early = parts
        return torch.cat([pooled, statistics_of(inner, early)], 1)


class Stem(nn.Module):
    """(N, 3, S, S) in [0, 1] -> pooled features (N, 1280), the grid (N, 112, S / 16, S / 16) of block 10, and at
    stride 8 the picture, block 2 and block 4, (N, 67, S / 8, S / 8); batch normalisation is folded into the weights.
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = Same(3, 32, 3, 2)
        blocks, channels = [], 32
        for kernel, stride, expansion, out, count in STAGES:
            for number in range(count):
                blocks.append(Block(channels, out, kernel, 1 if number else stride, expansion))
                channels = out
        self.blocks = nn.ModuleList(blocks)
        self.last = Same(channels, POOLED, 1, 1)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        # The scaling of its training: (255 x - 127) / 128.
        scaled = ((images - 127 / 255) / (128 / 255)).contiguous(memory_format=torch.channels_last)
        x, kept = F.relu6(self.first(scaled)), {}
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in (SHALLOW, EARLY, INNER):
                kept[number] = x
        pooled = F.relu6(self.last(x)).mean((2, 3))
        early = [F.avg_pool2d(scaled, 8), F.avg_pool2d(kept[SHALLOW], 2), kept[EARLY]]
        return pooled, kept[INNER].contiguous(), torch.cat(early, 1).contiguous()


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
