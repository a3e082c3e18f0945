"""The threads in which networks run for the pages, at most four; each works alone.

One call that uses two threads inside makes them wait for each other at every layer, which on a busy machine takes ten
times as long (measured: 111 images in 400 ms against 45). Pieces of a batch need not wait for each other.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

import torch
from torch import Tensor

from core.backbones import Prepared
from core.backbones.base import Empty, joined
from core.model.amortised import AmortisedExtractor

T = TypeVar("T")
Piece = TypeVar("Piece")
THREADS = max(1, min(4, os.cpu_count() or 1))
STEM_PIECE = 16
"""Images through a stem at once: more do not fit a processor's caches."""

_QUIET_S = 0.15
_PATIENCE_S = 1.0
_pool = ThreadPoolExecutor(THREADS, "network", lambda: torch.set_num_threads(1))
_asked, _lock = [0.0], Lock()


def prepared(model: AmortisedExtractor, images: Tensor) -> Prepared:
    """As :meth:`core.model.amortised.AmortisedExtractor.prepare`, in all threads."""
    return joined(mapped(model.prepare, images.split(min(STEM_PIECE, _share(len(images))))))


def prepared_to_keep(model: AmortisedExtractor, images: Tensor) -> Prepared:
    """The same in half precision, for pictures that are only looked at.

    With EfficientNet-Lite0 that changes features by 2e-4 of their length, and movements by 5e-5 of the way to another
    picture. Where there is no stem it would save little: pixels stay as they are.
    """
    found = prepared(model, images)
    return found if isinstance(model.stem, Empty) else halved(found)


def halved(prepared: Prepared) -> Prepared:
    """The same in half precision, or as it is where a number is too large for that."""
    parts = tuple(part.half() if part.dtype == torch.float32 else part for part in prepared.parts)
    fits = all(bool(torch.isfinite(part).all()) for part in parts if part.dtype == torch.half)
    return Prepared(parts, prepared.by) if fits else prepared


def extracted(features: Callable[[Prepared], Tensor], images: Prepared) -> Tensor:
    """Features (N, D) of prepared images, in all threads."""
    return torch.cat(mapped(features, images.split(_share(len(images)))))


def give_way() -> None:
    """For work that nobody waits for: let pass what somebody does, but not for longer than a second."""
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < min(end, _asked[0] + _QUIET_S):
        time.sleep(_QUIET_S / 3)


def attend() -> None:
    """Somebody waits: what runs beside gives way."""
    with _lock:
        _asked[0] = time.monotonic()


def mapped(work: Callable[[Piece], T], pieces: Sequence[Piece]) -> list[T]:
    """What the work gives for each piece."""
    return list(_pool.map(work, pieces))


def _share(count: int) -> int:
    return max(1, math.ceil(count / THREADS))
