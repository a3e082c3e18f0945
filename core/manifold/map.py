"""The map of extractors: a design of descriptors, their fingerprints, and layouts that may be believed or not."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..model.amortised import AmortisedExtractor
from ..tasks import TaskSource
from .line_ups import LineUps, line_ups
from .projections import DISTANCES, Layout, pca_layout, reduce, umap_layout
from .quality import NEIGHBOURS
from .representations import KINDS, Progress, probe, take_representations
from .sampling import DESIGNS
from .task_marks import TaskMarks, mark_task

SEEDS = 3
"""UMAP layouts of the plane that are made, so that one sees what changes with the seed alone."""

_EXTRACTORS, _LAYOUTS = 0.7, 0.75  # shares of the time after which the extractors and the PCA are done


@dataclass(frozen=True)
class Settings:
    """How a map is made.

    Attributes:
        design: one of :data:`core.manifold.sampling.DESIGNS`.
        count: descriptors at the least.
        kind: what they are compared by, one of :data:`core.manifold.representations.KINDS`.
        distance: one of :data:`core.manifold.projections.DISTANCES`.
        neighbours: of each point that UMAP looks at.
        seed: of the probe images and of the first layout.
    """

    design: str = "wireframe"
    count: int = 1000
    kind: str = "features"
    distance: str = "euclidean"
    neighbours: int = 15
    seed: int = 0

    def __post_init__(self) -> None:
        for name, known in (("design", tuple(DESIGNS)), ("kind", KINDS), ("distance", DISTANCES)):
            if getattr(self, name) not in known:
                raise ValueError(f"There is no {name} called {getattr(self, name)!r}. Known: {', '.join(known)}.")
        for name, least, most in (("count", 4 * NEIGHBOURS, 5000), ("neighbours", 2, 200), ("seed", 0, 9999)):
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"The {name} of a map must be from {least} to {most}; got {getattr(self, name)}.")


@dataclass(frozen=True)
class ExtractorMap:
    """A finished map.

    Attributes:
        settings: how it was made.
        checkpoint: digest of the model whose extractors it shows.
        axes: names of the K axes.
        points: (M, K) descriptors.
        edges: (E, 2) indices of neighbours along one axis.
        sensitivity: (M, K) how far features move along each axis; 0 = unmoved, 1 = another picture.
        explained: (R,) variance explained by each principal component of the fingerprints.
        layouts: PCA and UMAP, of the plane and of space.
        seconds: where the time went, by part.
        date: when, ISO 8601; "" if nobody wrote it down.
        line_ups: what every extractor finds alike; ``None`` if nobody asked them.
        tasks: by name, those that are marked with the map.
    """

    settings: Settings
    checkpoint: str
    axes: tuple[str, ...]
    points: np.ndarray
    edges: np.ndarray
    sensitivity: np.ndarray
    explained: np.ndarray
    layouts: tuple[Layout, ...]
    seconds: Mapping[str, float]
    date: str = ""
    line_ups: LineUps | None = None
    tasks: Mapping[str, TaskMarks] = field(default_factory=dict)

    def layout(self, method: str, dimensions: int, seed: int | None = None) -> Layout:
        """One layout; without a seed the first of its kind.

        Raises:
            ValueError: the map has none like it.
        """
        for each in self.layouts:
            if (each.method, each.dimensions) == (method, dimensions) and seed in (None, each.seed):
                return each
        raise ValueError(f"This map has no layout by {method} in {dimensions} dimensions with seed {seed}.")

    def seeds(self, method: str, dimensions: int) -> tuple[int, ...]:
        """Of the layouts of one kind."""
        return tuple(each.seed for each in self.layouts if (each.method, each.dimensions) == (method, dimensions))


def compute(
    model: AmortisedExtractor, settings: Settings, progress: Progress, jobs: int = 1, scheduler: str | None = None
) -> ExtractorMap:
    """Make a map: some 50 ms per descriptor, then UMAP.

    Args:
        model: with the digest of its checkpoint in its metadata.
        settings: how.
        progress: called with a text and the share that is done; may raise to stop.
        jobs, scheduler: where the extractors run, see :func:`core.parallel.spread`.
    """
    clock = _Clock()
    design = DESIGNS[settings.design](len(model.transforms), settings.count)
    pictures = probe(model, settings.seed)
    clock.lap("probe pictures")

    def fingerprinted(text: str, share: float) -> None:
        progress(text, _EXTRACTORS * share)

    found = take_representations(model, design.points, pictures, fingerprinted, jobs, scheduler)
    clock.lap("extractors")
    progress("principal components", _EXTRACTORS)
    reduced = reduce(found.of(settings.kind), settings.distance)
    layouts = [pca_layout(reduced, 2), pca_layout(reduced, 3)]
    clock.lap("PCA")
    wanted = [(2, settings.seed + n) for n in range(SEEDS)] + [(3, settings.seed)]
    for number, (dimensions, seed) in enumerate(wanted):
        share = number / len(wanted)
        progress(f"UMAP in {dimensions} dimensions, seed {seed}", _LAYOUTS + (1 - _LAYOUTS) * share)
        layouts.append(umap_layout(reduced, dimensions, settings.neighbours, seed))
    clock.lap("UMAP")
    progress("done", 1.0)
    return ExtractorMap(
        settings,
        model.metadata.get("digest", ""),
        tuple(axis.name for axis in model.transforms),
        design.points,
        design.edges,
        found.sensitivity,
        reduced.explained,
        tuple(layouts),
        clock.laps,
    )


def with_line_ups(
    model: AmortisedExtractor, mapped: ExtractorMap, progress: Progress, jobs: int = 1, scheduler: str | None = None
) -> ExtractorMap:
    """The map with what its extractors find alike: some 25 ms per descriptor."""
    clock = _Clock()
    found = line_ups(model, mapped.points, progress, jobs, scheduler)
    clock.lap("line-ups")
    return replace(mapped, line_ups=found, seconds={**mapped.seconds, **clock.laps})


def with_task(
    model: AmortisedExtractor,
    mapped: ExtractorMap,
    source: TaskSource,
    progress: Progress,
    jobs: int = 1,
    scheduler: str | None = None,
) -> ExtractorMap:
    """The map with one more task marked on it: about half a minute."""
    clock = _Clock()
    found = mark_task(model, source, mapped.points, progress, jobs, scheduler)
    clock.lap("tasks")
    spent = mapped.seconds.get("tasks", 0.0) + clock.laps["tasks"]
    return replace(mapped, tasks={**mapped.tasks, source.name: found}, seconds={**mapped.seconds, "tasks": spent})


class _Clock:
    """Seconds per part."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = now - self._since
        self._since = now
