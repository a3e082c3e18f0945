"""What :class:`dashboard.jobs.fit_worker.Worker` computes besides its fit: rivals, baselines, heads by hand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from core.adaptation import Settings
from core.adaptation.preferences import Slice, slices
from core.baselines import (
    BY_HAND,
    Outcome,
    OutOfReach,
    Stop,
    Stopped,
    baselines,
    head_at,
    run_method,
    title_of,
)
from core.model.amortised import AmortisedExtractor
from core.tasks import Task
from dashboard.jobs.preparing import Heard, Preparing
from dashboard.jobs.rows import Rows
from dashboard.jobs.snapshot import Job, Shared

RIVALS = ("frozen-told", "pixels")
"""Methods that every fit is held against without being asked; those that there are beside a model."""

COMPARING, CUTTING = "comparing with simple methods", "checking how much each slider matters"


class Beside(Rows, ABC):
    """Jobs that wait for each other and for the fit's next step."""

    model: AmortisedExtractor
    settings: Settings
    _pictures: Preparing

    def by_hand(self, descriptor: tuple[float, ...]) -> None:
        """Fit the head alone at this descriptor: the row by hand, in place of the last one unless that has a name."""
        with self._wake:
            shared = self._shared
            shared.hand = descriptor
            for job in [job for job in shared.jobs if job.name == BY_HAND]:
                shared.jobs.remove(job)
        self._enqueue(BY_HAND, lambda task, stop: head_at(self.model, task, descriptor, BY_HAND))

    def baseline(self, name: str) -> None:
        """Run a baseline, as a further outcome."""
        self._enqueue(name, lambda task, stop: run_method(name, self.model, task, self.settings, stop=stop))

    def complete(self, *, again: bool = False) -> None:
        """Queue what a fit that has ended lacks: its rivals, and how much each slider matters.

        Args:
            again: also where a person has stopped that before.
        """
        with self._wake:
            shared, stops = self._shared, self._shared.stops
            if shared.adapted is None or (shared.completed and not again) or any(job.patient for job in shared.jobs):
                return
            shared.completed = True

            def dropped() -> bool:
                return shared is not self._shared or shared.stops > stops or bool(shared.moves)

            shared.jobs.append(Job(COMPARING, lambda: self._compare(shared, dropped), patient=True))
            if len(shared.slices) < len(self.model.transforms):
                shared.slices = []
                cuts = self._cuts(shared.adapted.descriptor)
                shared.jobs.append(Job(CUTTING, lambda: self._cut(shared, cuts, dropped), patient=True))
            self._start()

    # --- the thread ---

    def _cuts(self, descriptor: tuple[float, ...]) -> Iterator[Slice]:
        yield from slices(self.model, self._pictures.labelled(), descriptor)

    def _cut(self, shared: Shared, cuts: Iterator[Slice], dropped: Stop) -> None:
        """See how much one slider matters, and queue the next."""
        cut = next(cuts)
        with self._wake:
            if dropped():
                return
            shared.slices.append(cut)
            if len(shared.slices) < len(self.model.transforms):
                shared.jobs.append(Job(CUTTING, lambda: self._cut(shared, cuts, dropped), patient=True))
            shared.busy = ""

    def _compare(self, shared: Shared, dropped: Stop) -> None:
        """Run the rivals that are missing, unless it is stopped."""

        def stop() -> bool:
            return dropped() or self._forgotten()

        offered = [each.name for each in baselines(self.model) if each.name in RIVALS]
        try:
            task = self._pictures.whole(self._telling(shared, stop))
            for name in offered:
                if any(each.method == name for each in shared.rivals):
                    continue
                with self._wake:
                    if dropped():
                        return
                    shared.busy = f"comparing with {title_of(name)}"
                try:
                    made = run_method(name, self.model, task, self.settings, stop=stop)
                except OutOfReach:
                    continue  # the table offers it too, and says why
                with self._wake:
                    if dropped():
                        return
                    shared.rivals.append(made)
        except Stopped:
            shared.completed = dropped()  # by a person; who only comes back gets the rest
        with self._wake:
            shared.busy = shared.busy if dropped() else ""

    def _enqueue(self, name: str, make: Callable[[Task, Stop], Outcome]) -> None:
        with self._wake:
            shared, stops = self._shared, self._shared.stops
            job = Job(
                name, lambda: self._outcome(name, make, lambda: shared is not self._shared or shared.stops > stops)
            )
            shared.jobs.append(job)
            self._start()

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
                shared.add(made)

    def _telling(self, shared: Shared, dropped: Stop) -> Heard:
        """Says on the page how many images are prepared."""

        def heard(done: int, total: int) -> None:
            with self._wake:
                if dropped():
                    raise Stopped
                shared.busy = f"preparing pictures, {done:,} of {total:,}"

        return heard

    @abstractmethod
    def _start(self) -> None:
        """See to it that the thread runs, and wake it."""

    @abstractmethod
    def _forgotten(self) -> bool:
        """Whether nobody has asked for so long that the tab must be closed."""
