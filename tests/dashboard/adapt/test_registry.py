"""Which runs are remembered, and what makes room when their images take too much."""

from __future__ import annotations

import pytest

from core.adaptation import Settings
from dashboard.adapt import registry as registry_module
from dashboard.adapt.registry import Registry
from dashboard.adapt.setup import Run, Setup
from dashboard.cache.bounded import leaves
from dashboard.jobs.fit_worker import Worker
from dashboard.jobs.preparing import Preparing
from tests.core.samples import Blinds, blind_task


def test_idle_runs_make_room_when_their_images_take_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    registry, tasks = Registry(), [blind_task(2, seed=seed) for seed in range(4)]
    monkeypatch.setattr(
        registry_module, "BYTES", 2 * sum(each.images.nbytes for each in (tasks[0].labelled, tasks[0].test))
    )
    for number, task in enumerate(tasks):
        registry.put(Run(str(number), Setup("t"), Worker(Blinds(), task, Settings())))
    assert [str(number) for number in range(4) if registry.get(str(number))] == ["3"], "a task's pixels twice, joined"
    shared = Preparing(Blinds(), tasks[0])
    for number in range(4):
        registry.put(Run(f"s{number}", Setup("t"), Worker(shared.model, shared, Settings())))
    assert all(registry.get(f"s{number}") for number in range(4)), "what they share counts once"


def test_the_end_of_the_server_ends_all_runs() -> None:
    registry, workers = Registry(), [Worker(Blinds(), blind_task(2), Settings(steps=500, patience=500)) for _ in "ab"]
    for number, worker in enumerate(workers):
        registry.put(Run(str(number), Setup("t"), worker))
        worker.pace(0.05)
        worker.play()
    registry.stop()
    assert all(worker.snapshot(attend=False).status == "stopped" for worker in workers)


def test_idle_runs_give_back_what_can_be_made_again_before_they_go(monkeypatch: pytest.MonkeyPatch) -> None:
    registry, tasks = Registry(), [blind_task(2, seed=seed) for seed in range(3)]
    workers = [Worker(Blinds(), task, Settings()) for task in tasks]
    for worker in workers:
        worker.kept.whole()

    def rooms() -> list[int]:
        return [sum({id(leaf): size for leaf, size in leaves(worker.kept)}.values()) for worker in workers]

    before = rooms()
    monkeypatch.setattr(registry_module, "BYTES", sum(before) - 1000)
    for number, worker in enumerate(workers):
        registry.put(Run(str(number), Setup("t"), worker))
    assert all(registry.get(str(number)) for number in range(3)), "nobody had to go"
    assert [now < then for now, then in zip(rooms(), before, strict=True)] == [True, False, False]
    again = workers[0].kept.whole().test.prepared
    assert again is not None and len(again) == len(tasks[0].test)
