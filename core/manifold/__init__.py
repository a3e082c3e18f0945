"""The descriptor manifold: extractors by what they do, on a map that says how far it may be believed.

Order: :mod:`~core.manifold.sampling` (which descriptors), :mod:`~core.manifold.representations` (what their
extractors do), :mod:`~core.manifold.projections` (PCA and UMAP), :mod:`~core.manifold.quality` (may one believe
them), :mod:`~core.manifold.map` (all of it), :mod:`~core.manifold.store` (files),
:mod:`~core.manifold.interpolation` (where a new descriptor lies).
"""

from .interpolation import place
from .map import ExtractorMap, Settings, compute
from .projections import DISTANCES, Layout
from .quality import NEIGHBOURS, Quality
from .representations import KINDS
from .sampling import DESIGNS, Design
from .store import SHIPPED, load_map, save_map

__all__ = [
    "DESIGNS",
    "DISTANCES",
    "KINDS",
    "NEIGHBOURS",
    "SHIPPED",
    "Design",
    "ExtractorMap",
    "Layout",
    "Quality",
    "Settings",
    "compute",
    "load_map",
    "place",
    "save_map",
]
