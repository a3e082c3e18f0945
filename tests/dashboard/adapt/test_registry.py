"""Which runs are remembered, and what makes room when their images take too much."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from core.adaptation import Settings
from core.tasks import Task, TaskSource
from dashboard import cache
from dashboard.adapt import registry as registry_module
from dashboard.adapt.registry import Registry
from dashboard.adapt.setup import Run, Setup
from dashboard.cache import tasks as tasks_module
from dashboard.cache.bounded import Bounded, leaves
from dashboard.jobs import fit_worker, preparing
from dashboard.jobs.fit_worker import Worker
from dashboard.jobs.preparing import Preparing
from dashboard.jobs.turns import Turns
from tests.core.samples import Blinds, blind_task
from tests.dashboard.harness import waited


def room(held: Worker | Preparing) -> int:
    """Bytes of images that it holds in memory."""
    kept = held.kept if isinstance(held, Worker) else held
    return sum({id(leaf): size for leaf, size in leaves(kept)}.values())


def test_runs_survive_however_much_their_images_take_and_only_their_number_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registry, tasks = Registry(), [blind_task(2, seed=seed) for seed in range(4)]
    monkeypatch.setattr(registry_module, "BYTES", 1000)
    for number, task in enumerate(tasks):
        registry.put(Run(str(number), Setup("t"), Worker(Blinds(), task, Settings())))
    kept = [registry.get(str(number)) for number in range(4)]
    for run, task in zip(kept, tasks, strict=True):
        assert run is not None and room(run.worker) == 0, "all their images lie on disk"
        assert torch.equal(run.worker.task.test.images, task.test.images)
    monkeypatch.setattr(registry_module, "MEMORY", 2)
    registry.put(Run("4", Setup("t"), Worker(Blinds(), tasks[0], Settings())))
    assert [str(number) for number in range(5) if registry.get(str(number))] == ["3", "4"], "the oldest go"


def test_what_runs_share_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    registry, shared = Registry(), Preparing(Blinds(), blind_task(2))
    monkeypatch.setattr(registry_module, "BYTES", room(shared))
    for number in range(4):
        registry.put(Run(f"s{number}", Setup("t"), Worker(shared.model, shared, Settings())))
    assert room(shared) == registry_module.BYTES > 0


def test_a_fit_that_has_ended_makes_room_by_itself_and_goes_on_from_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registry, task = Registry(), blind_task(4)
    monkeypatch.setattr(registry_module, "BYTES", 0)
    worker = Worker(Blinds(), task, Settings(steps=3))
    registry.put(Run("0", Setup("t"), worker))
    worker.play()
    waited(lambda: worker.snapshot().status == "done" and not worker.working and room(worker) == 0)
    ended = worker.snapshot().adapted
    assert ended is not None and torch.equal(worker.task.train.images, task.train.images)
    worker.rewind()
    worker.play()
    waited(lambda: worker.snapshot().status == "done")
    again = worker.snapshot().adapted
    assert again is not None and again.descriptor == ended.descriptor
    worker.stop()


def test_fits_that_wait_for_their_turn_and_checks_that_have_not_begun_leave_their_images_on_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns = Turns(1)
    held: list[int] = []
    for module in (fit_worker, preparing):
        monkeypatch.setattr(module, "TURNS", turns)
    monkeypatch.setattr(registry_module, "BYTES", 0)
    workers = [Worker(Blinds(), blind_task(2, seed=seed), Settings(steps=3)) for seed in range(4)]

    def make_room(self: Registry) -> None:
        made(self)
        held.append(sum(room(worker) > 0 for worker in workers if not worker.computing))

    made = Registry.make_room
    monkeypatch.setattr(Registry, "make_room", make_room)
    registry = Registry()
    assert turns.take("somebody else") == 0
    for number, worker in enumerate(workers):
        registry.put(Run(str(number), Setup("t"), worker))
        worker.play()
        worker.kept.beside()
    waited(lambda: all(worker.snapshot().place for worker in workers))
    held.clear()
    registry.make_room()
    assert held == [0]
    turns.give("somebody else")
    waited(lambda: all(worker.snapshot().status == "done" and not worker.working for worker in workers))
    assert all(len(worker.snapshot().slices) == 6 for worker in workers)
    assert len(held) > 4 * 6 and max(held) <= 1, "in between at most the one that has just given its turn back"


def test_images_on_disk_are_read_anew_after_they_were_let_go() -> None:
    kept, task = Preparing(Blinds(), blind_task(2)), blind_task(2)
    kept.rest()
    for _ in range(2):
        assert torch.equal(kept.task.test.images, task.test.images)
        assert torch.equal(kept.whole().train.images, task.train.images)
        assert torch.equal(kept.task.labelled.images, task.labelled.images)
        kept.let_go()
    assert kept.task.labelled.images.data_ptr() == kept.task.train.images.data_ptr(), "no copy of them in memory"


def test_images_are_prepared_beside_only_where_others_leave_room_and_nobody_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns, registry = Turns(1), Registry()
    monkeypatch.setattr(preparing, "TURNS", turns)
    runs = [Run(str(seed), Setup("t"), Worker(Blinds(), blind_task(2, seed=seed), Settings())) for seed in range(3)]
    for run in runs[:2]:
        registry.put(run)
    registry.beside(runs[0])
    waited(lambda: runs[0].worker.kept._now.test.prepared is not None)
    monkeypatch.setattr(registry_module, "BYTES", room(runs[0].worker))
    registry.beside(runs[1])
    assert runs[1].worker.kept._beside is None, "those of the first take all there is"
    monkeypatch.setattr(registry_module, "BYTES", 1 << 40)
    assert turns.take("one") == 0 and turns.take("two") == 1
    registry.beside(runs[1])
    waited(lambda: not (thread := runs[1].worker.kept._beside) or not thread.is_alive())
    assert runs[1].worker.kept._now.test.prepared is None, "two want the only turn"


def test_nothing_is_prepared_beside_for_a_run_that_has_ended_and_what_its_end_left_free_goes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[bool] = []
    turns, registry, worker = Turns(1), Registry(), Worker(Blinds(), blind_task(2), Settings(steps=3))
    monkeypatch.setattr(registry_module, "TURNS", turns)
    monkeypatch.setattr(registry_module, "give_back", lambda **_: given.append(True))
    monkeypatch.setattr(registry_module, "CALM_S", 600.0)
    registry.put(run := Run("a", Setup("t"), worker))
    given.clear()
    worker.play()
    waited(lambda: worker.snapshot().status == "done" and not worker.working)
    waited(lambda: bool(given))
    assert turns.take("somebody else") == 0
    given.clear()
    registry.make_room()
    assert not given, "somebody computes, and would ask the system for all of it again"
    assert registry._calm is not None
    registry._calm.cancel()
    worker.rest()
    registry.beside(run)
    assert worker.kept._beside is None


def test_the_end_of_the_server_ends_all_runs() -> None:
    registry, workers = Registry(), [Worker(Blinds(), blind_task(2), Settings(steps=500, patience=500)) for _ in "ab"]
    for number, worker in enumerate(workers):
        registry.put(Run(str(number), Setup("t"), worker))
        worker.pace(0.05)
        worker.play()
    registry.stop()
    assert all(worker.snapshot(attend=False).status == "stopped" for worker in workers)


def test_the_images_of_who_was_looked_at_longest_ago_go_first_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    registry, tasks = Registry(), [blind_task(2, seed=seed) for seed in range(3)]
    workers = [Worker(Blinds(), task, Settings()) for task in tasks]
    monkeypatch.setattr(registry_module, "BYTES", 1 << 40)
    for number, worker in enumerate(workers):
        registry.put(Run(str(number), Setup("t"), worker))
        worker.kept.whole()
    before = [room(worker) for worker in workers]
    for number in (1, 2, 0):
        workers[number].snapshot()
    monkeypatch.setattr(registry_module, "BYTES", sum(before) - 1000)
    registry.make_room()
    assert [room(worker) for worker in workers] == [before[0], 0, before[2]]
    again = workers[1].kept.whole().test.prepared
    assert again is not None and len(again) == len(tasks[1].test)
    assert torch.equal(again.parts[0], Preparing(Blinds(), tasks[1]).whole().test.prepared.parts[0])  # type: ignore[union-attr]  # it is whole


def test_images_stay_in_memory_where_the_disk_has_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError("No space left on device")

    kept, before = Preparing(Blinds(), task := blind_task(2)), task.test.images.clone()
    monkeypatch.setattr("tempfile.TemporaryFile", full)
    kept.rest()
    assert kept.task is task and torch.equal(kept.whole().test.images, before) and room(kept) > 0


def test_runs_share_the_images_of_a_task_as_long_as_one_of_them_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def draw(count: int, seed: int) -> Task:
        drawn.append(seed)
        return blind_task(2, seed=seed)

    model, source = Blinds(), TaskSource("shared", "shared", draw, ("a", "b"))
    monkeypatch.setattr(tasks_module, "_tasks", Bounded(1))
    first = cache.task(model, source, 4, 0)
    other = cache.task(model, source, 4, 1)
    assert cache.task(model, source, 4, 0) is first is not other and drawn == [0, 1]


def test_once_it_is_calm_room_goes_back_that_was_not_free_before(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bell:
        """A timer that rings when a test says so, since a busy machine may be longer between two ends than it waits."""

        def __init__(self, seconds: float, ring: Callable[[], None]) -> None:
            self.seconds, self.ring, self.going = seconds, ring, False
            bells.append(self)

        def start(self) -> None:
            self.going = True

        def cancel(self) -> None:
            self.going = False

    bells, given = list[Bell](), list[dict[str, bool]]()
    turns, registry = Turns(1), Registry()
    monkeypatch.setattr(registry_module, "TURNS", turns)
    monkeypatch.setattr(registry_module, "give_back", lambda **how: given.append(how))
    monkeypatch.setattr(registry_module.threading, "Timer", Bell)
    assert turns.take("somebody") == 0
    for _ in range(3):
        registry.make_room()
    assert [bell.going for bell in bells] == [False, False, True] and not given, "after the last end"
    assert bells[-1].seconds == registry_module.CALM_S
    bells[-1].ring()
    assert given == [{"garbage": True}]
