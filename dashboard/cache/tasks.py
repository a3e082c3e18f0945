"""Tasks, drawn once, with as many images prepared as somebody has needed so far, whoever fits or measures them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from weakref import WeakValueDictionary

from core.model.amortised import AmortisedExtractor
from core.tasks import TaskSource
from dashboard.cache.bounded import Bounded
from dashboard.jobs.preparing import Preparing

_tasks = Bounded(48 << 20)
_in_use: WeakValueDictionary[tuple[Any, ...], Preparing] = WeakValueDictionary()
"""Those that a run still holds are shared for as long."""
_DRAWING = ThreadPoolExecutor(1, "drawing")
"""One at a time: a task is moved as floats, in four times the room of its bytes, and a class chooses all at once."""


def task(model: AmortisedExtractor, source: TaskSource, count: int, seed: int) -> Preparing:
    """A task of so many labelled images of the size that the model sees; all models on one stem share it.

    Raises:
        ValueError: the source cannot draw it.
    """
    key = (model.prepares, model.input_size, source.name, source.digest, count, seed)

    def make() -> Preparing:
        found = _in_use.get(key) or Preparing(model, _DRAWING.submit(source.draw, count, seed).result())
        _in_use[key] = found
        return found

    return _tasks.get(key, make)


def with_shots(model: AmortisedExtractor, source: TaskSource, shots: int, seed: int) -> Preparing:
    """The same with ``shots`` labelled images of each class; see :meth:`core.tasks.TaskSource.with_shots`."""
    return task(model, source, source.labels_of(shots), seed)
