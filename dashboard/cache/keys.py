"""What cached results are identified by, and the lock of the one network that runs at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any

import streamlit as st

import core
from core.axes.transforms import Axis
from core.inspect.gallery import Gallery
from core.model.amortised import AmortisedExtractor
from dashboard.cache.scenes import LiveScene
from dashboard.encode import Picture

KEYS: dict[Any, Callable[[Any], Any]] = {
    AmortisedExtractor: lambda model: model.metadata["digest"],
    Picture: lambda picture: picture.digest,
    Gallery: lambda gallery: gallery.digest,
    Axis: lambda axis: axis.name,
    LiveScene: lambda scene: scene.key,
    core.Descriptor: lambda descriptor: descriptor.values,
}
resource = partial(st.cache_resource, show_spinner=False, hash_funcs=KEYS)
inference = Lock()  # one network at a time: sessions share the cores
