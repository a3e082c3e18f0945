"""Other ways than measured gates in which a descriptor may act on what a pretrained network tells, for comparison."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .compact import Compact
from .efficientnet_network import INNER, POOLED, blocks, last
from .gated_tail import GatedTail, identity


class ScaledTail(GatedTail):
    """Each component in a generated loudness, which training has to find: nothing is measured, nothing bounds it.

    A shift beside it would be the same for all pictures under one descriptor, and no measure would see it.
    """

    def openings(self) -> Tensor:
        """How loud each component is, (C,)."""
        return 1 + self.gates


class TurnedTail(GatedTail):
    """The components go through a generated matrix, the identity at first plus low-rank terms that a descriptor
    switches, so that directions can be taken out which are no components."""

    def __init__(self, told: int, components: int, branch: Compact, balanced: bool = False) -> None:
        super().__init__(told, components, branch, balanced)
        del self.gates
        self.turn = nn.Parameter(identity(components, components))

    def openings(self) -> Tensor:
        """How much of each component's own loudness its direction keeps, (C,)."""
        return self.turn.diagonal()

    def known(self, told: Tensor) -> Tensor:
        """The components (N, C) after the matrix."""
        return F.linear(F.linear(self.read(told) - self.centre, self.components), self.turn)


class FixedTail(GatedTail):
    """What the network tells as it is, whatever the descriptor: the branch alone can follow it."""

    def __init__(self, told: int, components: int, branch: Compact, balanced: bool = False) -> None:
        super().__init__(told, components, branch, balanced)
        del self.gates

    def openings(self) -> Tensor:
        """All are open, (C,)."""
        return torch.ones_like(self.components[:, 0])


class BlocksTail(FixedTail):
    """The network's blocks after the tenth with generated low-rank terms, from block 10's grid on.

    They begin as they were trained, and their pooled features take the place of those that the network tells.
    Nothing else of what it tells is generated.
    """

    def __init__(self, told: int, components: int, branch: Compact, balanced: bool = False) -> None:
        super().__init__(told, components, branch, balanced)
        with torch.random.fork_rng(devices=[]):  # the branch begins as beside every other path
            self.blocks = nn.ModuleDict({str(n): block for n, block in enumerate(blocks()) if n > INNER})
            self.last = last()

    def forward(self, told: Tensor, small: Tensor, grid: Tensor) -> Tensor:  # type: ignore[override]  # one part more
        """As that of other paths, and block 10's grid (N, 112, S, S) -> features (N, C + P)."""
        for block in self.blocks.values():
            grid = block(grid)
        pooled = F.relu6(self.last(grid)).mean((2, 3))
        return super().forward(torch.cat([pooled, told[:, POOLED:]], 1), small)

    def maps(self, told: Tensor, small: Tensor, grid: Tensor) -> dict[str, Tensor]:  # type: ignore[override]
        """The branch's."""
        return super().maps(told, small)


PATHS: dict[str, type[GatedTail]] = {
    "gates": GatedTail,
    "scale": ScaledTail,
    "matrix": TurnedTail,
    "fixed": FixedTail,
    "blocks": BlocksTail,
}
"""By the name that a backbone's ``path`` gives; only those of the first are measured."""
