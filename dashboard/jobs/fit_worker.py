"""One fit in a thread of its own: commands in, snapshots out. Knows no Streamlit.

The page asks for a snapshot several times a second. A worker that nobody has asked for a while stops,
so a closed tab ends its run, while a reload comes back in time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import torch

from core.adaptation import Fit, Settings, check_labels, predict
from core.adaptation.records import State
from core.baselines import Stop, Stopped, outcome_of
from core.model.amortised import AmortisedExtractor
from core.sharing import SharedRun
from core.tasks import Task
from dashboard.jobs.certificate import CertificateJob
from dashboard.jobs.errors import told
from dashboard.jobs.hand import Hand
from dashboard.jobs.memory import give_back
from dashboard.jobs.preparing import Preparing, as_preparing
from dashboard.jobs.snapshot import Shared, Snapshot
from dashboard.jobs.turns import TURNS, computed

GRACE_S = 20.0
MAX_STEPS = 2000
MIDDLE = 0.5
"""Where a fit begins, on every coordinate."""


class Worker(Hand):
    """A fit that can be played, paused, stepped, stopped, rewound and disturbed.

    Args:
        model: the amortised extractor.
        task: what is fitted. Its images are prepared in the worker's thread, when something is to be done with them.
        settings: of the fit.

    Raises:
        ValueError: too few labelled images.
    """

    def __init__(
        self, model: AmortisedExtractor, task: Task | Preparing, settings: Settings, grace: float = GRACE_S
    ) -> None:
        self.model, self.settings, self._grace = model, settings, grace
        self._pictures = as_preparing(model, task)
        check_labels(self.task)
        self._fit: Fit | None = None
        self._rested: State | None = None
        self._begin = (MIDDLE,) * len(model.transforms)
        self.certificate_job = CertificateJob(model, self._pictures, lambda: self.idle())
        self._shared, self._wake = Shared(), threading.Condition()
        self._thread: threading.Thread | None = None
        self.idle: Callable[[], None] = lambda: None
        """Called, in a thread, whenever it has given a turn back: somebody else may need the room."""

    # --- commands, from the page ---

    def play(self, steps: int = -1) -> None:
        """Run on, also after a stop, or take so many steps and pause."""
        with self._wake:
            if self._shared.status in ("done", "failed"):
                return
            self._shared.status, self._shared.left, self._shared.hand = "running", steps, None
            self._start()

    def pause(self) -> None:
        """Keep everything and wait."""
        with self._wake:
            if self._shared.status == "running":
                self._shared.status = "paused"

    def stop(self) -> None:
        """End what goes on; answers at once. A step being computed is dropped, a baseline ends at its next batch."""
        with self._wake:
            shared = self._shared
            shared.stops += 1
            shared.status, shared.busy = "stopped" if shared.adapted is None else "done", ""
            shared.jobs.clear()
            shared.held.clear()
            self._wake.notify_all()

    def rewind(self) -> None:
        """Back to the same start: the same images, seed and descriptor."""
        with self._wake:
            shared = self._shared
            self._shared = Shared(
                outcomes=shared.outcomes, hidden=shared.hidden, pause=shared.pause, rivals=list(shared.rivals),
            )  # fmt: skip
            self._fit, self._rested, self._begin = None, None, (MIDDLE,) * len(self._begin)

    def restore(self, run: SharedRun) -> None:
        """Show a run that was made elsewhere; rewinding starts it anew, moving a coordinate goes on from its end."""
        with self._wake:
            status = "done" if run.adapted else "stopped" if run.steps else "ready"
            self._shared = Shared(
                status, steps=list(run.steps), outcomes=list(run.outcomes), adapted=run.adapted, outputs=run.outputs,
                slices=list(run.slices),
            )  # fmt: skip
            if run.adapted and run.outputs is not None:
                self._shared.ours = outcome_of(self.task, run.adapted, run.steps, run.outputs)
            self._fit = self._rested = None
            if run.steps:
                ended = run.adapted.unsnapped if run.adapted else run.steps[-1].descriptor
                self._begin = tuple(torch.tensor(ended).tolist())

    def pace(self, pause: float) -> None:
        """Seconds to wait between steps."""
        with self._wake:
            self._shared.pause = pause

    @property
    def paced(self) -> float:
        """Seconds that it waits between steps."""
        return self._shared.pause

    def snapshot(self, *, attend: bool = True) -> Snapshot:
        """What there is now; asking also keeps the worker alive and at its jobs, unless it is only looked at."""
        with self._wake:
            if attend:
                self._shared.asked = time.monotonic()
                if self._shared.jobs and not self.alive:
                    self._start()
            return self._shared.seen(self._fit.descriptor if self._fit else self._begin, TURNS.crowd)

    def rest(self) -> None:
        """Give back the room of what can be worked out again, when it is needed again."""
        with self._wake:
            if self._fit and not self.working:
                self._lay_down()
        self._pictures.rest()

    @property
    def task(self) -> Task:
        """What is fitted."""
        return self._pictures.task

    @property
    def looked_at(self) -> float:
        """When somebody has last asked for a snapshot, by the clock of :func:`time.monotonic`."""
        return self._shared.asked

    @property
    def kept(self) -> Preparing:
        """What it holds that takes room."""
        return self._pictures

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def computing(self) -> bool:
        """Whether it has a turn; who waits for one needs nothing in memory yet."""
        return TURNS.has(self) or self.certificate_job.computing

    @property
    def working(self) -> bool:
        """Whether it computes, or is about to."""
        shared = self._shared
        return self.alive and (shared.status == "running" or bool(shared.busy or shared.jobs or shared.moves))

    # --- the thread ---

    def _lay_down(self) -> None:
        """Keep of the fit only what it goes on from; its images are joined anew if it does."""
        if self._fit:
            self._rested, self._begin, self._fit = self._fit.state, self._fit.descriptor, None
            give_back()

    def _give(self, shared: Shared) -> None:
        TURNS.give(self, more=bool(shared.jobs))
        if shared.status == "done":
            self._lay_down()

    def _start(self) -> None:
        self._shared.asked = time.monotonic()
        if not self.alive:
            self._thread = threading.Thread(target=self._work, name="fit", daemon=True)
            self._thread.start()
        self._wake.notify_all()

    def _forgotten(self) -> bool:
        """Whether nobody has asked for so long that the tab must be closed."""
        return time.monotonic() - self._shared.asked > self._grace

    def _work(self) -> None:
        while True:
            with self._wake:
                shared = self._shared
                running = shared.status == "running" or bool(shared.moves)
                if self._forgotten():
                    shared.held.clear()
                    shared.status = "paused" if shared.status == "running" else shared.status
                    TURNS.give(self)
                    return
                resting = (job := shared.next_job()) is None and not running
                if resting:
                    self._give(shared)
                shared.place = 0 if resting else TURNS.take(self, patient=not shared.urgent)
                if resting or shared.place:
                    self._wake.wait(0.2 if resting else 0.1)
                    continue
                if job:
                    shared.jobs.remove(job)
                    shared.busy = job.said
                pause = shared.pause
            try:
                computed(job.do if job else self._advance)
            except Exception as error:  # a diverged run, a task that cannot be fitted, or a mistake of ours
                with self._wake:
                    shared.status, shared.problem, shared.busy = "failed", told(error), ""
            with self._wake:
                if given := not shared.urgent:  # what comes now nobody has asked for, so others go first
                    self._give(shared)
            if given:
                self.idle()  # asks other workers, which may be asking this one
            if running and pause:
                time.sleep(pause)

    def _advance(self) -> None:
        with self._wake:
            shared, stops = self._shared, self._shared.stops

        def dropped() -> bool:
            return shared is not self._shared or shared.stops > stops

        fit = self._fit or self._ready(shared, dropped)
        with self._wake:
            if fit is None or shared is not self._shared:
                return
            self._disturb(shared, fit)
            if shared.status != "running":
                return
            ended = fit.done or len(shared.steps) >= MAX_STEPS  # it was stopped while its end was judged
        if not ended:
            before = fit.state.copy()
            step = fit.advance()
            with self._wake:
                if self._over(shared):  # a fit that goes on takes the dropped step anew
                    self._rested = before if self._rested is fit.state else self._rested
                    fit.state = before
                    return
                shared.steps.append(step)
                shared.left -= 1
                if shared.left == 0:
                    shared.status = "paused"
                ended = fit.done or len(shared.steps) >= MAX_STEPS
        if ended:
            self._finish(shared, fit, dropped)

    def _ready(self, shared: Shared, dropped: Stop) -> Fit | None:
        """Prepare the labelled images and begin the fit, unless it is given up meanwhile."""
        try:
            task = self._pictures.labelled(self._telling(shared, lambda: dropped() or self._forgotten()))
        except Stopped:
            return None
        fit = Fit(self.model, task, self.settings)
        if self._rested:
            fit.state, self._rested = self._rested, None
        elif self._begin != fit.descriptor:
            fit.move(torch.tensor(self._begin))
        with self._wake:
            if dropped():
                return None
            self._fit, shared.busy = fit, ""
        return fit

    def _finish(self, shared: Shared, fit: Fit, dropped: Stop) -> None:
        with self._wake:
            if dropped():
                return
            shared.status, shared.busy = "running", "judging the result"
        adapted = fit.finish()
        try:
            task = self._pictures.whole(self._telling(shared, lambda: dropped() or self._forgotten()))
        except Stopped:
            with self._wake:
                shared.busy = ""
            return
        outputs = predict(self.model, adapted, task.test)
        outcome = outcome_of(self.task, adapted, shared.steps, outputs)
        with self._wake:
            if dropped():
                return
            shared.status, shared.adapted, shared.outputs, shared.ours = "done", adapted, outputs, outcome
            shared.held, shared.let_go, shared.busy = {}, {}, ""
            shared.add(outcome)
            shared.completed = False
            self.complete()

    def _over(self, shared: Shared) -> bool:
        """Whether this run has been stopped, or another has taken its place."""
        return shared is not self._shared or shared.status == "stopped"
