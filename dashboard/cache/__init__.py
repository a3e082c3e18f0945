"""The only place that caches: every entry is bounded and keyed by what the result depends on.

A model is identified by its checkpoint's digest, a picture and a gallery by their own, an axis by its
name, a scene by its key and a descriptor by its values, which :mod:`dashboard.session.settings` rounds. Cached
objects are shared by all sessions and by the live route, and must not be changed.
"""

from dashboard.cache.adapt import answer, bundle, classifier, fit_key, pack, policy
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
    pictured,
    reading,
    recognised,
    saliencies,
    scene,
    sketch,
    thumbnails,
    tiles,
)
from dashboard.cache.lessons import found, lesson_picture, lesson_task, lessons
from dashboard.cache.manifold import extractor_map, line_up, line_up_pictures, map_jobs, movement
from dashboard.cache.models import features, model, untrained
from dashboard.cache.tasks import task, with_shots
from dashboard.cache.theory import bank, certified, comparisons, survey

__all__ = [
    "answer",
    "bands",
    "bank",
    "bundle",
    "certified",
    "classifier",
    "comparisons",
    "crowd",
    "extractor_map",
    "features",
    "find_scene",
    "fit_key",
    "found",
    "frames",
    "frames_seen",
    "lesson_picture",
    "lesson_task",
    "lessons",
    "line_up",
    "line_up_pictures",
    "map_jobs",
    "maps",
    "model",
    "movement",
    "others",
    "pack",
    "photographs",
    "photos",
    "pictured",
    "policy",
    "reading",
    "recognised",
    "saliencies",
    "scene",
    "sketch",
    "survey",
    "task",
    "thumbnails",
    "tiles",
    "untrained",
    "with_shots",
]
