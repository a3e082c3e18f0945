"""Trials kept on disk as they finish, so that hours of a benchmark that was cut are not lost."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from ..baselines import Outcome
from ..log import Log
from .runner import Trial


class TrialLog(Log[Trial]):
    """A line per trial. What a trial regrets depends on the others, so it is not kept."""

    called = "trials"

    def read(self, document: Any) -> Trial:
        """A trial from its line."""
        outcome = document["outcome"]
        if outcome["descriptor"] is not None:
            outcome["descriptor"] = tuple(outcome["descriptor"])
        outcome["curve"] = tuple(tuple(point) for point in outcome["curve"])
        return Trial(**document | {"outcome": Outcome(**outcome)})

    def document(self, result: Trial) -> Any:
        """The line of a trial."""
        return asdict(replace(result, regret=None))
