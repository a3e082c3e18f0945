"""Results that are kept up to a number of bytes: pictures and what a network's stem makes of them differ a lot in size.

Streamlit's own cache counts entries. What is kept here is worked out once, also where several threads ask at the same
time, and what was used longest ago goes first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar

import numpy as np
from torch import Tensor

from dashboard.cache.keys import KEYS

P = ParamSpec("P")
T = TypeVar("T")


class Bounded:
    """Values by key.

    Args:
        most: bytes of all values together; one that is larger alone is kept until the next comes. What several values
            share counts once, and a value that grows counts as large as it is when the next one comes.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[Any, Any] = OrderedDict()
        self._making: dict[Any, Lock] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes(self) -> int:
        """Of all that is kept."""
        with self._lock:
            return self._total()

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """The value of a key, made if there is none; whoever asks meanwhile waits for it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            making = self._making.setdefault(key, Lock())
        with making:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            try:
                value = make()
                self.put(key, value)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return value

    def find(self, key: Any) -> Any:
        """The value of a key, or ``None``."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Any, value: Any) -> None:
        """Keep a value, and forget those that were used longest ago if there are too many."""
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > 1 and self._total() > self.most:
                self._kept.popitem(last=False)

    def _total(self) -> int:
        return sum({id(leaf): size for value in self._kept.values() for leaf, size in leaves(value)}.values())


def leaves(value: Any) -> Iterator[tuple[Any, int]]:
    """Tensors, arrays and texts in a value with their bytes, however deep; also in what an object calls ``kept``."""
    if isinstance(value, Tensor | np.ndarray):
        yield value, value.nbytes
    elif isinstance(value, str | bytes):
        yield value, len(value)
    elif isinstance(value, Mapping):
        yield from leaves(tuple(value.values()))
    elif isinstance(value, Iterable):
        for each in value:
            yield from leaves(each)
    elif is_dataclass(value):
        yield from leaves(vars(value))
    elif hasattr(value, "kept"):
        yield from leaves(value.kept)


def bounded(megabytes: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep what a function returns, up to a size; arguments are identified as :data:`dashboard.cache.keys.KEYS` says.

    Arguments whose names begin with an underscore do not count, as in Streamlit's cache.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        kept = Bounded(megabytes << 20)
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
        counted = [place for place, name in enumerate(names) if not name.startswith("_")]

        @wraps(function)
        def found(*args: P.args, **kwargs: P.kwargs) -> T:
            key = tuple(identity(args[place]) for place in counted)
            return kept.get(key, lambda: function(*args, **kwargs))

        found.__dict__["kept"] = kept
        return found

    return decorate


def identity(value: Any) -> Any:
    """What stands for an argument in a key."""
    known = next((KEYS[kind] for kind in KEYS if isinstance(value, kind)), None)
    return value if known is None else known(value)
