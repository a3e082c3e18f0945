"""A tail for a pretrained network that is frozen as a whole: three branches, and a linear layer that reads them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CALIBRATED = ("centre", "components", "inner_centre", "inner_spread", "early_centre", "early_spread")
MOST_POOLED, MOST_STATISTICS = 384, 256
"""Principal components of the pooled features and of the statistics that the joint ones are taken from."""


class BranchedTail(nn.Module):
    """Pooled features and grids of a frozen network -> features.

    A linear layer reads, side by side, (1) the leading principal components of the pooled features as they are,
    (2) one hidden layer on them, (3) convolutions on the grids. All weights are generated; what only fits the branches
    to the network under them (means, spreads, principal components) are buffers, measured once on images
    (:func:`calibration`). The components bring what the network knows of a picture at every descriptor from the first
    step on; pooling and seventeen blocks have lost most of where, how large, how bright and of which colour, and the
    grids still hold it. At the end every feature has a loudness of its own: a factor that counts can be loud and one
    that does not quiet, without a weight matrix of full rank changing with the descriptor.

    Args:
        features: D.
        pooled: P, pooled features of the network.
        components: C, principal components that are read.
        statistics: whether they are also of the statistics of both grids (:func:`statistics_of`): pooled features have
            lost what the grids still tell of texture, colour and place.
        hidden: of branch 2; 0: none.
        grid: features of branch 3; 0: none.
        inner, early: channels of the last grid of stride 16 and of the grid of stride 8; ``early`` 0: none.
        side: cells of a side of the inner grid; the early one has twice as many.
        widths: channels of the convolutions: on either grid, then on both together, twice.
    """

    centre: Tensor
    components: Tensor
    inner_centre: Tensor
    inner_spread: Tensor
    early_centre: Tensor
    early_spread: Tensor

    def __init__(
        self,
        features: int,
        pooled: int,
        components: int,
        statistics: bool,
        hidden: int,
        grid: int,
        inner: int,
        early: int,
        side: int,
        widths: tuple[int, int, int],
    ) -> None:
        super().__init__()
        self.reads_statistics, self.reads_early, self.pooled = statistics, early > 0, pooled
        count = pooled + (6 * inner + 2 * early) * statistics
        self.register_buffer("centre", torch.zeros(count))
        self.register_buffer("components", torch.eye(count)[:components].clone())
        read = components
        if hidden:
            self.hidden = nn.Linear(components, hidden)
            read += hidden
        self.has_hidden, self.has_grid, self.has_early = hidden > 0, grid > 0, grid > 0 and early > 0
        if self.has_grid:
            first, second, third = widths
            self.register_buffer("inner_centre", torch.zeros(inner))
            self.register_buffer("inner_spread", torch.ones(inner))
            self.inner = nn.Conv2d(inner, first, 1)
            joint = first
            if self.has_early:
                self.register_buffer("early_centre", torch.zeros(early))
                self.register_buffer("early_spread", torch.ones(early))
                self.early = nn.Conv2d(early, first, 3, stride=2, padding=1)
                joint += first
            self.joined = nn.Conv2d(joint, second, 3, stride=2, padding=1)
            self.last = nn.Conv2d(second, third, 3, padding=1)
            self.grid = nn.Linear(third * math.ceil(side / 2) ** 2, grid)
            read += grid
        self.head = nn.Linear(read, features)
        self.loudness = nn.Parameter(torch.zeros(features))

    def forward(self, pooled: Tensor, inner: Tensor, early: Tensor) -> Tensor:
        """(N, P), (N, C, S, S), (N, C', 2 S, 2 S) -> features (N, D)."""
        leading = self.leading(pooled, inner, early)
        read = [leading]
        if self.has_hidden:
            read.append(F.relu(self.hidden(leading)))
        if self.has_grid:
            read.append(F.relu(self.grid(self.maps(pooled, inner, early)["last"].flatten(1))))
        return (1 + self.loudness) * self.head(torch.cat(read, 1))

    def leading(self, pooled: Tensor, inner: Tensor, early: Tensor) -> Tensor:
        """The principal components, (N, C); nothing generated."""
        return F.linear(self.seen(pooled, inner, early) - self.centre, self.components)

    def seen(self, pooled: Tensor, inner: Tensor, early: Tensor) -> Tensor:
        """Pooled features and the grids' statistics side by side, (N, P + Q)."""
        if not self.reads_statistics:
            return pooled
        return torch.cat([pooled, statistics_of(inner, early) if self.reads_early else statistics_of(inner)], 1)

    def maps(self, pooled: Tensor, inner: Tensor, early: Tensor) -> dict[str, Tensor]:
        """Activation maps by layer name, (N, C, H, W) each; without branch 3 the inner grid as it comes."""
        if not self.has_grid:
            return {"inner": inner}
        maps = {}
        if self.has_early:
            maps["early"] = F.relu(self.early(_standard(early, self.early_centre, self.early_spread)))
        maps["inner"] = F.relu(self.inner(_standard(inner, self.inner_centre, self.inner_spread)))
        maps["joined"] = F.relu(self.joined(torch.cat(list(maps.values()), 1)))
        maps["last"] = F.relu(self.last(maps["joined"]))
        return maps


def layers(grid: int, early: int) -> tuple[str, ...]:
    """Names of the maps of such a tail."""
    if not grid:
        return ("inner",)
    return (*(("early",) if early else ()), "inner", "joined", "last")


def start(tail: BranchedTail) -> dict[str, Tensor]:
    """Weights that a tail begins with: the components pass as they are, and the branches add a third of their size."""
    state = tail.state_dict()
    for name, value in state.items():
        if name in CALIBRATED:
            continue
        state[name] = (
            torch.zeros_like(value)
            if value.ndim < 2
            else torch.randn_like(value) * math.sqrt(2 / math.prod(value.shape[1:]))
        )
    components = len(tail.components)
    head = state["head.weight"] * 0.2
    head[:, :components] = torch.eye(len(head), components)
    for row in range(components, len(head)):  # more features than components: further rows mix them
        head[row, :components] = torch.randn(components) / math.sqrt(components)
    return state | {"head.weight": head}


def calibration(tail: BranchedTail, pooled: Tensor, inner: Tensor, early: Tensor) -> Mapping[str, Tensor]:
    """The buffers of a tail from what its stem gives for N images; see :class:`BranchedTail`.

    Pooled features and statistics are whitened apart, with a ridge of their mean variance so that quiet directions,
    which are noise for the most part, do not become as loud as the leading ones; the components are those of both
    together, scaled to a variance of 1 on average.

    Raises:
        ValueError: fewer images than components.
    """
    count = len(tail.components)
    if len(pooled) <= count:
        raise ValueError(
            f"{count} principal components need more than {count} images; got {len(pooled)}. "
            "Add images, or give the backbone fewer components."
        )
    seen = tail.seen(pooled.double(), inner.double(), early.double())
    centre, whitened = seen.mean(0), torch.zeros(0, seen.shape[1], dtype=seen.dtype)
    for block, most in ((slice(0, tail.pooled), MOST_POOLED), (slice(tail.pooled, None), MOST_STATISTICS)):
        if (values := seen[:, block]).shape[1]:
            rows = seen.new_zeros(min(most, *values.shape), seen.shape[1])
            # Statistics have different units; pooled features have one, and the loud ones say more.
            unit = torch.ones_like(values[0]) if block.start == 0 else values.std(0).clamp(min=1e-6)
            rows[:, block] = _whitening(values / unit, len(rows)) / unit
            whitened = torch.cat([whitened.to(rows), rows])
    _, rotation = _leading((seen - centre) @ whitened.T, min(count, len(whitened)))
    components = rotation @ whitened
    size = ((seen - centre) @ components.T).square().mean().sqrt()
    found = {"centre": centre, "components": components / size}
    for name, grid in (("inner", inner), ("early", early)):
        if f"{name}_centre" in dict(tail.named_buffers()):
            cells = grid.double().transpose(0, 1).flatten(1)
            found |= {f"{name}_centre": cells.mean(1), f"{name}_spread": cells.std(1).clamp(min=1e-3)}
    return {name: value.float() for name, value in found.items()}


def statistics_of(*grids: Tensor) -> Tensor:
    """Means and spreads, quarters and peaks of grids (N, C, S, S) with S even, over the picture.

    The first grid gives its mean in each quarter of the picture, its mean and its maximum, (N, 6 C); another one its
    mean and its standard deviation, (N, 2 C).
    """
    first, *others = grids
    quarters = F.avg_pool2d(first, first.shape[-1] // 2)
    found = [quarters.flatten(1), quarters.mean((2, 3)), first.amax((2, 3))]
    for grid in others:
        mean = grid.mean((2, 3))
        found += [mean, ((grid - mean[:, :, None, None]).square().mean((2, 3)) + 1e-6).sqrt()]
    return torch.cat(found, 1)


def _leading(values: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The largest variances (count,) of values (N, P), and their directions (count, P)."""
    variances, vectors = torch.linalg.eigh(torch.cov(values.T))
    order = variances.argsort(descending=True)[:count]
    return variances[order].clamp(min=0), vectors[:, order].T


def _whitening(values: Tensor, count: int) -> Tensor:
    """Rows (count, P) that give the leading components of values (N, P), as :func:`calibration` scales them."""
    variances, directions = _leading(values, count)
    return directions * (variances + variances.mean()).rsqrt()[:, None]


def _standard(grid: Tensor, centre: Tensor, spread: Tensor) -> Tensor:
    return (grid - centre[:, None, None]) / spread[:, None, None]
