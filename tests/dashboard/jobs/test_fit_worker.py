"""The fit in its thread: play, pause, step, stop, rewind, a hand on a slider, divergence, and a closed tab."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from core.adaptation import Settings, Step
from core.baselines import BY_HAND, OURS, Outcome, Stop, Stopped, head_at, outcome_of, run_method
from core.baselines.job import Budget
from core.tasks import Task
from dashboard.adapt.registry import Registry
from dashboard.adapt.setup import Run, Setup
from dashboard.jobs import beside
from dashboard.jobs import fit_worker as worker_module
from dashboard.jobs.background import Progress, Stream
from dashboard.jobs.fit_worker import Worker
from dashboard.jobs.turns import Turns
from tests.core.conftest import tiny_model
from tests.core.samples import Blinds, blind_task
from tests.dashboard.harness import SECONDS, until, waited


def after_a_job(worker: Worker) -> int:
    """How many steps there are once the thread has done something else; what it was at before has ended by then."""
    before = worker.snapshot().by_hand
    worker.by_hand((0.5,) * 6)
    return len(until(worker, lambda s: s.by_hand not in (None, before)).steps)


@pytest.fixture
def task() -> Task:
    return blind_task(2)


@pytest.fixture
def worker(task: Task) -> Iterator[Worker]:
    made = Worker(Blinds(), task, Settings(steps=30))
    yield made
    made.stop()


def test_a_run_ends_with_descriptor_outputs_and_slices(worker: Worker, task: Task) -> None:
    assert worker.snapshot().status == "ready" and not worker.alive
    worker.play()
    seen = until(worker, lambda s: s.status == "done" and not s.busy)
    assert seen.adapted is not None and seen.adapted.descriptor[2] == 0
    assert seen.outputs is not None and len(seen.outputs) == len(task.test)
    assert len(seen.slices) == 6 and [each.method for each in seen.outcomes] == [OURS]
    assert seen.outcomes[0].score > 0.8
    assert seen.outcomes[0] == outcome_of(task, seen.adapted, seen.steps, seen.outputs)
    worker.by_hand((0.5,) * 6)
    row, alone = until(worker, lambda s: len(s.outcomes) == 2).outcomes[1], head_at(Blinds(), task, (0.5,) * 6)
    assert (row.score, row.parameters, row.descriptor) == (alone.score, alone.parameters, alone.descriptor)


def test_steps_are_single_and_a_pause_holds(worker: Worker) -> None:
    worker.play(1)
    assert len(until(worker, lambda s: s.status == "paused").steps) == 1
    worker.play(2)
    assert len(until(worker, lambda s: s.status == "paused").steps) == 3
    worker.pace(0.05)
    worker.play()
    until(worker, lambda s: len(s.steps) > 4)
    worker.pause()
    count = after_a_job(worker)
    assert after_a_job(worker) == count and worker.snapshot().status == "paused"


def test_stop_answers_during_a_step_and_nothing_comes_after_it(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    worker.play(1)
    until(worker, lambda s: s.status == "paused")
    assert worker._fit
    inside, on, advance = threading.Event(), threading.Event(), worker._fit.advance

    def held() -> Step:
        inside.set()
        assert on.wait(SECONDS)
        return advance()

    monkeypatch.setattr(worker._fit, "advance", held)
    worker.play()
    assert inside.wait(SECONDS)
    worker.stop()
    assert worker.snapshot().status == "stopped", "while the step is still being computed"
    on.set()
    assert after_a_job(worker) == 1 and worker.snapshot().status == "stopped", "and that step is dropped"
    worker.play()
    found = until(worker, lambda s: s.status == "done").steps
    worker.rewind()
    worker.play()
    whole = until(worker, lambda s: s.status == "done").steps
    assert [each.descriptor for each in found] == [each.descriptor for each in whole], "it is taken anew"
    assert [each.number for each in found] == [each.number for each in whole]


def test_stop_ends_a_baseline_too_and_a_row_can_still_be_made(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), threading.Event()

    def endless(*_: object, stop: Stop, **__: object) -> Outcome:
        begun.set()
        while not stop():
            time.sleep(0.01)
        ended.set()
        raise Stopped

    monkeypatch.setattr(beside, "run_method", endless)
    worker.baseline("scratch")
    worker.baseline("augerino")
    assert begun.wait(SECONDS) and worker.snapshot().busy == "fitting from scratch"
    worker.stop()
    assert not worker.snapshot().busy and ended.wait(SECONDS)
    worker.by_hand((1.0,) * 6)
    seen = until(worker, lambda s: bool(s.outcomes))
    assert [each.method for each in seen.outcomes] == [BY_HAND], "the second baseline was given up, too"
    assert seen.status == "stopped" and not seen.problem


def test_stop_and_rewind_end_a_network_that_trains(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    worker, begins, ends = Worker(tiny_model(), task, Settings()), threading.Semaphore(0), threading.Semaphore(0)

    def watched(*args: Any, **rest: Any) -> Outcome:
        begins.release()
        try:
            return run_method(*args, **rest | {"budget": Budget(steps=100_000, patience=100_000)})
        except Stopped:
            ends.release()
            raise

    monkeypatch.setattr(beside, "run_method", watched)
    for end in (worker.stop, worker.rewind):
        worker.baseline("scratch")
        assert begins.acquire(timeout=SECONDS), "pictures are prepared, and it trains"
        end()
        assert not worker.snapshot().busy and ends.acquire(timeout=SECONDS)
        assert not worker.snapshot().outcomes
    worker.stop()


def test_a_closed_tab_ends_a_baseline(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object, stop: Stop, **__: object) -> Outcome:
        while not stop():
            time.sleep(0.01)
        raise Stopped

    monkeypatch.setattr(beside, "run_method", endless)
    worker = Worker(Blinds(), task, Settings(), grace=0.2)
    worker.baseline("scratch")
    end = time.monotonic() + SECONDS
    while worker.alive:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert not worker.snapshot().busy and not worker.snapshot().problem


def test_rewind_repeats_the_same_run(worker: Worker) -> None:
    worker.play(4)
    first = until(worker, lambda s: s.status == "paused")
    worker.rewind()
    assert worker.snapshot().status == "ready" and not worker.snapshot().steps
    worker.play(4)
    second = until(worker, lambda s: s.status == "paused")
    assert [s.descriptor for s in first.steps] == [s.descriptor for s in second.steps]


def test_a_coordinate_that_was_moved_returns(worker: Worker) -> None:
    worker.play()
    until(worker, lambda s: s.status == "done" and not s.busy)
    worker.move(2, 0.9)
    until(worker, lambda s: any(step.descriptor[2] == pytest.approx(0.9) for step in s.steps))
    again = until(worker, lambda s: s.status == "done" and not s.busy)
    assert again.adapted is not None and again.adapted.descriptor[2] == 0


def test_hand_made_rows_and_baselines_are_rows_too(worker: Worker) -> None:
    worker.by_hand((1.0, 1.0, 0.0, 1.0, 1.0, 1.0))
    worker.baseline("oracle")
    seen = until(worker, lambda s: len(s.outcomes) == 2 and not s.busy)
    assert [each.method for each in seen.outcomes] == [BY_HAND, "oracle"]
    assert seen.outcomes[0].score > 0.9
    worker.rename(1, "mine")
    worker.draw(1, False)
    worker.drop(0)
    seen = worker.snapshot()
    assert [(each.method, each.name) for each in seen.outcomes] == [("oracle", "mine")]
    assert seen.hidden == {0}, "a tick stays with its row"
    worker.draw(0, True)
    assert not worker.snapshot().hidden


def test_a_diverged_run_stops_with_its_cause(task: Task) -> None:
    worker = Worker(tiny_model(), task, Settings())
    images = worker.kept.labelled().labelled.prepared
    assert images is not None
    images.parts[0][0] = float("nan")
    worker.play()
    seen = until(worker, lambda s: s.status == "failed")
    assert "stopped being numbers at step 0" in seen.problem
    worker.stop()


def test_a_worker_that_nobody_asks_for_stops(task: Task) -> None:
    worker = Worker(Blinds(), task, Settings(steps=10_000, patience=10_000), grace=0.3)
    worker.pace(0.05)
    worker.play()
    end = time.monotonic() + SECONDS
    while worker.alive:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert worker.snapshot().status == "paused"
    worker.play(1)  # and a reload finds it again
    assert until(worker, lambda s: s.status == "paused").steps


def test_two_runs_do_not_disturb_each_other(task: Task) -> None:
    workers = [Worker(Blinds(), task, Settings(steps=5)) for _ in range(2)]
    workers[0].play()
    until(workers[0], lambda s: s.status == "done" and not s.busy)
    assert workers[1].snapshot().status == "ready"
    registry = Registry()
    for number, worker in enumerate(workers):
        registry.put(Run(str(number), Setup("t"), worker))
    assert registry.get("0") is not registry.get("1") and registry.get("none") is None
    workers[1].pace(1)
    workers[1].play()
    for key in "01":
        registry.put(Run(key, Setup("t"), Worker(Blinds(), task, Settings())))
    assert [each.snapshot().status for each in workers] == ["done", "stopped"]
    for worker in workers:
        worker.stop()


def test_a_run_that_waits_for_a_person_leaves_room_for_others(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(1)
    monkeypatch.setattr(worker_module, "TURNS", turns)
    assert turns.take("another") == 0 and turns.take("a third") == 1
    worker.play()
    until(worker, lambda seen: seen.place == 2)
    assert worker.snapshot().pause(1) > 2, "it is looked at seldom meanwhile"
    assert worker.working and not worker.snapshot().steps, "it waits for its turn, and says where it stands"
    turns.give("another")
    turns.give("a third")
    until(worker, lambda seen: seen.status == "done" and not seen.busy)
    waited(lambda: turns.take("another") == 0)
    assert worker.alive and not worker.working


def test_a_mistake_of_ours_ends_the_run_with_a_sentence_and_is_written_down(
    worker: Worker, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost() -> Step:
        raise KeyError("gone")

    worker.play(1)
    until(worker, lambda s: s.status == "paused")
    monkeypatch.setattr(worker._fit, "advance", lost)
    worker.play()
    seen = until(worker, lambda s: s.status == "failed")
    assert "KeyError: 'gone'" in seen.problem and seen.problem.endswith(".")
    assert worker.alive and "Traceback" in caplog.text, "the thread goes on, and the terminal says where it was"
    worker.rewind()
    assert worker.snapshot().status == "ready" and not worker.snapshot().problem


def test_a_stream_that_breaks_says_so_and_keeps_what_it_has() -> None:
    def make(_: Progress) -> Iterator[int]:
        yield 1
        raise KeyError("gone")

    room: list[str] = []
    stream = Stream("Counting", make, 2, lambda: room.append("free"))
    stream._thread.join(10)
    assert not stream.running and stream.found() == (1,) and "KeyError: 'gone'" in stream.problem
    assert room == ["free"], "whoever needs the room hears of it, however it ended"
