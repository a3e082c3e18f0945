"""Pictures of a task that go through the stem in a thread: how far it is, stopping, sharing, and reading meanwhile."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from torch import Tensor

from core import AmortisedExtractor
from core.adaptation import Settings
from core.backbones import Prepared
from core.tasks import Task
from dashboard.jobs import network_pool
from dashboard.jobs.fit_worker import Worker
from dashboard.jobs.preparing import Preparing
from tests.core.samples import Blinds, blind_task
from tests.dashboard.harness import SECONDS, until


@pytest.fixture
def task() -> Task:
    return blind_task(2)


class Gate:
    """Preparing that waits at every piece until it is let through."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.through, prepared = threading.Semaphore(0), network_pool.prepared
        self.reached = threading.Event()
        self.sizes: list[int] = []

        def held(model: AmortisedExtractor, images: Tensor) -> Prepared:
            if not isinstance(model, Blinds):  # of a page that another test has left
                return prepared(model, images)
            self.reached.set()
            assert self.through.acquire(timeout=SECONDS)
            self.sizes.append(len(images))
            return prepared(model, images)

        monkeypatch.setattr(network_pool, "prepared", held)
        monkeypatch.setattr(network_pool, "STEM_PIECE", 16)
        monkeypatch.setattr(network_pool, "THREADS", 1)


def test_pictures_are_prepared_in_the_thread_which_says_how_far_it_is(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    worker = Worker(Blinds(), task, Settings(steps=3))  # and the page has not waited
    assert worker.snapshot().descriptor == (0.5,) * 6 and not gate.sizes
    worker.play()
    until(worker, lambda s: s.busy == "preparing pictures, 0 of 80")
    gate.through.release(2)
    until(worker, lambda s: s.busy == "preparing pictures, 32 of 80")
    gate.through.release(3)
    until(worker, lambda s: len(s.steps) == 3 and s.busy == "preparing pictures, 80 of 160")
    gate.through.release(5)
    until(worker, lambda s: s.status == "done" and not s.busy)
    assert sum(gate.sizes) == 160, "the test images come last, for the final score"
    worker.rewind()
    worker.baseline("oracle")
    worker.play()
    until(worker, lambda s: s.status == "done" and len(s.outcomes) == 3)
    assert sum(gate.sizes) == 160, "each picture is prepared once"
    worker.stop()


def test_preparing_ends_at_the_next_piece_and_goes_on_from_there(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    worker = Worker(Blinds(), task, Settings(steps=3))
    worker.play()
    until(worker, lambda s: bool(s.busy))
    worker.stop()
    assert worker.snapshot().status == "stopped" and not worker.snapshot().busy
    gate.through.release()
    time.sleep(0.1)
    assert len(gate.sizes) == 1 and not worker.snapshot().busy and not worker.snapshot().steps
    worker.rewind()
    worker.play()
    until(worker, lambda s: s.busy == "preparing pictures, 16 of 80")
    gate.through.release(20)
    assert len(until(worker, lambda s: s.status == "done").steps) == 3
    worker.stop()


def test_two_who_need_the_same_pictures_prepare_them_once(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, pictures = Gate(monkeypatch), Preparing(Blinds(), task)
    workers = [Worker(pictures.model, pictures, Settings(steps=2)) for _ in range(2)]
    for worker in workers:
        worker.play()
        until(worker, lambda s: bool(s.busy))
    gate.through.release(20)
    for worker in workers:
        until(worker, lambda s: s.status == "done" and not s.busy)
        worker.stop()
    assert sum(gate.sizes) == 160


def test_a_page_that_is_read_has_the_pictures_prepared_meanwhile(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, pictures = Gate(monkeypatch), Preparing(Blinds(), task)
    pictures.beside()
    assert gate.reached.wait(SECONDS)
    begun = time.monotonic()
    pictures.beside()
    assert time.monotonic() - begun < SECONDS / 2, "the page does not wait for the piece that is being prepared"
    gate.through.release(3)
    worker = Worker(pictures.model, pictures, Settings(steps=2))
    assert not worker.alive, "which is no work of a fit"
    worker.play()
    gate.through.release(20)
    until(worker, lambda s: s.status == "done" and not s.busy)
    assert sum(gate.sizes) == 160
    worker.stop()


def test_too_few_labels_are_refused_before_anything_is_prepared(task: Task) -> None:
    with pytest.raises(ValueError, match="are too few to fit"):
        Worker(Blinds(), replace(task, validation=task.validation.at(slice(0, 1))), Settings())
