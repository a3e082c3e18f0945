"""What the Adapt page fits, and what fits it."""

from __future__ import annotations

from dataclasses import dataclass

from core.adaptation import Settings
from core.baselines import Origin
from core.tasks import TaskSource
from dashboard.jobs.fit_worker import Worker

OWN = "Your own images"
"""The task of a setup that is about a person's own images."""

SHOTS, SEEDS = (4, 100), (0, 9999)
"""The least and the most that the widgets of the page can show."""


@dataclass(frozen=True)
class Setup:
    """What is fitted: ``task`` is a name or :data:`OWN`, ``shots`` labelled images per class, and how."""

    task: str
    shots: int = 20
    seed: int = 0
    objective: str = Settings.objective

    @property
    def origin(self) -> Origin:
        """What its rows are fitted with."""
        return Origin(self.shots, self.seed, self.objective)


@dataclass(frozen=True)
class Run:
    """A worker with where it comes from; ``own`` is the source of a person's own images, if there is one."""

    key: str
    setup: Setup
    worker: Worker
    own: TaskSource | None = None
