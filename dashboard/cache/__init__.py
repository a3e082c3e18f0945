"""The only place that caches: every entry is bounded and keyed by what the result depends on.

A model is identified by its checkpoint's digest, a picture and a gallery by their own, an axis by its
name, a scene by its key and a descriptor by its values, which :mod:`dashboard.session.settings` rounds. Cached
objects are shared by all sessions and by the live route, and must not be changed.
"""

from dashboard.cache.explore import (
    bands,
    crowd,
    find_scene,
    frames,
    frames_seen,
    maps,
    others,
    photographs,
    photos,
    reading,
    recognised,
    saliencies,
    scene,
    thumbnails,
    tiles,
)
from dashboard.cache.lessons import found, lessons
from dashboard.cache.manifold import extractor_map, map_jobs, movement
from dashboard.cache.models import features, model, untrained
from dashboard.cache.tasks import task, with_shots
from dashboard.cache.theory import bank, certified, comparisons, survey

__all__ = [
    "bands",
    "bank",
    "certified",
    "comparisons",
    "crowd",
    "extractor_map",
    "features",
    "find_scene",
    "found",
    "frames",
    "frames_seen",
    "lessons",
    "map_jobs",
    "maps",
    "model",
    "movement",
    "others",
    "photographs",
    "photos",
    "reading",
    "recognised",
    "saliencies",
    "scene",
    "survey",
    "task",
    "thumbnails",
    "tiles",
    "untrained",
    "with_shots",
]
