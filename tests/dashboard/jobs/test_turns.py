"""Who computes first: fits before what nobody has asked for, and that goes on where it was left."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.adaptation import Fit, Settings, Step
from core.adaptation.preferences import Slice, slices
from dashboard.jobs import beside
from dashboard.jobs import fit_worker as worker_module
from dashboard.jobs import turns as turns_module
from dashboard.jobs.certificate import CertificateJob
from dashboard.jobs.fit_worker import Worker
from dashboard.jobs.snapshot import Shared
from dashboard.jobs.turns import Turns, in_turn
from tests.core.samples import Blinds, blind_task
from tests.dashboard.harness import SECONDS, until, waited


def fit(grace: float = 20.0) -> Worker:
    return Worker(Blinds(), blind_task(2), Settings(steps=8, patience=3), grace)


class Gate:
    """Holds every check of a slider until it is let through."""

    def __init__(self) -> None:
        self.inside, self.on = threading.Semaphore(0), threading.Semaphore(0)

    def slices(self, *args: object) -> Iterator[Slice]:
        for cut in slices(*args):  # type: ignore[arg-type] # as it is called
            self.inside.release()
            assert self.on.acquire(timeout=SECONDS)
            yield cut


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate()
    monkeypatch.setattr(beside, "slices", made.slices)
    yield made
    made.on.release(100)


def test_the_patient_come_last_and_in_their_order() -> None:
    turns = Turns(1)
    assert turns.take("at it") == 0
    assert turns.take("check", patient=True) == 1 and turns.take("other check", patient=True) == 2
    assert turns.take("fit") == 1 and turns.take("check", patient=True) == 2
    turns.give("at it")
    assert turns.take("check", patient=True) == 2 and turns.take("fit") == 0
    assert turns.take("other check") == 1, "who is patient no more goes before those who are"
    turns.give("fit")
    assert turns.take("check", patient=True) == 2 and turns.take("other check") == 0


def test_a_check_that_has_begun_ends_before_another_begins_and_after_every_fit() -> None:
    turns = Turns(1)
    assert turns.take("first", patient=True) == 0
    assert turns.take("second", patient=True) == 1
    turns.give("first", more=True)
    assert turns.take("second", patient=True) == 2, "also in the moment before the first one asks again"
    assert turns.take("fit") == 0, "somebody waits for it"
    turns.give("fit")
    assert turns.take("first", patient=True) == 0 and turns.has("first")
    turns.give("first")
    assert turns.take("second", patient=True) == 0 and not turns.has("first")


def test_a_fit_goes_before_the_checks_of_another(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(1)
    monkeypatch.setattr(worker_module, "TURNS", turns)
    first, second = fit(), fit()
    first.play()
    assert gate.inside.acquire(timeout=SECONDS), "its first slider is checked"
    assert first.snapshot().status == "done" and first.snapshot().busy == beside.CUTTING
    second.play()
    until(second, lambda seen: seen.place == 1)
    gate.on.release()
    until(second, lambda seen: seen.status == "done")
    assert len(first.snapshot().slices) == 1, "the other five waited"
    gate.on.release(20)
    for worker in (first, second):
        assert len(until(worker, lambda seen: not seen.busy).slices) == 6
        worker.stop()


def test_many_checks_take_turns_and_all_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "TURNS", Turns(1))
    workers = [fit() for _ in range(4)]
    for worker in workers:
        worker.play()
    for worker in workers:
        assert len(until(worker, lambda seen: seen.status == "done" and not seen.busy).slices) == 6
        worker.stop()


def test_checks_that_a_person_has_stopped_are_made_when_asked_for(gate: Gate) -> None:
    worker = fit()
    worker.play()
    assert gate.inside.acquire(timeout=SECONDS)
    worker.stop()
    gate.on.release()
    worker.complete()
    seen = worker.snapshot()
    assert seen.status == "done" and not seen.busy and not seen.slices
    gate.on.release(10)
    worker.complete(again=True)
    assert len(until(worker, lambda now: not now.busy).slices) == 6
    worker.stop()


def test_checks_go_on_when_a_person_comes_back(gate: Gate) -> None:
    worker = fit(grace=0.3)
    worker.play()
    until(worker, lambda seen: seen.status == "done")
    assert gate.inside.acquire(timeout=SECONDS)
    waited(lambda: worker._forgotten())
    gate.on.release(10)
    waited(lambda: not worker.alive)
    assert worker.snapshot(attend=False).busy and not worker.alive, "who only looks does not start it"
    assert len(until(worker, lambda seen: not seen.busy).slices) == 6
    worker.stop()


def test_a_slider_that_is_moved_ends_the_checks(gate: Gate) -> None:
    worker = fit()
    worker.play()
    until(worker, lambda seen: seen.status == "done")
    assert gate.inside.acquire(timeout=SECONDS)
    worker.move(0, 0.9)
    gate.on.release()
    again = until(worker, lambda seen: len(seen.outcomes) == 2)
    assert again.adapted is not None and not again.slices, "those of the old end are gone"
    gate.on.release(10)
    assert len(until(worker, lambda seen: not seen.busy).slices) == 6
    worker.stop()


def test_a_fit_at_rest_goes_on_where_it_was() -> None:
    rested, other = fit(), fit()
    for worker in (rested, other):
        worker.play(3)
        until(worker, lambda seen: seen.status == "paused")
    waited(lambda: not rested.working)
    rested.rest()
    assert rested._fit is None and rested.kept.task.train.prepared is None
    assert rested.snapshot().descriptor == other.snapshot().descriptor
    for worker in (rested, other):
        worker.play(2)
        until(worker, lambda seen: len(seen.steps) == 5)
    mine, theirs = ([step.descriptor for step in each.snapshot().steps] for each in (rested, other))
    assert mine == theirs and rested.snapshot().steps[4].seconds > rested.snapshot().steps[2].seconds
    for worker in (rested, other):
        worker.stop()


def test_few_threads_compute_however_many_fits_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[str] = set()
    advance = Fit.advance

    def noted(fit: Fit) -> Step:
        seen.add(threading.current_thread().name)
        return advance(fit)

    monkeypatch.setattr(Fit, "advance", noted)
    workers = [fit() for _ in range(3 * worker_module.TURNS.most)]
    for worker in workers:
        worker.play(2)
    for worker in workers:
        until(worker, lambda now: len(now.steps) == 2)
        worker.stop()
    assert 1 <= len(seen) <= worker_module.TURNS.most


def test_a_fit_that_has_ended_keeps_no_images_of_its_own() -> None:
    worker = fit()
    worker.play()
    until(worker, lambda seen: seen.status == "done" and not seen.busy)
    waited(lambda: worker._fit is None)
    seen = worker.snapshot()
    assert seen.adapted is not None
    worker.move(2, 0.9)
    again = until(worker, lambda now: len(now.outcomes) == 2)
    assert len(again.steps) > len(seen.steps) and again.steps[len(seen.steps)].descriptor[2] == pytest.approx(0.9)
    worker.stop()


def test_the_more_compute_the_seldomer_pages_look() -> None:
    turns = Turns(2)
    for number in range(30):
        turns.take(number)
    assert turns.crowd == 15
    going, waiting, done = Shared("running"), Shared("running", place=7), Shared("done", place=7)
    assert going.seen((), turns.crowd).pause(0.4) == 0.4, "whoever computes is seen moving"
    for each in (waiting, done):
        assert each.seen((), turns.crowd).pause(0.4) == pytest.approx(6.0) and each.seen((), 0.5).pause(0.4) == 2.0
    assert waiting.seen((), turns.crowd).pause(2.0) == 10.0 and waiting.seen((), turns.crowd).pause(20.0) == 20.0
    assert Shared("done").seen((), 0.5).pause(0.4) == 0.4, "alone, a check is seen at once"


def test_a_certificate_waits_for_the_fits_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(1)
    monkeypatch.setattr(turns_module, "TURNS", turns)
    assert turns.take("a fit") == 0
    job = CertificateJob(Blinds(), blind_task(2))
    job.ask((0.5,) * 6)
    waited(lambda: turns.take("another fit") == 1 and turns.take("last", patient=True) == 3)
    assert job.busy
    for each in ("another fit", "last", "a fit"):
        turns.give(each)
    waited(lambda: not job.busy)
    assert turns.take("a fit") == 0, "it has given its turn back"


def test_who_no_longer_wants_a_turn_leaves_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(1)
    monkeypatch.setattr(turns_module, "TURNS", turns)
    assert in_turn("nobody waits", lambda: 3) == 3 and turns.crowd == 0
    turns.take("a fit")

    def waiting() -> None:
        assert turns.take("later", patient=True) == 2
        raise InterruptedError

    with pytest.raises(InterruptedError):
        in_turn("a policy", lambda: pytest.fail("it had no turn"), waiting)
    assert turns.take("later", patient=True) == 1
