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
from core.adaptation.preferences import slices
from core.baselines import BY_HAND, Outcome, OutOfReach, Stop, Stopped, head_at, outcome_of, run_method, title_of
from core.model.amortised import AmortisedExtractor
from core.sharing import SharedRun
from core.tasks import Task
from dashboard.jobs.certificate import CertificateJob
from dashboard.jobs.errors import told
from dashboard.jobs.preparing import Heard, Preparing, as_preparing
from dashboard.jobs.rows import Rows
from dashboard.jobs.snapshot import Shared, Snapshot

GRACE_S = 20.0
MAX_STEPS = 2000
MIDDLE = 0.5
"""Where a fit begins, on every coordinate."""


class Worker(Rows):
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
        self.task = self._pictures.task
        check_labels(self.task)
        self._fit: Fit | None = None
        self._begin = (MIDDLE,) * len(model.transforms)
        self.certificate_job = CertificateJob(model, self._pictures)
        self._shared, self._wake = Shared(), threading.Condition()
        self._thread: threading.Thread | None = None

    # --- commands, from the page ---

    def play(self, steps: int = -1) -> None:
        """Run on, or take so many steps and pause."""
        with self._wake:
            if self._shared.status in ("done", "failed", "stopped"):
                return
            self._shared.status, self._shared.left = "running", steps
            self._start()

    def pause(self) -> None:
        """Keep everything and wait."""
        with self._wake:
            if self._shared.status == "running":
                self._shared.status = "paused"

    def stop(self) -> None:
        """End for good; answers at once. A step being computed is dropped, a baseline ends at its next batch."""
        with self._wake:
            self._shared.stops += 1
            self._shared.status, self._shared.busy = "stopped", ""
            self._shared.jobs.clear()
            self._wake.notify_all()

    def rewind(self) -> None:
        """Back to the same start: the same images, seed and descriptor."""
        with self._wake:
            shared = self._shared
            self._shared = Shared(outcomes=shared.outcomes, hidden=shared.hidden, pause=shared.pause)
            self._fit, self._begin = None, (MIDDLE,) * len(self._begin)

    def restore(self, run: SharedRun) -> None:
        """Show a run that was made elsewhere; rewinding starts it anew, moving a coordinate goes on from its end."""
        with self._wake:
            status = "done" if run.adapted else "stopped" if run.steps else "ready"
            self._shared = Shared(
                status, steps=list(run.steps), outcomes=list(run.outcomes), adapted=run.adapted, outputs=run.outputs,
                slices=list(run.slices),
            )  # fmt: skip
            self._fit = None
            if run.steps:
                ended = run.adapted.unsnapped if run.adapted else run.steps[-1].descriptor
                self._begin = tuple(torch.tensor(ended).tolist())

    def pace(self, pause: float) -> None:
        """Seconds to wait between steps."""
        with self._wake:
            self._shared.pause = pause

    def move(self, axis: int, value: float) -> None:
        """Put one coordinate elsewhere; a finished run goes on from there."""
        with self._wake:
            self._shared.moves[axis] = value
            self._start()

    def by_hand(self, descriptor: tuple[float, ...]) -> None:
        """Fit the head alone at this descriptor, as a further outcome."""
        self._enqueue(BY_HAND, lambda task, stop: head_at(self.model, task, descriptor, BY_HAND))

    def baseline(self, name: str) -> None:
        """Run a baseline, as a further outcome."""
        self._enqueue(name, lambda task, stop: run_method(name, self.model, task, self.settings, stop=stop))

    def snapshot(self) -> Snapshot:
        """What there is now; asking also keeps the worker alive."""
        with self._wake:
            self._shared.asked = time.monotonic()
            return self._shared.seen(self._fit.descriptor if self._fit else self._begin)

    @property
    def kept(self) -> Preparing:
        """What it holds that takes room."""
        return self._pictures

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def working(self) -> bool:
        """Whether it computes, or is about to; one that waits for a person costs nothing."""
        shared = self._shared
        return self.alive and (shared.status == "running" or bool(shared.busy or shared.jobs or shared.moves))

    # --- the thread ---

    def _enqueue(self, name: str, make: Callable[[Task, Stop], Outcome]) -> None:
        with self._wake:
            shared, stops = self._shared, self._shared.stops
            shared.jobs.append(
                lambda: self._outcome(name, make, lambda: shared is not self._shared or shared.stops > stops)
            )
            self._start()

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
        torch.set_num_threads(1)
        while True:
            with self._wake:
                shared = self._shared
                job = shared.jobs.popleft() if shared.jobs else None
                running = shared.status == "running" or bool(shared.moves)
                if self._forgotten():
                    shared.status = "paused" if shared.status == "running" else shared.status
                    return
                if job is None and not running:
                    self._wake.wait(0.2)
                    continue
                pause = shared.pause
            try:
                job() if job else self._advance()
            except Exception as error:  # a diverged run, a task that cannot be fitted, or a mistake of ours
                with self._wake:
                    shared.status, shared.problem, shared.busy = "failed", told(error), ""
            if running and pause:
                time.sleep(pause)

    def _advance(self) -> None:
        with self._wake:
            shared, stops = self._shared, self._shared.stops
        fit = self._fit or self._ready(shared, lambda: shared is not self._shared or shared.stops > stops)
        with self._wake:
            if fit is None or shared is not self._shared:
                return
            moves, shared.moves = shared.moves, {}
            if moves:
                point = [moves.get(place, value) for place, value in enumerate(fit.descriptor)]
                fit.move(torch.tensor(point))
                shared.adapted, shared.outputs, shared.slices = None, None, []
                if shared.status in ("done", "paused", "ready"):
                    shared.status, shared.left = "running", -1
            if shared.status != "running":
                return
        step = fit.advance()
        with self._wake:
            if self._over(shared):
                return
            shared.steps.append(step)
            shared.left -= 1
            if shared.left == 0:
                shared.status = "paused"
            ended = fit.done or len(shared.steps) >= MAX_STEPS
            if ended:
                shared.status, shared.busy = "running", "judging the result"
        if ended:
            self._finish(shared, fit)

    def _ready(self, shared: Shared, dropped: Stop) -> Fit | None:
        """Prepare the labelled images and begin the fit, unless it is given up meanwhile."""
        try:
            task = self._pictures.labelled(self._telling(shared, lambda: dropped() or self._forgotten()))
        except Stopped:
            return None
        fit = Fit(self.model, task, self.settings)
        if self._begin != fit.descriptor:
            fit.move(torch.tensor(self._begin))
        with self._wake:
            if dropped():
                return None
            self._fit, shared.busy = fit, ""
        return fit

    def _telling(self, shared: Shared, dropped: Stop) -> Heard:
        """Says on the page how many images are prepared."""

        def heard(done: int, total: int) -> None:
            with self._wake:
                if dropped():
                    raise Stopped
                shared.busy = f"preparing pictures, {done:,} of {total:,}"

        return heard

    def _finish(self, shared: Shared, fit: Fit) -> None:
        adapted = fit.finish()
        try:
            task = self._pictures.whole(self._telling(shared, lambda: self._over(shared)))
        except Stopped:
            return
        outputs = predict(self.model, adapted, task.test)
        outcome = outcome_of(self.task, adapted, shared.steps, outputs)
        with self._wake:
            if self._over(shared):
                return
            shared.status, shared.adapted, shared.outputs = "done", adapted, outputs
            shared.outcomes.append(outcome)
            shared.busy = "cutting slices through the evidence"
        for cut in slices(self.model, task, adapted.descriptor):
            with self._wake:
                if shared.adapted is not adapted or self._over(shared):
                    return
                shared.slices.append(cut)
        with self._wake:
            shared.busy = ""

    def _over(self, shared: Shared) -> bool:
        """Whether this run has been stopped, or another has taken its place."""
        return shared is not self._shared or shared.status == "stopped"

    def _outcome(self, name: str, make: Callable[[Task, Stop], Outcome], dropped: Stop) -> None:
        with self._wake:
            if dropped():
                return
            shared = self._shared
        made, problem = None, ""

        def stop() -> bool:
            return dropped() or self._forgotten()

        try:
            task = self._pictures.whole(self._telling(shared, stop))
            with self._wake:
                shared.busy = "" if dropped() else f"fitting {title_of(name)}"
            made = make(task, stop)
        except OutOfReach as error:
            problem = str(error)
        except Stopped:
            pass
        with self._wake:
            if dropped():
                return
            shared.busy, shared.problem = "", problem
            if made:
                shared.outcomes.append(made)
