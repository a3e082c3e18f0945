"""The rows of a run's table, as a person changes them: a part of :class:`dashboard.jobs.fit_worker.Worker`."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace

from core.baselines import Outcome
from dashboard.jobs.snapshot import Shared


class Rows:
    """Outcomes that are taken over, dropped, drawn and named; whoever has them also has a lock."""

    _shared: Shared
    _wake: threading.Condition

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
