"""How much of the right descriptor was found: every coordinate that follows from how a task was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Recovery:
    """Of one descriptor on one task.

    An axis that only disturbs is to be ignored (1), an axis that carries the answer is to be kept (0); all others the
    task leaves open, and nothing is said about them.

    Attributes:
        right: coordinates that are on the right side of 0.5.
        determined: coordinates that the task determines, at least 1.
    """

    right: int
    determined: int

    @property
    def share(self) -> float:
        """Of the determined coordinates, in [0, 1]; a coin gets 0.5."""
        return self.right / self.determined

    @property
    def whole(self) -> bool:
        """Whether all of them are right; a coin gets that with :attr:`chance`."""
        return self.right == self.determined

    @property
    def chance(self) -> float:
        """Probability that a coin for each coordinate gets all of them right."""
        return 0.5**self.determined


def recovery(descriptor: Sequence[float], known: Mapping[str, int], axes: Sequence[str]) -> Recovery | None:
    """Compare a descriptor with what is known of the right one.

    Args:
        descriptor: K numbers in [0, 1]; 0.5 is on neither side, and so not right.
        known: {axis name: 0 or 1}, see :class:`core.tasks.task.Task`.
        axes: names of the K axes.

    Returns:
        ``None`` where the task determines nothing.
    """
    if not known:
        return None
    places = ((descriptor[axes.index(name)], value) for name, value in known.items())
    return Recovery(sum(abs(place - value) < 0.5 for place, value in places), len(known))
