"""Certificates that take minutes: networks, in a thread of their own. Knows no Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event, Lock, Thread

from core.bounds.rows import Row

Progress = Callable[[str, float], None]
Make = Callable[[Progress], Iterator[Row]]
Key = tuple[str, int, int, str]
"""Task, seed, number of labels, prior."""


class Cancelled(RuntimeError):
    """Raised inside the work, at its next batch of images."""


class Comparison:
    """Rows that come one by one.

    Args:
        title: what is being done.
        make: starts the work; called in the thread with a function of (what, share done) that may raise.
        total: how many rows there will be.
    """

    def __init__(self, title: str, make: Make, total: int) -> None:
        self.title, self.total, self.problem, self.text = title, total, "", "starting"
        self._share = 0.0
        self._rows: list[Row] = []
        self._lock, self._stop = Lock(), Event()
        self._thread = Thread(target=self._work, args=(make,), name="certificates", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Neither finished, nor failed, nor cancelled."""
        return self._thread.is_alive()

    @property
    def share(self) -> float:
        """Of the work that is done."""
        with self._lock:
            return min((len(self._rows) + self._share) / self.total, 1.0)

    def rows(self) -> tuple[Row, ...]:
        """What is there so far."""
        with self._lock:
            return tuple(self._rows)

    def cancel(self) -> None:
        """Stop at the next batch of images; rows that are there stay."""
        self._stop.set()
        self._thread.join(10)

    def _heard(self, text: str, share: float) -> None:
        if self._stop.is_set():
            raise Cancelled
        with self._lock:
            self.text, self._share = text, share

    def _work(self, make: Make) -> None:
        try:
            for row in make(self._heard):
                with self._lock:
                    self._rows.append(row)
                    self._share = 0.0
        except Cancelled:
            self.problem = "stopped; what was found so far is shown."
        except (ValueError, RuntimeError) as error:  # for the person: the thread has nobody to tell
            self.problem = str(error)


class Ledger:
    """The comparisons of one session."""

    def __init__(self) -> None:
        self._jobs: dict[Key, Comparison] = {}

    def start(self, key: Key, title: str, make: Make, total: int) -> None:
        """Start one; others stop, because they would share the cores."""
        self.cancel()
        self._jobs[key] = Comparison(title, make, total)

    def get(self, key: Key) -> Comparison | None:
        """The comparison of that key, if there is one."""
        return self._jobs.get(key)

    def running(self) -> Comparison | None:
        """The one that is not finished."""
        return next((job for job in self._jobs.values() if job.running), None)

    def cancel(self) -> None:
        """Stop the work; what is there stays."""
        if job := self.running():
            job.cancel()
