"""What one run of the manifold page shows: the map, how it is looked at, and the task it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.adaptation.trajectories import Walk
from core.manifold import ExtractorMap, Layout, TaskMarks, place
from core.model.amortised import AmortisedExtractor
from dashboard.jobs.map_jobs import MapJobs, Subject
from dashboard.session.settings import Study

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
"""Fits are told apart by their dashes: every colour has its meaning already."""


@dataclass(frozen=True)
class Look:
    """By what points are coloured: ``kind``, a value of ``SEEN`` in the texts; the axis' number; (M,) which."""

    kind: str
    axis: int
    chosen: np.ndarray


@dataclass(frozen=True)
class ShownMap:
    """Everything that panels draw.

    Attributes:
        study: with descriptors A and B.
        model: whose extractors are shown.
        map_jobs: what this visitor has had made.
        mapped: the map.
        layout: the one of its layouts that is shown.
        look: its colours.
        subject: the task.
        fits: of that task. walks: the same up to the step that is shown; none where the page is not about them.
    """

    study: Study
    model: AmortisedExtractor
    map_jobs: MapJobs
    mapped: ExtractorMap
    layout: Layout
    look: Look
    subject: Subject
    fits: tuple[Walk, ...]
    walks: tuple[Walk, ...]

    @property
    def stored(self) -> TaskMarks | None:
        """What is kept with the map about the task."""
        return self.mapped.tasks.get(self.subject.name)

    @property
    def axis(self) -> str:
        """Name of the axis that is shown."""
        return self.mapped.axes[self.look.axis]

    def places(self, points: Sequence[Sequence[float]] | np.ndarray) -> np.ndarray:
        """(N, d) where descriptors (N, K) lie on the map."""
        return place(self.mapped.points, self.layout.positions, np.asarray(points, float))

    def pinned(self) -> dict[str, tuple[float, ...]]:
        """A, and B if there is one."""
        return {"A": self.study.a} | ({} if self.study.b is None else {"B": self.study.b})

    def between(self, count: int) -> np.ndarray | None:
        """(count, K) descriptors on the straight way from A to B; ``None`` without B."""
        if self.study.b is None or self.study.b == self.study.a:
            return None
        share = np.linspace(0, 1, count)[:, None]
        return (1 - share) * np.array(self.study.a) + share * np.array(self.study.b)
