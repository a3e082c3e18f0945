"""A certified fit, and labelled images parted at random: one half gives the prior, the other is certified."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..bounds.certificate import Certificate
from ..bounds.checks import check_count


@dataclass(frozen=True)
class CertifiedFit:
    """A descriptor (K numbers) that was chosen among ``candidates``, with the certificate of the head on it.

    ``about``: further sentences on what it is about.
    """

    descriptor: tuple[float, ...]
    candidates: int
    certificate: Certificate
    about: tuple[str, ...] = ()


def halves(count: int, seed: int, share: float = 0.5) -> tuple[Tensor, Tensor]:
    """Random, disjoint indices of the prior images (a share of all) and of the certified ones.

    Raises:
        ValueError: fewer than four images, or a share that leaves one side empty.
    """
    check_count("The number of labelled images", count, 4)
    first = round(count * share)
    if not 0 < first < count:
        raise ValueError(f"A share of {share} leaves one half of {count} images empty. Take one in (0, 1).")
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    return order[:first], order[first:]
