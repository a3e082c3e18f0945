"""Random, disjoint sets of indices."""

from __future__ import annotations

import torch
from torch import Tensor


def split(count: int, parts: tuple[int, ...], seed: int) -> list[Tensor]:
    """Disjoint random index sets of the given sizes from ``range(count)``.

    Raises:
        ValueError: more asked for than there is.
    """
    if sum(parts) > count:
        raise ValueError(f"{sum(parts)} images are needed, {count} are there. Add images or ask for fewer.")
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    return list(order[: sum(parts)].split(list(parts)))
