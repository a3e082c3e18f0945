"""A tail for a pretrained network that is frozen as a whole: what it tells, behind gates, beside a small network."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base import Calibration
from .common_components import STEPS, common_components
from .compact import Compact, CompactTail


@dataclass(frozen=True)
class Gating:
    """What is chosen of the gates, not measured; a checkpoint holds what follows from it, and not this itself.

    Attributes:
        shut, sensitive: an axis shuts a component at i = 1 when it causes more of the component's variance than the
            geometric mean of ``shut`` and of what it causes in its ``sensitive`` quantile of all components. With
            ``shut`` alone brightness, which moves everything a little, would shut nothing, and scale nearly all.
        loudness: variance of all that the frozen network tells, over that of the branch's features, while every gate
            is open.
        open: the same in a balanced tail, where ``loudness`` is what it comes to as gates shut; not below it.
        turns: steps towards common components, see :func:`core.backbones.common_components.common_components`.
    """

    shut: float = 0.15
    sensitive: float = 0.3
    loudness: float = 2.0
    open: float = 16.0
    turns: int = STEPS

    def __post_init__(self) -> None:
        if not 0 < self.loudness < math.inf:
            raise ValueError(f"The loudness of a frozen network must be positive and finite; got {self.loudness}.")


GATING = Gating()
"""That of the shipped checkpoint."""
LEAST = 0.05
"""Spread of a number, as a share of the median one, below which it is not standardised: that these images do not have
what it tells of must not make it deafening in others."""


class GatedTail(nn.Module):
    """What a frozen network tells of a picture, and a small network on the picture itself -> features.

    What a frozen network tells cannot be unlearnt, but what in it moves can be taken out. Each component has a gate,
    1 = open, 0 = shut, and the gates are generated. At i = 0 all are open, and the features tell what the network
    tells; where a coordinate rises, the components that its axis moves most are shut (nuisance attribute projection,
    Solomonoff et al., ICASSP 2005, with a descriptor that says which nuisances). The branch sees the picture
    itself, all its weights are generated, and it can become invariant where a projection cannot.

    The features are an orthogonal mixture of both. So they have the distances of what is mixed, and a reader
    that gives every feature the same spread, as most do, leaves loud directions loud and quiet ones quiet.

    In a balanced tail the branch is the quieter the more of what the network tells is let through, so that at i = 0 it
    does not drown it, and where gates are shut it takes its place.

    Args:
        told: Q, numbers that are read of those that the network tells, from the first.
        components: C, of them that have a gate.
        branch: the network on the picture, with P features; there are C + P in all.
        balanced: whether the tail is.
    """

    centre: Tensor
    components: Tensor
    mixing: Tensor
    filling: Tensor

    def __init__(self, told: int, components: int, branch: Compact, balanced: bool = False) -> None:
        super().__init__()
        features = components + branch.features
        self.register_buffer("centre", torch.zeros(told))
        self.register_buffer("components", identity(components, told))
        self.register_buffer("mixing", identity(features, features))
        self.balanced = balanced
        if balanced:
            self.register_buffer("filling", torch.zeros(components))
        self.gates = nn.Parameter(torch.zeros(components))
        self.branch = CompactTail(branch)

    def forward(self, told: Tensor, small: Tensor) -> Tensor:
        """(N, Q) and pictures (N, 3, S, S) of the branch's size in [0, 1] -> features (N, C + P)."""
        seen = self.branch(small)
        if self.balanced:
            seen = seen * (1 - (self.filling * self.openings().square()).sum()).sqrt()
        return F.linear(torch.cat([self.known(told), seen], 1), self.mixing)

    def known(self, told: Tensor) -> Tensor:
        """The components (N, C) as the gates let them through."""
        return self.openings() * F.linear(self.read(told) - self.centre, self.components)

    def read(self, told: Tensor) -> Tensor:
        """Those that are read, (N, Q)."""
        return told[:, : len(self.centre)]

    def openings(self) -> Tensor:
        """How far each gate is open, (C,) in [0, 1]."""
        return F.hardtanh(1 + self.gates, 0.0, 1.0)

    def maps(self, told: Tensor, small: Tensor) -> dict[str, Tensor]:
        """The branch's activation maps by layer name, (N, C, H, W) each."""
        return self.branch.maps(small)


def identity(rows: int, columns: int) -> Tensor:
    """As torch's ``eye``, which on the device "meta" would import torch's compiler: seconds, before the first page."""
    made = torch.zeros(rows, columns)
    made.diagonal().fill_(1)
    return made


