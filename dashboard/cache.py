"""The only place that caches: every entry is bounded and keyed by what the result depends on.

A model is identified by its checkpoint's digest, a picture and a gallery by their own, an axis by its
name, a scene by its key and a descriptor by its values, which :mod:`dashboard.session.settings` rounds. Cached
objects are shared by all sessions and by the live route, and must not be changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import Tensor

import core
from core import manifold
from core.axes.transforms import Axis
from core.certificates import survey as certificates
from core.certificates.feature_bank import FeatureBank, Row, exact_rows
from core.certificates.independent_images import LABELS, sample_of
from core.evaluation import controls
from core.inspect import grid, sensitivity
from core.inspect.background import Background, Crowd, background
from core.inspect.feature_maps import MapSweep, map_sweep
from core.inspect.gallery import Gallery
from core.inspect.saliency import saliency as core_saliency
from core.inspect.scene import Reading, make_scene
from core.manifold import Atlas, representations
from core.measures.response import Features, Images
from core.model import checkpoints
from core.model.amortised import AmortisedExtractor
from core.model.weight_cache import WeightCache
from core.tasks import known_tasks
from dashboard.jobs.map_jobs import MapJobs
from dashboard.jobs.network_certificates import Comparisons
from dashboard.live.encode import Frame, Picture, jpeg_uri, png_uri, shrunk
from dashboard.live.inputs import LiveScene, Scenes

_KEYS: dict[Any, Callable[[Any], Any]] = {
    AmortisedExtractor: lambda model: model.metadata["digest"],
    Picture: lambda picture: picture.digest,
    Gallery: lambda gallery: gallery.digest,
    Axis: lambda axis: axis.name,
    LiveScene: lambda scene: scene.key,
    core.Descriptor: lambda descriptor: descriptor.values,
}
_resource = partial(st.cache_resource, show_spinner=False, hash_funcs=_KEYS)
_inference = Lock()  # one network at a time: sessions share the cores


def model() -> AmortisedExtractor:
    """The shipped model; read again when the file changes.

    Raises:
        FileNotFoundError, ValueError: a sentence that says what is wrong with the file.
    """
    path = checkpoints.SHIPPED
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    return _load(str(path), stamp)


@st.cache_resource(show_spinner=False, max_entries=2)
def _load(path: str, stamp: int) -> AmortisedExtractor:
    # One thread: on a busy machine two threads wait for each other (measured: 111 images in 45 ms against 400 ms).
    torch.set_num_threads(1)
    return core.load_checkpoint(path)


@st.cache_resource(show_spinner=False)
def photographs() -> dict[str, Picture]:
    """The shipped photographs by name."""
    return {photo.name: Picture(photo.name, photo.source, photo.pixels) for photo in core.photographs()}


@_resource(max_entries=2)
def crowd(model: AmortisedExtractor, seed: int) -> Crowd:
    """Other pictures, as they are and moved: they make the band and say what 1 means."""
    return Crowd.of(model.prepare, core.probe_images(grid.PROBES, seed, model.input_size), model.transforms)


def others(gallery: Gallery | None, picture: Picture) -> dict[str, Picture]:
    """The picture and those among which it is looked up: the person's own ones, or the shipped photographs."""
    if gallery is None:
        return photographs() | {picture.name: picture}
    found = {picture.name: picture}
    for photo in gallery.pictures:
        name = f"{photo.name} (yours)" if photo.name == picture.name else photo.name
        found[name] = Picture(name, photo.source, photo.pixels)
    return found


@st.cache_resource(show_spinner=False)
def scenes() -> Scenes:
    """The latest scenes, for the live route."""
    return Scenes()


def scene(
    model: AmortisedExtractor, picture: Picture, axis: Axis, at: int, seed: int, gallery: Gallery | None
) -> LiveScene:
    """What is shown apart from the descriptors, registered for the live route."""
    found = _scene(model, picture, axis, at, seed, gallery)
    scenes().add(found)
    return found


