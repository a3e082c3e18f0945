"""A task whose images go through the network's stem when they are first needed, piece by piece. Knows no Streamlit.

At 96 pixels that takes some milliseconds an image: seconds for a task, which no page may wait for. Whoever asks is told
how far it is and may stop there; what is prepared stays, for the next one who asks and for all threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from threading import Lock, Thread
from typing import Any

from core.backbones import Prepared
from core.backbones.base import joined
from core.baselines import Stopped
from core.model.amortised import AmortisedExtractor
from core.tasks import Task
from core.tasks.task import Split
from dashboard.jobs import network_pool
from dashboard.jobs.memory import give_back
from dashboard.jobs.on_disk import OnDisk
from dashboard.jobs.turns import TURNS

Heard = Callable[[int, int], None]
"""Called with the images that are prepared and all that are asked for; raises when it should stop."""

_LABELLED, _TEST = ("train", "validation"), "test"
_BESIDE_S = 15.0


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
        self._disk: OnDisk | None = None
        self._pieces: dict[str, list[Prepared]] = {}
        self._lock, self._beginning = Lock(), Lock()
        self._beside: Thread | None = None

    @property
    def kept(self) -> Iterable[Any]:
        """What it holds in memory."""
        now, pieces = self._now, self._pieces.copy()
        prepared = tuple(split.prepared for split in (now.train, now.validation, now.test) if split.prepared)
        return (prepared, pieces) if self._disk else (self.task, prepared, pieces)

    def labelled(self, heard: Heard = unheard) -> Task:
        """The task with its labelled images prepared, which is all that a fit looks at."""
        return self._with(_LABELLED, heard)

    def whole(self, heard: Heard = unheard) -> Task:
        """The task with all images prepared."""
        return self._with((*_LABELLED, _TEST), heard)

    def rest(self) -> None:
        """Give the room of all images back: they wait on disk, and who needs them next has them prepared anew.

        Where the disk has no room, they stay as they are.
        """
        with self._lock:
            if not self._disk:
                with suppress(OSError):
                    self._disk = OnDisk(self.task)
                    self.task = self._disk.task
            self._now, self._pieces = self.task, {}
        self.let_go()

    def let_go(self) -> None:
        """What was read from disk is read anew when it is needed next."""
        if self._disk:
            self._disk.let_go()

    def beside(self) -> None:
        """Prepare all images in a thread of its own that gives way to others, as far as it comes in some seconds.

        It ends where more want to compute than can: what is prepared for later would take their time, and room.
        """
        end = time.monotonic() + _BESIDE_S

        def heard(_done: int, _total: int) -> None:
            network_pool.give_way()
            if time.monotonic() > end or TURNS.crowd > 1:
                raise Stopped

        def work() -> None:
            with suppress(Stopped):
                self.whole(heard)
            give_back()

        with self._beginning:  # not the other one: a page that asks must not wait until a piece is prepared
            if self._beside is None or not self._beside.is_alive():
                self._beside = Thread(target=work, name="preparing", daemon=True)
                self._beside.start()

    def _with(self, names: tuple[str, ...], heard: Heard) -> Task:
        total = sum(len(self._split(name)) for name in names)
        while True:
            now = (
                self._now
            )  # by the time it is looked through, another thread may have prepared more, or put it to rest
            if not (missing := [name for name in names if not self._ready(getattr(now, name))]):
                return now
            heard(sum(map(self._done, names)), total)
            with self._lock:
                self._prepare(missing[0])

    def _split(self, name: str) -> Split:
        found: Split = getattr(self._now, name)
        return found

    def _done(self, name: str) -> int:
        split = self._split(name)
        return len(split) if self._ready(split) else sum(map(len, self._pieces.get(name, ())))

    def _ready(self, split: Split) -> bool:
        found = split.prepared
        return found is not None and found.by == self.model.prepares

    def _prepare(self, name: str) -> None:
        """The next piece of a split, unless somebody else has prepared the last one."""
        split = self._split(name)
        if self._ready(split):
            return
        pieces, size = self._pieces.setdefault(name, []), network_pool.STEM_PIECE * network_pool.THREADS
        begun = sum(map(len, pieces))
        if begun < len(split):
            pieces.append(network_pool.prepared(self.model, split.at(slice(begun, begun + size)).pixels))
        if begun + size >= len(split):
            ready: dict[str, Any] = {name: replace(split, prepared=joined(pieces))}
            self._now = replace(self._now, **ready)
            del self._pieces[name]


def as_preparing(model: AmortisedExtractor, task: Task | Preparing) -> Preparing:
    """A task that is prepared when it is needed, if it is not that already."""
    return task if isinstance(task, Preparing) else Preparing(model, task)
