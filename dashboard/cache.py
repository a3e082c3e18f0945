"""The only place that caches: every entry is bounded and keyed by what the result depends on.

A model is identified by its checkpoint's digest, a picture by its own, an axis by its name and a
descriptor by its values, which :mod:`dashboard.state` rounds. Cached objects are shared by all
sessions and must not be changed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import Tensor

import core
from core import checkpoints, sensitivity
from core.measures.response import Features
from core.model import AmortisedExtractor
from core.sensitivity import Background
from core.transforms import Axis
from dashboard import measurement
from dashboard.figures import Frame, strip_html
from dashboard.pictures import Picture, jpeg_uri, png_uri

_KEYS: dict[Any, Callable[[Any], Any]] = {
    AmortisedExtractor: lambda model: model.metadata["digest"],
    Picture: lambda picture: picture.digest,
    Axis: lambda axis: axis.name,
    core.Descriptor: lambda descriptor: descriptor.values,
}
_resource = partial(st.cache_resource, show_spinner=False, hash_funcs=_KEYS)
_inference = Lock()  # one network at a time: sessions share two cores and the model's cache of weights


def model() -> AmortisedExtractor:
    """The shipped model; read again when the file changes.

    Raises:
        FileNotFoundError, ValueError: a sentence that says what is wrong with the file.
    """
    path = checkpoints.SHIPPED
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    return _load(str(path), stamp)


@st.cache_resource(show_spinner="Loading the hypernetwork …", max_entries=2)
def _load(path: str, stamp: int) -> AmortisedExtractor:
    # One thread: on a busy machine two threads wait for each other (measured: 111 images in 45 ms against 400 ms).
    torch.set_num_threads(1)
    return core.load_checkpoint(path)


@st.cache_resource(show_spinner="Opening the photographs …")
def photographs() -> dict[str, Picture]:
    """The shipped photographs by name."""
    return {photo.name: Picture(photo.name, photo.source, photo.pixels) for photo in core.photographs()}


@_resource(max_entries=8)
def probes(seed: int) -> Tensor:
    """Other pictures, (P, 3, 32, 32): they make the band and say what 1 means."""
    return core.probe_images(measurement.PROBES, seed)


@_resource(max_entries=32)
def strip(picture: Picture, axis: Axis) -> str:
    """The filmstrip's pictures: transformed at full resolution, beside the extractor's input."""
    strengths = measurement.frame_strengths(axis)
    photos = sensitivity.sweep(picture.pixels, axis, strengths)
    seen = _inputs(picture, (axis,))[0, :: measurement.STRIDE]
    frames = [
        Frame(float(strength), jpeg_uri(photo), png_uri(small))
        for strength, photo, small in zip(strengths, photos, seen, strict=True)
    ]
    return strip_html(frames, picture.name, axis.name, axis.unit)


@_resource(max_entries=256)
def ground(model: AmortisedExtractor, descriptor: core.Descriptor, seed: int) -> Background:
    """How different pictures look under a descriptor."""
    return sensitivity.background(_features(model, descriptor), probes(seed))


@_resource(max_entries=512)
def similarity(model: AmortisedExtractor, descriptor: core.Descriptor, picture: Picture, seed: int) -> np.ndarray:
    """(K, points) similarity of the picture to itself along every axis."""
    axes = model.transforms
    inputs = _inputs(picture, axes)
    return sensitivity.picture_similarity(_features(model, descriptor), inputs, axes, ground(model, descriptor, seed))


@_resource(max_entries=512)
def crowd(model: AmortisedExtractor, descriptor: core.Descriptor, axis: Axis, seed: int) -> np.ndarray:
    """(P, frames) similarity of each probe image to itself along one axis."""
    inputs = _crowd_inputs(axis, seed)
    return sensitivity.crowd_similarity(_features(model, descriptor), inputs, ground(model, descriptor, seed))


@_resource(max_entries=32)
def _inputs(picture: Picture, axes: tuple[Axis, ...]) -> Tensor:
    return sensitivity.picture_inputs(picture.pixels, axes, measurement.POINTS)


@_resource(max_entries=32)
def _crowd_inputs(axis: Axis, seed: int) -> Tensor:
    return sensitivity.crowd_inputs(probes(seed), axis, measurement.frame_strengths(axis))


def _features(model: AmortisedExtractor, descriptor: core.Descriptor) -> Features:
    def features(images: Tensor) -> Tensor:
        with _inference:
            return model.features(images, descriptor)

    return features
