"""The certificate of a fit while it goes: the latest descriptor, one at a time, in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Thread

from core.certificates.fit_certificate import certify_fit
from core.certificates.labelled_images import CertifiedFit
from core.model.amortised import AmortisedExtractor
from core.tasks import Task
from dashboard.jobs.errors import told
from dashboard.jobs.preparing import Preparing, as_preparing
from dashboard.jobs.turns import TURNS, in_turn

Point = tuple[float, ...]


class CertificateJob:
    """Certificates on demand.

    Args:
        model: the amortised extractor.
        task: whose labelled images are certified; they are prepared when the first certificate is made.
        idle: called in its thread when a certificate has been made: somebody else may need the room.

    Attributes:
        problem: why there is none, as a sentence, or "".
    """

    def __init__(
        self, model: AmortisedExtractor, task: Task | Preparing, idle: Callable[[], None] = lambda: None
    ) -> None:
        self._model, self._task = model, as_preparing(model, task)
        self._idle = idle
        self._found: CertifiedFit | None = None
        self._asked: Point | None = None
        self._thread: Thread | None = None
        self._lock = Lock()
        self.problem = ""

    def ask(self, descriptor: Point) -> CertifiedFit | None:
        """The latest certificate; begins one of this descriptor unless one is being made."""
        with self._lock:
            idle = self._thread is None or not self._thread.is_alive()
            if idle and descriptor != self._asked and not self.problem:
                self._asked = descriptor
                self._thread = Thread(target=self._work, args=(descriptor,), name="promise", daemon=True)
                self._thread.start()
            return self._found

    @property
    def asked(self) -> Point | None:
        """The descriptor that was asked for last."""
        with self._lock:
            return self._asked

    @property
    def computing(self) -> bool:
        """Whether it has a turn."""
        return TURNS.has(self)

    @property
    def busy(self) -> bool:
        """Whether one is being made."""
        return self._thread is not None and self._thread.is_alive()

    def _work(self, descriptor: Point) -> None:
        try:
            found, problem = in_turn(self, lambda: certify_fit(self._model, self._task.labelled(), descriptor)), ""
        except Exception as error:
            found, problem = None, told(error)
        with self._lock:
            self._found, self.problem = found or self._found, problem
        self._idle()