@_resource(max_entries=64)
def _scene(
    model: AmortisedExtractor, picture: Picture, axis: Axis, at: int, seed: int, gallery: Gallery | None
) -> LiveScene:
    pictures = {name: each.pixels for name, each in others(gallery, picture).items()}
    identity = (model.metadata["digest"], picture.digest, axis.name, at, seed, gallery.digest if gallery else "")
    made = make_scene(
        model.prepare,
        crowd(model, seed).probes,
        seen(model, picture),
        pictures,
        picture.name,
        model.transforms,
        model.transforms.index(axis),
        at,
    )
    return LiveScene(**vars(made), key=hashlib.sha256(repr(identity).encode()).hexdigest()[:24], seed=seed)


@_resource(max_entries=32)
def seen(model: AmortisedExtractor, picture: Picture) -> Tensor:
    """(K, S, 3, H, W) what the extractor sees of a picture along every axis."""
    return sensitivity.seen(picture.pixels, model.transforms, grid.POINTS, model.input_size)


def frames_seen(model: AmortisedExtractor, picture: Picture, axis: Axis) -> Tensor:
    """(F, 3, H, W) what the extractor sees at the filmstrip's strengths."""
    return seen(model, picture)[model.transforms.index(axis), :: grid.STRIDE]


@_resource(max_entries=512)
def reading(model: AmortisedExtractor, descriptor: core.Descriptor, scene: LiveScene) -> Reading:
    """One descriptor's numbers in a scene."""
    return scene.read(features(model, descriptor))


def bands(model: AmortisedExtractor, descriptor: core.Descriptor, scene: LiveScene) -> np.ndarray:
    """(2, K, F) the range of other pictures under a descriptor."""
    return _bands(model, descriptor, scene.seed)


@_resource(max_entries=128)
def _bands(model: AmortisedExtractor, descriptor: core.Descriptor, seed: int) -> np.ndarray:
    return crowd(model, seed).bands(features(model, descriptor), _ground(model, descriptor, seed))


@_resource(max_entries=256)
def _ground(model: AmortisedExtractor, descriptor: core.Descriptor, seed: int) -> Background:
    return background(features(model, descriptor), crowd(model, seed).probes)


def features(model: AmortisedExtractor, descriptor: core.Descriptor) -> Features:
    """The extractor at a descriptor, one call at a time; the weights of the latest descriptors are kept."""
    kept = _weights(model)

    def extract(images: Images) -> Tensor:
        with _inference:
            return kept.features(images, descriptor)

    return extract


@_resource(max_entries=3)
def _weights(model: AmortisedExtractor) -> WeightCache:
    return WeightCache(model)


@_resource(max_entries=32)
def photos(picture: Picture, axis: Axis) -> Tensor:
    """(F, 3, H, W) the filmstrip's pictures, transformed at the size at which they are shown."""
    return sensitivity.sweep(shrunk(picture.pixels), axis, grid.frame_strengths(axis))


@_resource(max_entries=64)
def frames(model: AmortisedExtractor, picture: Picture, axis: Axis) -> list[Frame]:
    """The filmstrip for the browser, each picture beside the extractor's input."""
    small = frames_seen(model, picture, axis)
    return [
        Frame(float(strength), jpeg_uri(photo), png_uri(pixels))
        for strength, photo, pixels in zip(grid.frame_strengths(axis), photos(picture, axis), small, strict=True)
    ]


@_resource(max_entries=16)
def tiles(picture: Picture, axis: Axis, scene: LiveScene, gallery: Gallery | None) -> list[Tensor]:
    """The line-up's pictures, (3, h, w) each, in its order."""
    pixels = {name: shrunk(each.pixels, 150)[None] for name, each in others(gallery, picture).items()}
    return [axis.apply(pixels[each.name], each.strength)[0] for each in scene.candidates]


@_resource(max_entries=64)
def thumbnails(picture: Picture, axis: Axis, scene: LiveScene, gallery: Gallery | None) -> list[str]:
    """The line-up for the browser."""
    return [jpeg_uri(tile) for tile in tiles(picture, axis, scene, gallery)]


@_resource(max_entries=64)
def maps(model: AmortisedExtractor, descriptor: core.Descriptor, picture: Picture, axis: Axis, layer: str) -> MapSweep:
    """Feature maps at the filmstrip's strengths."""
    small = frames_seen(model, picture, axis)
    with _inference:
        return map_sweep(model, descriptor, small, grid.frame_strengths(axis), layer)


