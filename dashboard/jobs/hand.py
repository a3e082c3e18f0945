"""A hand on the descriptor of a fit, as it runs and afterwards: a part of :mod:`dashboard.jobs.fit_worker`."""

from __future__ import annotations

from collections import deque

import torch

from core.adaptation import Fit
from dashboard.jobs.beside import Beside
from dashboard.jobs.snapshot import Shared


class Hand(Beside):
    """Coordinates that are put elsewhere, held and let go."""

    def move(self, axis: int, value: float) -> None:
        """Put one coordinate elsewhere; a finished run goes on from there."""
        with self._wake:
            self._shared.moves[axis] = value
            self._start()

    def hold(self, axis: int, value: float) -> None:
        """Fix one coordinate of the running fit where a hand is, until it is let go."""
        with self._wake:
            self._shared.held[axis] = value
            self._wake.notify_all()

    def let_go(self, axis: int, value: float) -> None:
        """The hand has left a coordinate of the running fit there: the gradient moves it on."""
        with self._wake:
            self._shared.held.pop(axis, None)
            self._shared.let_go[axis] = value
            self._wake.notify_all()

    def go_on(self) -> None:
        """Let a run that has ended go on from where the hand has put the descriptor."""
        with self._wake:
            hand, self._shared.hand = self._shared.hand, None
            self._shared.moves |= dict(enumerate(hand or ()))
            self._start()

    # --- the thread ---

    def _disturb(self, shared: Shared, fit: Fit) -> None:
        """What a person has done to the descriptor since the last step."""
        moves, shared.moves = shared.moves, {}
        if moves:
            fit.move(torch.tensor([moves.get(place, value) for place, value in enumerate(fit.descriptor)]))
            shared.adapted, shared.outputs, shared.ours, shared.slices = None, None, None, []
            shared.jobs = deque(job for job in shared.jobs if not job.patient)
            if shared.status in ("done", "paused", "ready", "stopped"):
                shared.status, shared.left = "running", -1
        touched, shared.let_go = shared.let_go, {}
        if touched:
            fit.grip(fit.gripped | touched)
        if fit.gripped != shared.held:
            fit.grip(shared.held)
