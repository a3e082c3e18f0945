"""One fit in a thread of its own: commands in, snapshots out. Knows no Streamlit.

The page asks for a snapshot several times a second. A worker that nobody has asked for a while stops,
so a closed tab ends its run, while a reload comes back in time.
"""

from __future__ import annotations

import copy
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch

from core.adaptation import Adapted, Fit, Settings, Step, features_of, predict
from core.baselines import Outcome, OutOfReach, run_method
from core.head import fit_head, left_out
from core.model import AmortisedExtractor
from core.sharing import SharedRun
from core.tasks import Task
from core.verdict import Slice, slices
from dashboard.theory.promise import Promise

GRACE_S = 20.0
MAX_STEPS = 2000
OURS, BY_HAND = "fit", "by hand"


@dataclass(frozen=True)
class Snapshot:
    """What the page draws; a copy that the worker does not touch again.

    Attributes:
        status: ``"ready"``, ``"running"``, ``"paused"``, ``"done"``, ``"stopped"`` or ``"failed"``.
        steps: of the present run.
        descriptor: where it is now.
        outcomes: finished methods and runs by hand, oldest first.
        busy: what is computed besides the run, or "".
        adapted: the end of the run, when it has one.
        outputs: (M, C) on the test images at the end.
        slices: of the evidence, when they are there.
        problem: one sentence, or "".
    """

    status: str
    steps: tuple[Step, ...]
    descriptor: tuple[float, ...]
    outcomes: tuple[Outcome, ...]
    busy: str = ""
    adapted: Adapted | None = None
    outputs: torch.Tensor | None = None
    slices: tuple[Slice, ...] = ()
    problem: str = ""


@dataclass
class _Shared:
    """What both threads touch, under one lock."""

    status: str = "ready"
    left: int = 0  # steps to take before pausing; negative: without end
    pause: float = 0.0  # seconds between steps
    steps: list[Step] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    busy: str = ""
    adapted: Adapted | None = None
    outputs: torch.Tensor | None = None
    slices: list[Slice] = field(default_factory=list)
    problem: str = ""
    moves: dict[int, float] = field(default_factory=dict)
    jobs: deque[Callable[[], None]] = field(default_factory=deque)
    asked: float = field(default_factory=time.monotonic)


