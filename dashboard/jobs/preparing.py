"""A task whose images go through the network's stem when they are first needed, piece by piece. Knows no Streamlit.

At 96 pixels that takes some milliseconds an image: seconds for a task, which no page may wait for. Whoever asks is told
how far it is and may stop there; what is prepared stays, for the next one who asks and for all threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from threading import Lock
from typing import Any

from core.backbones import Prepared
from core.backbones.base import joined
from core.model.amortised import AmortisedExtractor
from core.tasks import Task
from core.tasks.task import Split
from dashboard.jobs import network_pool

Heard = Callable[[int, int], None]
"""Called with the images that are prepared and all that are asked for; raises when it should stop."""

_LABELLED, _TEST = ("train", "validation"), "test"
_WAIT_S = 0.1


def unheard(_done: int, _total: int) -> None:
    """For those who wait."""


class Preparing:
    """A task and, as far as anybody has needed them, its images as a model's tail takes them.

    Args:
        model: the amortised extractor.
        task: with or without prepared images.
    """

    def __init__(self, model: AmortisedExtractor, task: Task) -> None:
        self.model, self.task = model, task
        self._now = task
        self._pieces: dict[str, list[Prepared]] = {}
        self._lock = Lock()

    @property
    def kept(self) -> Iterable[Any]:
        """What it holds."""
        return (self.task, self._now, *(tuple(pieces) for pieces in self._pieces.copy().values()))

    def labelled(self, heard: Heard = unheard) -> Task:
        """The task with its labelled images prepared, which is all that a fit looks at."""
        return self._with(_LABELLED, heard)

    def whole(self, heard: Heard = unheard) -> Task:
        """The task with all images prepared."""
        return self._with((*_LABELLED, _TEST), heard)

    def _with(self, names: tuple[str, ...], heard: Heard) -> Task:
        total = sum(len(self._split(name)) for name in names)
        while not self._lock.acquire(timeout=_WAIT_S):  # somebody else is at it, perhaps for fewer images
            heard(self._done(names), total)
        try:
            for name in names:
                self._prepare(name, lambda: heard(self._done(names), total))
            return self._now
        finally:
            self._lock.release()

    def _split(self, name: str) -> Split:
        found: Split = getattr(self._now, name)
        return found

    def _done(self, names: tuple[str, ...]) -> int:
        counts = {name: sum(map(len, self._pieces.get(name, ()))) for name in names}
        return sum(len(self._split(name)) if self._ready(name) else count for name, count in counts.items())

    def _ready(self, name: str) -> bool:
        found = self._split(name).prepared
        return found is not None and found.by == self.model.prepares

    def _prepare(self, name: str, heard: Callable[[], None]) -> None:
        split = self._split(name)
        if self._ready(name):
            return
        pieces, size = self._pieces.setdefault(name, []), network_pool.STEM_PIECE * network_pool.THREADS
        while (begun := sum(map(len, pieces))) < len(split):
            heard()
            pixels = split.at(slice(begun, begun + size)).pixels
            pieces.append(network_pool.prepared(self.model, pixels))
        ready: dict[str, Any] = {name: replace(split, prepared=joined(pieces))}
        self._now = replace(self._now, **ready)
        del self._pieces[name]


def as_preparing(model: AmortisedExtractor, task: Task | Preparing) -> Preparing:
    """A task that is prepared when it is needed, if it is not that already."""
    return task if isinstance(task, Preparing) else Preparing(model, task)
