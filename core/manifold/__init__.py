"""The descriptor manifold: extractors by what they do, on a map that says how far it may be believed.

Order: :mod:`~core.manifold.sampling` (which descriptors), :mod:`~core.manifold.representations` (what their
extractors do), :mod:`~core.manifold.projections` (PCA and UMAP), :mod:`~core.manifold.quality` (may one believe
them), :mod:`~core.manifold.line_ups` (what each extractor finds alike), :mod:`~core.manifold.task_marks` (tasks all
over the map), :mod:`~core.manifold.map` (all of it), :mod:`~core.manifold.store` (files),
:mod:`~core.manifold.interpolation` (where a new descriptor lies).
"""

from .interpolation import place
from .line_ups import Desk, LineUp, LineUps, pictures_of, question
from .map import ExtractorMap, Settings, compute, with_line_ups, with_task
from .projections import DISTANCES, Layout
from .quality import NEIGHBOURS, Quality, told
from .representations import KINDS
from .sampling import DESIGNS, Design
from .store import SHIPPED, load_map, save_map
from .task_marks import FITS, LABELLED, TaskMarks, stored_tasks

__all__ = [
    "DESIGNS",
    "DISTANCES",
    "FITS",
    "KINDS",
    "LABELLED",
    "NEIGHBOURS",
    "SHIPPED",
    "Design",
    "Desk",
    "ExtractorMap",
    "Layout",
    "LineUp",
    "LineUps",
    "Quality",
    "Settings",
    "TaskMarks",
    "compute",
    "load_map",
    "pictures_of",
    "place",
    "question",
    "save_map",
    "stored_tasks",
    "told",
    "with_line_ups",
    "with_task",
]