def random_start(tail: GatedTail) -> dict[str, Tensor]:
    """State of a tail whose gates are open and whose branch has random matrices and vectors of zeros."""
    state = tail.state_dict()
    for name, value in tail.branch.named_parameters():
        size = math.sqrt(2 / math.prod(value.shape[1:])) if value.ndim > 1 else 0.0
        state[f"branch.{name}"] = torch.randn_like(value) * size
    return state


def calibration(tail: GatedTail, told: Tensor, moved: Iterable[Tensor], gating: Gating = GATING) -> Calibration:
    """The buffers of a tail, and how far each axis shuts each gate.

    The numbers are standardised, and their C leading principal components kept. In these the axes' common principal
    components (:func:`core.backbones.common_components.common_components`) are found, which say as nearly as six
    covariances allow which direction is moved by what; shut gates take them out, and open ones leave
    the principal components as they were.

    Args:
        tail: whose sizes count.
        told: (N, Q) of N pictures as they are, or more, of which the first are read.
        moved: (N, J, Q) for each of K axes, of the same pictures moved along it alone, J >= 2 times each; none: for a
            network without a descriptor.
        gating: what is chosen.

    Raises:
        ValueError: no more pictures than components; or the tail is balanced, and louder than it is to be with gates
            open.
    """
    if tail.balanced and gating.loudness > gating.open:
        raise ValueError(f"A balanced tail's loudness is at most {gating.open}, that at open gates; got {gating}.")
    count = len(tail.components)
    if len(told) <= count:
        raise ValueError(
            f"{count} principal components need more than {count} images; got {len(told)}. "
            "Add images, or give the backbone fewer components."
        )
    told, seen = tail.read(told), [each[..., : len(tail.centre)].double() for each in moved]
    rows = torch.cat([told.double(), *(each.flatten(0, 1) for each in seen)])
    centre, spread = told.double().mean(0), told.double().std(0)
    spread = spread.clamp(min=LEAST * float(spread.median()) + 1e-12)
    axes = _leading((rows - rows.mean(0)) / spread, count) / spread
    within = torch.stack([torch.zeros_like(axes @ axes.T), *(_within(each @ axes.T) for each in seen)])[1:]
    shown = torch.cov((told.double() @ axes.T).T)
    root, inverse = _roots(shown + within.sum(0) / max(len(seen), 1))
    turn = common_components(inverse @ within @ inverse, gating.turns)
    components, back = turn.T @ inverse @ axes, root @ turn
    known = (told.double() - centre) @ components.T
    variance = (known @ back.T).var(0).sum().clamp(min=1e-12)
    back = back * (gating.loudness * (len(tail.mixing) - count) / variance).sqrt()
    mixing = _orthogonal(len(tail.mixing)).double()
    mixing[:, :count] = mixing[:, :count] @ back
    buffers = {"centre": centre, "components": components, "mixing": mixing}
    if tail.balanced:
        own = known.var(0) * back.square().sum(0)
        buffers["filling"] = (1 - gating.loudness / gating.open) * own / own.sum()
    found = Calibration({name: value.float() for name, value in buffers.items()})
    if not seen:
        return found
    moving = (turn.T @ inverse @ within @ inverse @ turn).diagonal(dim1=1, dim2=2)
    caused = moving.clamp(min=0) / (moving.clamp(min=0) + known.var(0))
    enough = (gating.shut * caused.quantile(gating.sensitive, 1, keepdim=True).clamp(min=0.01)).sqrt()
    return replace(found, shutting={"gates": (caused / enough).float()})


def _leading(values: Tensor, count: int) -> Tensor:
    """Directions (count, Q) of the largest variances of centred values (N, Q)."""
    if len(values) < values.shape[1]:
        return torch.linalg.svd(values, full_matrices=False).Vh[:count]
    variances, vectors = torch.linalg.eigh(values.T @ values)
    return vectors[:, variances.argsort(descending=True)[:count]].T


def _within(values: Tensor) -> Tensor:
    """Covariance (C, C) of draws (N, J, C) about the mean of each picture."""
    residual = (values - values.mean(1, keepdim=True)).flatten(0, 1)
    return residual.T @ residual / (len(values) * (values.shape[1] - 1))


def _roots(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """The symmetric square root of a covariance, and its inverse."""
    values, vectors = torch.linalg.eigh(matrix)
    size = values.clamp(min=1e-9 * float(values.max()) + 1e-30).sqrt()
    return (vectors * size) @ vectors.T, (vectors / size) @ vectors.T


def _orthogonal(size: int) -> Tensor:
    return nn.init.orthogonal_(torch.empty(size, size), generator=torch.Generator().manual_seed(0))
