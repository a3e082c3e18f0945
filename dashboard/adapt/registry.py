"""The runs of the Adapt page by their keys, whoever's they are. Knows no Streamlit."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from dashboard.adapt.setup import Run
from dashboard.cache.bounded import leaves
from dashboard.jobs.fit_worker import Worker
from dashboard.jobs.memory import give_back
from dashboard.jobs.turns import TURNS

MEMORY, BYTES = 160, 48 << 20
"""Runs that are remembered, and what the images of those that nobody computes may take in memory."""
CALM_S = 5.0
"""After the last end of anything the pages are drawn anew, and let go of more."""


class Registry:
    """Runs by key. The images of idle ones make room, and where there are too many runs the oldest idle ones go."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()
        self._calm: threading.Timer | None = None

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
            for key in [key for key, other in self._runs.items() if other is not run and not other.worker.alive]:
                if len(self._runs) > MEMORY:
                    del self._runs[key]
        run.worker.idle = self.make_room
        self.make_room()

    def make_room(self) -> None:
        """Lay images of idle runs on disk, those first that nobody has looked at for longest, until there is room."""
        workers, rested = self._workers(), False
        for worker in self._let_go(workers):
            if _bytes(workers) <= BYTES:
                break
            worker.rest()
            rested = True
        if rested or not TURNS.crowd:  # not after every turn: the next one would ask the system for all of it again
            give_back()
        with self._lock:
            if self._calm:
                self._calm.cancel()
            self._calm = threading.Timer(CALM_S, self._settle)
            self._calm.daemon = True
            self._calm.start()

    def _settle(self) -> None:
        self._let_go(self._workers())
        give_back(garbage=True)

    def _let_go(self, workers: Sequence[Worker]) -> list[Worker]:
        """Whoever does not compute lets go of what it has read from disk; those, first who was not seen for longest."""
        busy = {id(worker.kept) for worker in workers if worker.computing}
        resting = sorted((each for each in workers if id(each.kept) not in busy), key=lambda each: each.looked_at)
        for worker in resting:
            worker.kept.let_go()
        return resting

    def beside(self, run: Run) -> None:
        """Have a run's images prepared while its person still reads, where those of others leave room.

        Not of a run that has ended: what goes on from it is asked for, and prepares what it needs.
        """
        if run.worker.snapshot(attend=False).adapted:
            return
        others = [each for each in self._workers() if each.kept is not run.worker.kept]
        if _bytes(others) < BYTES:
            run.worker.kept.beside()

    def _workers(self) -> list[Worker]:
        with self._lock:
            return [run.worker for run in self._runs.values()]


def _bytes(workers: Sequence[Worker]) -> int:
    """Of all images in memory; runs may share them."""
    return sum({id(each): size for worker in workers for each, size in leaves(worker.kept)}.values())


REGISTRY = Registry()
