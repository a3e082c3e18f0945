"""Who computes now and who waits, when more people press Play than a computer has room for. Knows no Streamlit."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

import torch

T = TypeVar("T")


class Turns:
    """A fair queue before a few places.

    Args:
        most: who may compute at the same time.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._at: set[Hashable] = set()
        self._queue: dict[Hashable, bool] = {}
        self._begun: set[Hashable] = set()
        self._lock = Lock()

    def take(self, who: Hashable, *, patient: bool = False) -> int:
        """Ask for a turn, again and again until there is one.

        Args:
            who: asks.
            patient: it lets all others go first who are not patient themselves.

        Returns:
            0 for a turn, which lasts until it is given back; else the place in the queue, 1 for the next.
        """
        with self._lock:
            if who in self._at:
                return 0
            if self._queue.get(who) is not patient:
                self._queue.pop(who, None)
                self._queue[who] = patient
            place = sorted(self._queue, key=lambda each: (self._queue[each], each not in self._begun)).index(who) + 1
            if place > self.most - len(self._at):
                return place
            del self._queue[who]
            self._at.add(who)
            return 0

    @property
    def crowd(self) -> float:
        """How many want a turn or have one, for each that there is."""
        return (len(self._at) + len(self._queue)) / self.most

    def has(self, who: Hashable) -> bool:
        """Whether it has a turn now."""
        with self._lock:
            return who in self._at

    def give(self, who: Hashable, *, more: bool = False) -> None:
        """Give the turn back, or the place in the queue.

        Args:
            who: had it.
            more: whether it goes on with what nobody waits for. It then comes before those who have not begun: what
                they need is in memory once they begin, and must not be there for everybody at once.
        """
        with self._lock:
            self._at.discard(who)
            self._queue.pop(who, None)
            self._begun.discard(who)
            if more:
                self._queue[who] = True
                self._begun.add(who)


TURNS = Turns(max(2, min(4, os.cpu_count() or 1)))
"""Fits and their jobs that run at the same time in this process: more than there are cores did not end sooner."""

_POOL = ThreadPoolExecutor(TURNS.most, "compute", lambda: torch.set_num_threads(1))


def computed(what: Callable[[], T]) -> T:
    """What comes of something, in one of the few threads that compute, for whoever has a turn.

    A thread that has once computed keeps buffers of its own as long as it lives, and the threads of the fits
    live as long as somebody looks at their pages.
    """
    return _POOL.submit(what).result()


def _a_moment() -> None:
    time.sleep(0.1)


def in_turn(who: Hashable, what: Callable[[], T], waiting: Callable[[], None] = _a_moment) -> T:
    """What comes of something that lets all fits go first.

    Args:
        who: asks.
        what: is computed.
        waiting: called again and again until there is a turn; what it raises ends the waiting.
    """
    try:
        while TURNS.take(who, patient=True):
            waiting()
        return computed(what)
    finally:
        TURNS.give(who)
