"""Certified tasks kept on disk as they are finished, so that a survey that was cut goes on where it was."""

from __future__ import annotations

from typing import Any

from ..log import Log
from .survey import Certified


class SurveyLog(Log[Certified]):
    """A line per task, with all its certificates."""

    called = "certificates"

    def read(self, document: Any) -> Certified:
        """A task from its line."""
        return Certified.of(document)

    def document(self, result: Certified) -> Any:
        """The line of a task."""
        return result.document()
