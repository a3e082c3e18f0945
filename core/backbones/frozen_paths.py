"""Other ways than measured gates in which a descriptor may act on what a frozen network tells, for comparison."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .compact import Compact
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


PATHS: dict[str, type[GatedTail]] = {"gates": GatedTail, "scale": ScaledTail, "matrix": TurnedTail, "fixed": FixedTail}
"""By the name that a backbone's ``path`` gives; only those of the first are measured."""