class Worker:
    """A fit that can be played, paused, stepped, stopped, rewound and disturbed.

    Args:
        model: copied, because a model remembers weights and two threads must not share that.
        task: what is fitted.
        settings: of the fit.
    """

    def __init__(self, model: AmortisedExtractor, task: Task, settings: Settings, grace: float = GRACE_S) -> None:
        self.model, self.task, self.settings, self._grace = copy.deepcopy(model), task, settings, grace
        self._fit = Fit(self.model, task, settings)
        self.promise = Promise(self.model, task)
        self._shared = _Shared()
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
        """End for good; answers at once, and what is being computed is dropped when it comes."""
        with self._wake:
            self._shared.status, self._shared.busy = "stopped", ""
            self._shared.jobs.clear()
            self._wake.notify_all()

    def rewind(self) -> None:
        """Back to the same start: the same images, seed and descriptor."""
        with self._wake:
            shared = self._shared
            kept = shared.outcomes
            self._shared = _Shared(outcomes=kept, pause=shared.pause)
            self._fit = Fit(self.model, self.task, self.settings)

    def restore(self, run: SharedRun) -> None:
        """Show a run that was made elsewhere; rewinding starts it anew, moving a coordinate goes on from its end."""
        with self._wake:
            status = "done" if run.adapted else "stopped" if run.steps else "ready"
            self._shared = _Shared(
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
        self._enqueue(lambda: self._outcome(BY_HAND, lambda: self._head_at(descriptor)))

    def baseline(self, name: str) -> None:
        """Run a baseline, as a further outcome."""
        self._enqueue(
            lambda: self._outcome(name, lambda: run_method(name, self.model, self.task, self.settings))
        )  # fmt: skip

    def drop(self, place: int) -> None:
        """Forget one outcome."""
        with self._wake:
            if place < len(self._shared.outcomes):
                del self._shared.outcomes[place]

    def rename(self, place: int, name: str) -> None:
        """Give one outcome another name."""
        with self._wake:
            if place < len(self._shared.outcomes):
                self._shared.outcomes[place] = replace(self._shared.outcomes[place], method=name)

    def snapshot(self) -> Snapshot:
        """What there is now; asking also keeps the worker alive."""
        with self._wake:
            s = self._shared
            s.asked = time.monotonic()
            return Snapshot(
                s.status, tuple(s.steps), self._fit.descriptor, tuple(s.outcomes), s.busy, s.adapted, s.outputs,
                tuple(s.slices), s.problem,
            )  # fmt: skip

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread is not None and self._thread.is_alive()

    # --- the thread ------------------------------------------------------------------------------------------------

    def _enqueue(self, job: Callable[[], None]) -> None:
        with self._wake:
            self._shared.jobs.append(job)
            self._start()

    def _start(self) -> None:
        self._shared.asked = time.monotonic()
        if not self.alive:
            self._thread = threading.Thread(target=self._work, name="fit", daemon=True)
            self._thread.start()
        self._wake.notify_all()

    def _work(self) -> None:
        torch.set_num_threads(1)
        while True:
            with self._wake:
                shared = self._shared
                job = shared.jobs.popleft() if shared.jobs else None
                running = shared.status == "running" or bool(shared.moves)
                if time.monotonic() - shared.asked > self._grace:
                    shared.status = "paused" if shared.status == "running" else shared.status
                    return
                if job is None and not running:
                    self._wake.wait(0.2)
                    continue
                pause = shared.pause
            try:
                job() if job else self._advance()
            except (RuntimeError, ValueError) as error:  # a diverged run, or a task that cannot be fitted
                with self._wake:
                    shared.status, shared.problem, shared.busy = "failed", str(error), ""
            if running and pause:
                time.sleep(pause)

    def _advance(self) -> None:
        with self._wake:
            shared, fit = self._shared, self._fit
            moves, shared.moves = shared.moves, {}
            if moves:
                point = [moves.get(place, value) for place, value in enumerate(fit.descriptor)]
                fit.state.restart = min(fit.state.restart, self.settings.restarts - 1)
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

    def _finish(self, shared: _Shared, fit: Fit) -> None:
        adapted = fit.finish()
        outputs = predict(self.model, adapted, self.task.test)
        score = self.task.score(outputs, self.task.test.targets)
        curve = tuple((step.seconds, step.score) for step in shared.steps)
        parameters = adapted.head.parameters + len(adapted.descriptor)
        outcome = Outcome(OURS, score, adapted.seconds, parameters, adapted.descriptor, curve)
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

    def _outcome(self, name: str, make: Callable[[], Outcome]) -> None:
        with self._wake:
            shared = self._shared
            shared.busy = f"fitting {name}"
        try:
            made, problem = make(), ""
        except OutOfReach as error:
            made, problem = None, str(error)
        with self._wake:
            if shared is not self._shared or shared.status == "stopped":
                return
            shared.busy, shared.problem = "", problem
            if made:
                shared.outcomes.append(made)

    def _head_at(self, descriptor: tuple[float, ...]) -> Outcome:
        begun = time.perf_counter()
        labelled = self.task.labelled
        targets = self.task.encoded(labelled.targets)
        features = features_of(self.model, labelled, descriptor)
        head = fit_head(features, targets)
        seconds = time.perf_counter() - begun
        held_out = self.task.score(left_out(features, targets, head.penalty), labelled.targets)
        test = head(features_of(self.model, self.task.test, descriptor))
        score = self.task.score(test, self.task.test.targets)
        return Outcome(BY_HAND, score, seconds, head.parameters, descriptor, ((seconds, held_out),))
