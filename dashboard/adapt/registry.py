"""The runs of the Adapt page by their keys, whoever's they are. Knows no Streamlit."""

from __future__ import annotations

import threading

from dashboard.adapt.setup import Run
from dashboard.cache.bounded import leaves

MEMORY, BYTES = 160, 192 << 20
"""Runs that are remembered, and what their images may take unless all of them are computed."""


class Registry:
    """Runs by key. The oldest idle ones make room: first what can be worked out again, then they themselves."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()

    def get(self, key: str | None) -> Run | None:
        """The run of that key, if it is still there."""
        with self._lock:
            return self._runs.get(key or "")

    def stop(self) -> None:
        """End all that is computed: the server ends, and waits for nothing longer than a batch."""
        with self._lock:
            for run in self._runs.values():
                run.worker.stop()

    def put(self, run: Run) -> None:
        """Remember a run; the one of the same key is stopped."""
        with self._lock:
            if old := self._runs.pop(run.key, None):
                old.worker.stop()
            self._runs[run.key] = run
            idle = [key for key, other in self._runs.items() if other is not run and not other.worker.alive]
            busy = {id(other.worker.kept) for key, other in self._runs.items() if key not in idle}
            for key in idle:
                if self._bytes() <= BYTES:
                    break
                if id((worker := self._runs[key].worker).kept) not in busy:
                    worker.rest()
            for key in idle:
                if len(self._runs) <= MEMORY and self._bytes() <= BYTES:
                    break
                del self._runs[key]

    def _bytes(self) -> int:
        """Of all images; runs may share them."""
        found = (leaf for run in self._runs.values() for leaf in leaves(run.worker.kept))
        return sum({id(each): size for each, size in found}.values())


REGISTRY = Registry()
