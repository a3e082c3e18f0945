"""One fit in a thread of its own: commands in, snapshots out. Knows no Streamlit.

The page asks for a snapshot several times a second. A worker that nobody has asked for a while stops,
so a closed tab ends its run, while a reload comes back in time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

import torch

from core.adaptation import Fit, Settings, predict, prepared
from core.adaptation.preferences import slices
from core.baselines import BY_HAND, Outcome, OutOfReach, Stop, Stopped, head_at, outcome_of, run_method, title_of
from core.model.amortised import AmortisedExtractor
from core.sharing import SharedRun
from core.tasks import Task
from dashboard.jobs.certificate import CertificateJob
from dashboard.jobs.errors import told
from dashboard.jobs.snapshot import Shared, Snapshot

GRACE_S = 20.0
MAX_STEPS = 2000


class Worker:
    """A fit that can be played, paused, stepped, stopped, rewound and disturbed.

    Args:
        model: the amortised extractor.
        task: what is fitted.
        settings: of the fit.
    """

    def __init__(self, model: AmortisedExtractor, task: Task, settings: Settings, grace: float = GRACE_S) -> None:
        self.model, self.task, self.settings, self._grace = model, prepared(model, task), settings, grace
        self._fit = Fit(self.model, self.task, settings)
        self.certificate_job = CertificateJob(self.model, self.task)
        self._shared = Shared()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None

    # --- commands, from the page ---------------------------------------------------------------------------------

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
            self._fit = Fit(self.model, self.task, self.settings)

    def restore(self, run: SharedRun) -> None:
        """Show a run that was made elsewhere; rewinding starts it anew, moving a coordinate goes on from its end."""
        with self._wake:
            status = "done" if run.adapted else "stopped" if run.steps else "ready"
            self._shared = Shared(
                status, steps=list(run.steps), outcomes=list(run.outcomes), adapted=run.adapted, outputs=run.outputs,
                slices=list(run.slices),
            )  # fmt: skip
            self._fit = Fit(self.model, self.task, self.settings)
            if run.steps:
                self._fit.move(torch.tensor(run.adapted.unsnapped if run.adapted else run.steps[-1].descriptor))

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
        self._enqueue(BY_HAND, lambda stop: head_at(self.model, self.task, descriptor, BY_HAND))

    def baseline(self, name: str) -> None:
        """Run a baseline, as a further outcome."""
        self._enqueue(name, lambda stop: run_method(name, self.model, self.task, self.settings, stop=stop))

    def take(self, outcomes: Iterable[Outcome], hidden: Iterable[int] = ()) -> None:
        """Begin with these rows, of which some are left out of the chart."""
        with self._wake:
            self._shared.outcomes, self._shared.hidden = list(outcomes), set(hidden)

    def drop(self, place: int) -> None:
        """Forget one outcome."""
        with self._wake:
            self._shared.drop(place)

    def draw(self, place: int, drawn: bool) -> None:
        """Put one outcome into the chart, or leave it out."""
        with self._wake:
            hidden = self._shared.hidden
            (hidden.discard if drawn else hidden.add)(place)

    def rename(self, place: int, name: str) -> None:
        """Give one outcome a name of a person's own; "" takes it away again."""
        with self._wake:
            if place < len(self._shared.outcomes):
                self._shared.outcomes[place] = replace(self._shared.outcomes[place], name=name)

    def snapshot(self) -> Snapshot:
        """What there is now; asking also keeps the worker alive."""
        with self._wake:
            self._shared.asked = time.monotonic()
            return self._shared.seen(self._fit.descriptor)

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def working(self) -> bool:
        """Whether it computes, or is about to; one that waits for a person costs nothing."""
        shared = self._shared
        return self.alive and (shared.status == "running" or bool(shared.busy or shared.jobs or shared.moves))

    # --- the thread ------------------------------------------------------------------------------------------------

    def _enqueue(self, name: str, make: Callable[[Stop], Outcome]) -> None:
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
            shared, fit = self._shared, self._fit
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
            if shared is not self._shared or shared.status == "stopped":
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

    def _finish(self, shared: Shared, fit: Fit) -> None:
        adapted = fit.finish()
        outputs = predict(self.model, adapted, self.task.test)
        outcome = outcome_of(self.task, adapted, shared.steps, outputs)
        with self._wake:
            if shared.status == "stopped" or shared is not self._shared:
                return
            shared.status, shared.adapted, shared.outputs = "done", adapted, outputs
            shared.outcomes.append(outcome)
            shared.busy = "cutting slices through the evidence"
        for cut in slices(self.model, self.task, adapted.descriptor):
            with self._wake:
                if shared.adapted is not adapted or shared is not self._shared or shared.status == "stopped":
                    return
                shared.slices.append(cut)
        with self._wake:
            shared.busy = ""

    def _outcome(self, name: str, make: Callable[[Stop], Outcome], dropped: Stop) -> None:
        with self._wake:
            if dropped():
                return
            shared = self._shared
            shared.busy = f"fitting {title_of(name)}"
        made, problem = None, ""
        try:
            made = make(lambda: dropped() or self._forgotten())
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
