"""Memory that is free goes back to the system: a fit's tensors come and go, and the C library keeps the room."""

from __future__ import annotations

import ctypes
import ctypes.util
import gc
from collections.abc import Callable
from functools import lru_cache


@lru_cache(1)
def _trim() -> Callable[[int], int] | None:
    """glibc's own; other systems give memory back by themselves or not at all."""
    name = ctypes.util.find_library("c")
    found = getattr(ctypes.CDLL(name), "malloc_trim", None) if name else None
    return found if callable(found) else None


def give_back(*, garbage: bool = False) -> None:
    """Give what is free back: a few hundred MB after eight fits side by side.

    Args:
        garbage: look for garbage first, which holds up everybody for some tenths of a second.
    """
    if garbage:
        gc.collect()
    if trim := _trim():
        trim(0)
