"""Copies and near copies of pictures: which images show the same picture, so that each counts once.

Exact copies have the same pixels once decoded, whatever their files are called or how they were compressed. Near
copies are found by a perceptual hash: the signs of the 16 x 16 lowest frequencies of the cosine transform against
their median (Zauner, *Implementation and benchmarking of perceptual image hash functions*, 2010, section 3.2; the
package ImageHash), with colours and contrast compared beside it, which the hash does not see. Two photographs of the
same thing are not copies: a hash cannot tell those.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import imagehash
import numpy as np
import torch
from PIL import Image, ImageStat
from torch import Tensor

from .decode import central_square

MOST_BITS = 24
"""Of 256 that may differ. JPEG at quality 50 or half the size changes fewer in 98 of 100 photographs of
128 pixels; between different photographs more than 40 differ."""

MOST_COLOUR, MOST_CONTRAST, LEAST_CONTRAST = 12.0, 1.25, 4.0
"""Mean difference of colours in a 4 x 4 grid, of 255; ratio of the contrasts; and the contrast (standard deviation
of brightness, of 255) below which there is nothing that a hash could tell."""

_SIDE, _GRID = 16, 4
_BLOCK = 2048


@dataclass(frozen=True)
class Mark:
    """What tells one picture from others.

    Attributes:
        digest: of the decoded pixels.
        bits: (256,) of the hash. colours: (48,) means over a 4 x 4 grid, of 255. contrast: of 255.
    """

    digest: bytes
    bits: np.ndarray
    colours: np.ndarray
    contrast: float

    @classmethod
    def of(cls, picture: Image.Image) -> Mark:
        """The mark of an upright RGB image; of its central square, which is all that a fit sees."""
        square = Image.fromarray(central_square(picture, 64).transpose(1, 2, 0))
        digest = hashlib.sha256(f"{picture.size}".encode() + picture.tobytes()).digest()
        colours = np.asarray(square.resize((_GRID, _GRID), Image.Resampling.BOX), np.float32).reshape(-1)
        bits = imagehash.phash(square, hash_size=_SIDE, highfreq_factor=4).hash.reshape(-1)
        return cls(digest, bits, colours, ImageStat.Stat(square.convert("L")).stddev[0])


def exact_groups(marks: Sequence[Mark]) -> Tensor:
    """(N,) int64: equal numbers for exact copies, counted from 0 in the order in which pictures come."""
    numbers: dict[bytes, int] = {}
    return torch.tensor([numbers.setdefault(mark.digest, len(numbers)) for mark in marks], dtype=torch.int64)


def near_groups(marks: Sequence[Mark]) -> Tensor:
    """(N,) int64: equal numbers for exact and near copies.

    Each picture joins the first one that it is a copy of and that has joined no other, so that a chain of small
    differences, as in a film, does not become one group.
    """
    groups = exact_groups(marks)
    first = _first_of_each(groups)
    partners = _near([marks[place] for place in first.tolist()])
    heads = list(range(len(first)))
    for one, other in partners:  # sorted: the first of a pair has its head already
        if heads[one] == one and heads[other] == other:
            heads[other] = one
    joined = torch.tensor(heads)[groups]
    return torch.unique(joined, return_inverse=True)[1]


def _first_of_each(groups: Tensor) -> Tensor:
    seen: dict[int, int] = {}
    for place, group in enumerate(groups.tolist()):
        seen.setdefault(group, place)
    return torch.tensor(list(seen.values()), dtype=torch.int64)


def _near(marks: Sequence[Mark]) -> list[tuple[int, int]]:
    """Pairs (i, j), i < j, of near copies, sorted."""
    contrast = torch.tensor([mark.contrast for mark in marks])
    rich = torch.where(contrast >= LEAST_CONTRAST)[0]
    if len(rich) < 2:
        return []
    signs = torch.from_numpy(np.stack([marks[place].bits for place in rich.tolist()])).float() * 2 - 1
    colours = torch.from_numpy(np.stack([marks[place].colours for place in rich.tolist()]))
    found: list[tuple[int, int]] = []
    for begin in range(0, len(rich), _BLOCK):
        differing = (signs.shape[1] - signs[begin : begin + _BLOCK] @ signs.T) / 2
        one, other = torch.where(differing <= MOST_BITS)
        one = one + begin
        one, other = one[one < other], other[one < other]
        alike = (colours[one] - colours[other]).abs().mean(1) <= MOST_COLOUR
        ratio = contrast[rich[one]] / contrast[rich[other]]
        alike &= (ratio <= MOST_CONTRAST) & (ratio >= 1 / MOST_CONTRAST)
        found += zip(rich[one[alike]].tolist(), rich[other[alike]].tolist(), strict=True)
    return sorted(found)
