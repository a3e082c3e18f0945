"""A hand on a running fit, the row by hand, what every fit is compared with, and going on after a stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
import torch

from core.adaptation import Settings
from core.baselines import BY_HAND, METHODS, OURS, Job, Method, Outcome, head_at, title_of
from core.sharing import SharedRun
from dashboard.jobs import beside, fit_worker
from dashboard.jobs.fit_worker import Worker
from tests.core.samples import Blinds, blind_task
from tests.dashboard.harness import SECONDS, until

LOW, HIGH = (0.0,) * 6, (1.0,) * 6


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker(Blinds(), blind_task(2), Settings(steps=8, patience=3))
    yield made
    made.stop()


@pytest.fixture
def rival(monkeypatch: pytest.MonkeyPatch) -> str:
    def run(job: Job) -> Outcome:
        return head_at(job.model, job.task, (1.0, 1.0, 0.0, 1.0, 1.0, 1.0))

    monkeypatch.setitem(METHODS, "toy", Method("toy", "a toy", "Always offered.", run))
    monkeypatch.setattr(beside, "RIVALS", ("toy", "nowhere"))
    return "toy"


def test_a_hand_holds_a_coordinate_until_it_lets_go(worker: Worker) -> None:
    worker.pace(0.02)
    worker.play()
    until(worker, lambda s: len(s.steps) > 1)
    worker.hold(2, 0.75)
    held = until(worker, lambda s: sum(step.descriptor[2] == 0.75 for step in s.steps) > 12)
    assert held.status == "running" and held.held == {2}, "more steps than the fit has: a held fit does not end"
    worker.let_go(2, 0.75)
    seen = until(worker, lambda s: s.status == "done" and not s.busy)
    assert not seen.held and seen.adapted is not None and seen.adapted.descriptor[2] == 0, "the gradient moved it on"


def test_a_touch_between_two_steps_is_not_lost(worker: Worker) -> None:
    worker.play(1)
    until(worker, lambda s: s.status == "paused")
    worker.hold(2, 0.9)
    worker.let_go(2, 0.8)
    worker.play(1)
    seen = until(worker, lambda s: s.status == "paused" and len(s.steps) == 2)
    assert seen.steps[1].descriptor[2] == pytest.approx(0.8) and not seen.held


def test_there_is_one_row_by_hand_unless_it_has_a_name(worker: Worker) -> None:
    worker.by_hand(LOW)
    worker.by_hand(HIGH)
    seen = until(worker, lambda s: s.by_hand is not None and not s.busy)
    assert seen.hand == HIGH and [each.descriptor for each in seen.outcomes] == [HIGH]
    worker.rename(0, "mine")
    worker.by_hand(LOW)
    seen = until(worker, lambda s: len(s.outcomes) == 2)
    assert [(each.name, each.descriptor) for each in seen.outcomes] == [("mine", HIGH), ("", LOW)]
    worker.play()
    assert worker.snapshot().hand is None, "the fit takes the sliders back"


def test_a_fit_goes_on_from_the_hand_and_after_a_stop(worker: Worker) -> None:
    worker.pace(0.05)
    worker.play()
    until(worker, lambda s: len(s.steps) > 2)
    worker.stop()
    count = len(worker.snapshot().steps)
    assert worker.snapshot().status == "stopped"
    worker.pace(0)
    worker.play()
    seen = until(worker, lambda s: s.status == "done" and not s.busy)
    assert len(seen.steps) >= count and seen.ours is not None and seen.ours.method == OURS
    worker.stop()
    assert worker.snapshot().status == "done", "there is nothing to stop in a fit that has ended"
    worker.by_hand(HIGH)
    until(worker, lambda s: s.by_hand is not None)
    worker.go_on()
    assert worker.snapshot().hand is None
    seen = until(worker, lambda s: any(step.descriptor == HIGH for step in s.steps))
    again = until(worker, lambda s: s.status == "done" and not s.busy)
    assert again.adapted is not None and again.adapted.descriptor[2] == 0


def test_every_fit_is_held_against_its_rivals(worker: Worker, rival: str) -> None:
    worker.play()
    seen = until(worker, lambda s: s.status == "done" and not s.busy)
    assert [each.method for each in seen.rivals] == [rival]
    assert [each.method for each in seen.outcomes] == [OURS], "they are no rows of the table"
    score = seen.rivals[0]
    assert score.tests == len(worker.task.test) and score.majority is not None and score.judged.interval is not None
    worker.drop(0)
    assert worker.snapshot().ours == seen.ours, "the score stays where its row is taken away"
    worker.rewind()
    assert worker.snapshot().rivals == seen.rivals and worker.snapshot().ours is None


def test_a_run_from_a_file_is_compared_when_it_is_shown(worker: Worker, rival: str) -> None:
    worker.play()
    done = until(worker, lambda s: s.status == "done" and not s.busy)
    shared = _as_shared(worker)
    other = Worker(Blinds(), blind_task(2), Settings(steps=8, patience=3))
    other.restore(shared)
    assert other.snapshot().ours == done.ours and not other.snapshot().rivals
    other.complete()
    seen = until(other, lambda s: bool(s.rivals) and not s.busy)
    other.complete()
    assert [each.score for each in seen.rivals] == [each.score for each in done.rivals] and not other.snapshot().busy
    other.stop()


def test_a_row_by_hand_does_not_wait_for_what_nobody_asked_for(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    cuts = beside.slices

    def watched(*args: object) -> Iterator[object]:
        for cut in cuts(*args):  # type: ignore[arg-type] # as it is called
            order.append("cut")
            if len(order) == 1:
                worker.by_hand(LOW)
            yield cut

    def noted(*args: object) -> object:
        order.append(BY_HAND)
        return head_at(*args)  # type: ignore[arg-type] # as it is called

    monkeypatch.setattr(beside, "slices", watched)
    monkeypatch.setattr(beside, "head_at", noted)
    worker.play()
    seen = until(worker, lambda s: s.status == "done" and not s.busy)
    assert order == ["cut", BY_HAND, *["cut"] * 5] and len(seen.slices) == 6


def _as_shared(worker: Worker) -> SharedRun:
    seen, task = worker.snapshot(), worker.task
    return SharedRun(
        task.name, False, 20, 0, worker.settings, task.classes, torch.zeros(1), seen.outcomes, seen.steps,
        seen.adapted, seen.outputs, seen.slices,
    )  # fmt: skip


def test_a_row_by_hand_is_busy_from_the_moment_in_which_it_no_longer_waits(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, on = threading.Event(), threading.Event()

    def computed(what: Callable[[], object]) -> object:
        begun.set()
        assert on.wait(SECONDS)
        return what()

    monkeypatch.setattr(fit_worker, "computed", computed)
    worker.by_hand(LOW)
    assert begun.wait(SECONDS)
    seen = worker.snapshot()
    assert not seen.waiting and seen.busy == f"fitting {title_of(BY_HAND)}", "or the page would look no more"
    on.set()
    assert until(worker, lambda s: not s.busy).by_hand is not None
