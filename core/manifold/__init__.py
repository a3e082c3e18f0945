"""The descriptor manifold: extractors by what they do, on a map that says how far it may be believed.

Order: :mod:`~core.manifold.designs` (which descriptors), :mod:`~core.manifold.fingerprints` (what their
extractors do), :mod:`~core.manifold.layouts` (PCA and UMAP), :mod:`~core.manifold.trust` (may one believe
them), :mod:`~core.manifold.atlas` (all of it), :mod:`~core.manifold.store` (files),
:mod:`~core.manifold.placing` (where a new descriptor lies).
"""

from .atlas import Atlas, Settings, compute
from .designs import DESIGNS, Design
from .fingerprints import KINDS
from .layouts import DISTANCES, Layout
from .placing import place
from .store import SHIPPED, load_atlas, save_atlas
from .trust import NEIGHBOURS, Trust

__all__ = [
    "DESIGNS",
    "DISTANCES",
    "KINDS",
    "NEIGHBOURS",
    "SHIPPED",
    "Atlas",
    "Design",
    "Layout",
    "Settings",
    "Trust",
    "compute",
    "load_atlas",
    "place",
    "save_atlas",
]
