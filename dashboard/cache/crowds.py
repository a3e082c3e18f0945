"""Other pictures for the bands: over a thousand images, which a thread prepares beside the page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Lock

from core.inspect.background import Crowd
from dashboard.jobs import network_pool
from dashboard.jobs.background import Progress, Stream

GRACE_S = 10.0
"""After so long without a question nobody waits for the bands any more."""


class LiveCrowd(Crowd):
    """A crowd that is filled beside the page while somebody asks for it."""

    _filling: Stream[int] | None = None
    _until = 0.0
    _start = Lock()

    def fill_beside(self, grace: float = GRACE_S) -> None:
        """Go on preparing, unless all is prepared or that goes on already."""
        with self._start:
            self._until = time.monotonic() + grace
            if self.ready < self.total and not (self._filling and self._filling.running):
                self._filling = Stream("Preparing the other pictures", self._filled, self.total)

    @property
    def waiting(self) -> str:
        """How far it is, as a sentence, or "" when all is there."""
        if self.ready >= self.total:
            return ""
        if self._filling and self._filling.problem:
            return self._filling.problem
        return f"Preparing the other pictures, {self.ready:,} of {self.total:,} …"

    def _filled(self, _: Progress) -> Iterator[int]:
        for number in self.fill():
            if time.monotonic() > self._until:
                return
            yield number
            network_pool.give_way()
