"""Certificates that take minutes: networks, one comparison at a time. Knows no Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.certificates.feature_bank import Row
from dashboard.jobs.background import Progress, Stream

Key = tuple[str, int, int, str]
"""Task, seed, number of labels, prior."""


class Comparisons:
    """The comparisons of one session."""

    def __init__(self) -> None:
        self._jobs: dict[Key, Stream[Row]] = {}

    def start(self, key: Key, title: str, make: Callable[[Progress], Iterator[Row]], total: int) -> None:
        """Start one; others stop, because they would share the cores."""
        self.cancel()
        self._jobs[key] = Stream(title, make, total)

    def get(self, key: Key) -> Stream[Row] | None:
        """The comparison of that key, if there is one."""
        return self._jobs.get(key)

    def running(self) -> Stream[Row] | None:
        """The one that is not finished."""
        return next((job for job in self._jobs.values() if job.running), None)

    def cancel(self) -> None:
        """Stop the work; what is there stays."""
        if job := self.running():
            job.cancel()
