"""Results that come one by one from a thread, beside the page. Knows no Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

from dashboard.jobs.errors import told

T = TypeVar("T")
Progress = Callable[[str, float], None]
"""Called in the thread with what is being done and the share of the present result; raises when it should stop."""


class Cancelled(RuntimeError):
    """Raised inside the work where it tells how far it is."""


class Stream(Generic[T]):
    """Work in a thread of its own.

    Args:
        title: what is being done.
        make: starts the work; called in the thread. Work whose results take long tells how far it is.
        total: how many results there will be; 0 if nobody knows.
        idle: called in its thread when it has ended: somebody else may need the room.
    """

    def __init__(
        self,
        title: str,
        make: Callable[[Progress], Iterator[T]],
        total: int,
        idle: Callable[[], None] = lambda: None,
    ) -> None:
        self.title, self.total, self.problem = title, total, ""
        self._idle = idle
        self._found: list[T] = []
        self._said, self._share = "", 0.0
        self._lock, self._stop = Lock(), Event()
        self._thread = Thread(target=self._work, args=(make,), name=title, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Neither finished, nor failed, nor cancelled."""
        return self._thread.is_alive()

    @property
    def share(self) -> float:
        """Of the work that is done, in [0, 1]."""
        with self._lock:
            return min((len(self._found) + self._share) / self.total, 1.0) if self.total else 0.0

    @property
    def text(self) -> str:
        """How far it is."""
        with self._lock:
            count = len(self._found)
            return self._said or (f"{count} of {self.total}" if self.total else f"step {count}")

    @property
    def said(self) -> str:
        """What the work itself says it does, or ""."""
        with self._lock:
            return self._said

    def found(self) -> tuple[T, ...]:
        """What is there so far."""
        with self._lock:
            return tuple(self._found)

    def leave(self) -> None:
        """Nobody wants it any more: as :meth:`cancel`, without waiting for its end."""
        self._stop.set()

    def cancel(self) -> None:
        """Stop after the next result, or where the work tells how far it is; results that are there stay."""
        self._stop.set()
        self._thread.join(10)

    def _heard(self, text: str, share: float) -> None:
        if self._stop.is_set():
            raise Cancelled
        with self._lock:
            self._said, self._share = text, share

    def _work(self, make: Callable[[Progress], Iterator[T]]) -> None:
        try:
            for result in make(self._heard):
                if self._stop.is_set():
                    raise Cancelled
                with self._lock:
                    self._found.append(result)
                    self._share = 0.0
        except Cancelled:
            self.problem = "stopped; what was found so far is shown." if self.found() else "stopped."
        except Exception as error:
            self.problem = told(error)
        self._idle()