@_resource(max_entries=64)
def saliency(model: AmortisedExtractor, descriptor: core.Descriptor, scene: LiveScene, picture: Picture) -> Tensor:
    """(H, W) where a descriptor notices the change which is looked up."""
    ground = _ground(model, descriptor, scene.seed)
    with _inference:
        return core_saliency(model, descriptor, picture.pixels, scene.axis, scene.strength, ground)


@_resource(max_entries=2)
def untrained(model: AmortisedExtractor) -> AmortisedExtractor:
    """The same networks with random weights, the control of every picture of the inside."""
    control = controls.untrained(model.architecture, model.transforms)
    control.metadata["digest"] = "random"
    return control


@_resource(max_entries=256)
def recognised(model: AmortisedExtractor, descriptor: core.Descriptor, scene: LiveScene) -> float:
    """Share of the probe images that are still told apart at the ends of the axis which is shown."""
    ground = _ground(model, descriptor, scene.seed)
    return crowd(model, scene.seed).recognised(features(model, descriptor), ground, scene.number)


def atlas(model: AmortisedExtractor) -> Atlas:
    """The shipped map of a model; read again when the file changes.

    Raises:
        FileNotFoundError, ValueError: a sentence that says how to make it.
    """
    path = manifold.SHIPPED
    return _atlas(model.metadata["digest"], str(path), path.stat().st_mtime_ns if path.is_file() else 0)


@st.cache_resource(show_spinner=False, max_entries=2)
def _atlas(digest: str, path: str, stamp: int) -> Atlas:
    return manifold.load_atlas(digest, Path(path))


@_resource(max_entries=16)
def movement(model: AmortisedExtractor, points: tuple[tuple[float, ...], ...]) -> tuple[np.ndarray, int]:
    """(T, K) how far features move under each descriptor, and the number of pictures it was measured on."""
    pictures = representations.probe(model, 0)
    found = representations.take_fingerprints(model, np.array(points, np.float32), pictures, lambda text, share: None)
    return found.sensitivity, pictures.pictures


@_resource(max_entries=4)
def lessons(offer: tuple[Any, ...], _read: Callable[[], Any]) -> Any:
    """The lessons, which depend on what the pages offer."""
    return _read()


@_resource(max_entries=128)
def found(model: AmortisedExtractor, name: str, key: str, _take: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a lesson has measured; ``key`` says on what."""
    return _take()


@st.cache_resource(show_spinner=False, scope="session", on_release=MapJobs.cancel)
def map_jobs() -> MapJobs:
    """What this visitor has had made; its jobs end with the session."""
    return MapJobs()


def survey(model: AmortisedExtractor) -> certificates.Survey:
    """The stored certificates of a model; read again when the file changes.

    Raises:
        FileNotFoundError, ValueError: a sentence that says how to make them.
    """
    path = certificates.SHIPPED
    return _survey(model.metadata["digest"], str(path), path.stat().st_mtime_ns if path.is_file() else 0)


@st.cache_resource(show_spinner=False, max_entries=2)
def _survey(digest: str, path: str, stamp: int) -> certificates.Survey:
    return certificates.read_survey(digest, Path(path))


@_resource(max_entries=4)
def bank(model: AmortisedExtractor, name: str, seed: int) -> FeatureBank:
    """Features for certificates of a task with a known answer; computed as far as they are asked for."""
    source = next(source for source in known_tasks(model.transforms, model.input_size) if source.name == name)
    return FeatureBank(model, sample_of(source.draw(LABELS[-1], seed), seed))


@_resource(max_entries=128)
def certified(model: AmortisedExtractor, name: str, seed: int, n: int) -> tuple[Row, ...]:
    """Head and fitted descriptor on the first n images of a sample, with both priors."""
    return tuple(exact_rows(bank(model, name, seed), n))


@st.cache_resource(show_spinner=False, scope="session", on_release=Comparisons.cancel)
def comparisons() -> Comparisons:
    """The certificates that take this visitor minutes; they end with the session."""
    return Comparisons()
