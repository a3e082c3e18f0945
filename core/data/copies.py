"""Copies and near copies of pictures: which images show the same picture, so that each counts once.

Exact copies have the same pixels once decoded, whatever their files are called or how they were compressed. Near
copies were saved again: smaller, compressed, a little brighter. Two ways to find them, after brightness and contrast
have been fitted to each other, because each is blind where the other sees:

- *Alike*: thumbnails differ by little, and in no place by more.
- *Alike but for grain*: a perceptual hash agrees (the signs of the 16 x 16 lowest frequencies of the cosine transform
  against their median: Zauner, *Implementation and benchmarking of perceptual image hash functions*, 2010, section
  3.2; the package ImageHash), and thumbnails differ evenly, as compression makes them differ, and not in one place, as
  another number on the same sign does.

Two photographs of the same thing are not copies: nothing here could tell those.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields

import imagehash
import numpy as np
import torch
from PIL import Image
from torch import Tensor

LITTLE, PLACE = 0.08, 0.25
"""Of the contrast: how much thumbnails may differ (root mean square), and in a sixteenth of a side at most."""

MOST_BITS, GRAIN, EVENLY = 24, 0.3, 5.0
"""Bits of 256 of the hash that may differ; how much the thumbnails may differ then, as a share of the contrast; and how
many times as much in a single pixel."""

GAIN, COLOUR, PATCH = 1.34, 5.0, 14.0
"""Contrast of one over that of the other; difference of colours in a 4 x 4 grid, of 255, in the mean and in a patch."""

_SIDE, _BITS, _BLOCK, _PAIRS = 32, 16, 128, 1024
_WORTH_A_LOOK = 0.97  # correlation of coarse thumbnails; where LITTLE holds, it is higher unless nearly all is grain
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


@dataclass(frozen=True)
class Mark:
    """What tells one picture from others.

    Attributes:
        digest: of the decoded pixels.
        grey: (1024,) a thumbnail, of 255. colours: (48,) means over a 4 x 4 grid, of 255.
        bits: (256,) of the hash.
    """

    digest: bytes
    grey: np.ndarray
    colours: np.ndarray
    bits: np.ndarray

    @classmethod
    def of(cls, picture: Image.Image) -> Mark:
        """The mark of an upright RGB image; of its central square, which is all that a fit sees."""
        digest = hashlib.sha256(f"{picture.size}".encode() + picture.tobytes()).digest()
        short = min(picture.size)
        # To fractions of a pixel: the middle of a copy of half the size lies half a pixel off where a side is odd.
        left, top = (picture.width - short) / 2, (picture.height - short) / 2
        box = (left, top, left + short, top + short)
        square, small = (picture.resize((n, n), Image.Resampling.BILINEAR, box) for n in (2 * _SIDE, _SIDE))
        pixels = np.asarray(small, np.float32)
        bits = imagehash.phash(square, hash_size=_BITS).hash.reshape(-1)
        colours = pixels.reshape(4, _SIDE // 4, 4, _SIDE // 4, 3).mean((1, 3))
        return cls(digest, (pixels @ _LUMA).reshape(-1), colours.reshape(-1), bits)


def exact_groups(marks: Sequence[Mark]) -> Tensor:
    """(N,) int64: equal numbers for exact copies, counted from 0 in the order in which pictures come."""
    numbers: dict[bytes, int] = {}
    return torch.tensor([numbers.setdefault(mark.digest, len(numbers)) for mark in marks], dtype=torch.int64)


def near_groups(marks: Sequence[Mark]) -> Tensor:
    """(N,) int64: equal numbers for exact and near copies.

    Each picture joins the first one that it is a copy of and that has joined no other, so that a chain of small
    differences, as in a film, does not become one group.
    """
    groups = exact_groups(marks).numpy()
    first = np.unique(groups, return_index=True)[1]
    many = _Many.of([marks[place] for place in first])
    joined = np.arange(len(first))
    heads = np.zeros(0, np.int64)
    for begin in range(0, len(first), _BLOCK):
        rows = np.arange(begin, min(begin + _BLOCK, len(first)))
        known = _alike(many.at(rows), many.at(heads))
        taken = known.any(1)
        joined[rows[taken]] = heads[known[taken].argmax(1)] if len(heads) else 0
        free = rows[~taken]
        among = _alike(many.at(free), many.at(free))
        left = np.ones(len(free), bool)
        for place in range(len(free)):
            if left[place]:
                own = among[place] & left
                own[: place + 1] = False
                joined[free[own]], left[own] = free[place], False
        heads = np.concatenate([heads, free[left]])
    return torch.from_numpy(np.unique(joined[groups], return_inverse=True)[1])


@dataclass(frozen=True)
class _Many:
    """Marks as tables, a row each.

    Attributes:
        grey: (N, 1024) thumbnails without their ``mean`` (N, 1).
        coarse: (N, 256) of half the side, of length 1: a quarter of the work for pairs that have nothing in common.
        signs: (N, 256) of the hash, -1 or 1. colours: (N, 48).
    """

    grey: Tensor
    mean: Tensor
    coarse: Tensor
    signs: Tensor
    colours: Tensor

    @classmethod
    def of(cls, marks: Sequence[Mark]) -> _Many:
        """The tables of some marks."""
        grey, bits, colours = (
            torch.from_numpy(np.stack([getattr(mark, name) for mark in marks])).float()
            for name in ("grey", "bits", "colours")
        )
        mean = grey.mean(1, keepdim=True)
        grey = grey - mean
        coarse = grey.view(-1, _SIDE // 2, 2, _SIDE // 2, 2).mean((2, 4)).flatten(1)
        coarse = coarse / coarse.norm(dim=1, keepdim=True).clamp(min=1e-6)
        return cls(grey, mean, coarse, 2 * bits - 1, colours)

    def at(self, rows: np.ndarray) -> _Many:
        """Some of the rows."""
        return _Many(*(getattr(self, each.name)[torch.from_numpy(rows)] for each in fields(self)))


def _alike(ones: _Many, others: _Many) -> np.ndarray:
    """(n, m) bool: whether a row of the first and a row of the second table are copies of each other."""
    found = np.zeros((len(ones.grey), len(others.grey)), bool)
    bits = (ones.signs.shape[1] - ones.signs @ others.signs.T) / 2
    one, other = torch.where((ones.coarse @ others.coarse.T >= _WORTH_A_LOOK) | (bits <= MOST_BITS))
    for pair in zip(one.split(_PAIRS), other.split(_PAIRS), strict=True):
        found[pair] = _copies(ones, others, *pair, bits)
    return found


def _copies(ones: _Many, others: _Many, one: Tensor, other: Tensor, bits: Tensor) -> Tensor:
    a, b = ones.grey[one], others.grey[other]
    gain = (a * b).sum(1, keepdim=True) / a.square().sum(1, keepdim=True).clamp(min=1e-6)
    contrast = (gain * a).square().mean(1).sqrt().clamp(min=1e-3)
    left = (b - gain * a).abs() / contrast[:, None]
    little = left.square().mean(1).sqrt()
    signed = ((b - gain * a) / contrast[:, None]).view(-1, _SIDE // 2, 2, _SIDE // 2, 2)
    place = signed.mean((2, 4)).abs().flatten(1).amax(1)
    colours = (others.colours[other] - others.mean[other] - gain * (ones.colours[one] - ones.mean[one])).abs()
    same = (gain[:, 0] < GAIN) & (gain[:, 0] > 1 / GAIN) & (colours.mean(1) <= COLOUR) & (colours.amax(1) <= PATCH)
    alike = (little <= LITTLE) & (place <= PLACE)
    grain = (bits[one, other] <= MOST_BITS) & (little <= GRAIN) & (left.amax(1) <= EVENLY * little)
    return same & (alike | grain)
