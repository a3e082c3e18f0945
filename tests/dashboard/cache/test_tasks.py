"""Tasks that many ask for: each is drawn once, one at a time, and a sentence about one reaches who has asked."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import pytest

from core.tasks import Task, TaskSource
from dashboard.cache.tasks import task
from tests.core.samples import Blinds, blind_task


class Drawer:
    """Draws tasks, and knows how many it has drawn and how many at the same time."""

    def __init__(self) -> None:
        self.drawn, self.now, self.most = 0, 0, 0
        self._lock = Lock()

    def __call__(self, count: int, seed: int) -> Task:
        with self._lock:
            self.drawn, self.now = self.drawn + 1, self.now + 1
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        with self._lock:
            self.now -= 1
        return blind_task(0, count=count, seed=seed)


def test_a_class_draws_its_tasks_one_at_a_time() -> None:
    drawer, together = Drawer(), Barrier(8)
    sources = [TaskSource(f"drawn {number}", "", drawer, ("low", "high")) for number in range(4)]

    def ask(number: int) -> Task:
        together.wait()
        return task(Blinds(), sources[number % 4], 40, 0).task

    with ThreadPoolExecutor(8) as pages:
        found = list(pages.map(ask, range(8)))
    assert drawer.most == 1
    assert drawer.drawn == 4 and all(found[number] is found[number + 4] for number in range(4))


def test_why_a_task_cannot_be_drawn_is_told_and_the_next_one_is_drawn() -> None:
    def refuse(_count: int, _seed: int) -> Task:
        raise ValueError("Two images are too few.")

    with pytest.raises(ValueError, match=r"Two images are too few\."):
        task(Blinds(), TaskSource("refused", "", refuse), 2, 0)
    assert len(task(Blinds(), TaskSource("fine", "", Drawer()), 40, 0).task.labelled) == 40
