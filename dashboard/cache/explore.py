"""What Explore shows: pictures, scenes, readings, maps."""

from __future__ import annotations

import hashlib

import numpy as np
import streamlit as st
from torch import Tensor

import core
from core.axes.transforms import Axis
from core.backbones import Prepared
from core.inspect import grid, sensitivity
from core.inspect.background import Background, Crowd, background
from core.inspect.feature_maps import MapSweep, map_sweep
from core.inspect.gallery import Gallery
from core.inspect.saliency import saliency as core_saliency
from core.inspect.scene import Reading, make_scene
from core.model.amortised import AmortisedExtractor
from dashboard.cache.keys import inference, resource
from dashboard.cache.models import features
from dashboard.cache.scenes import LiveScene, Scenes
from dashboard.encode import Frame, Picture, jpeg_uri, png_uri, shrunk


@st.cache_resource(show_spinner=False)
def photographs() -> dict[str, Picture]:
    """The shipped photographs by name."""
    return {photo.name: Picture(photo.name, photo.source, photo.pixels) for photo in core.photographs()}


@resource(max_entries=8)
def probes(model: AmortisedExtractor, seed: int) -> Prepared:
    """Other pictures as they are: what 1 means."""
    return model.prepare(core.probe_images(grid.PROBES, seed, model.input_size))


@resource(max_entries=2)
def crowd(model: AmortisedExtractor, seed: int) -> Crowd:
    """Other pictures, as they are and moved: they make the band."""
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


@resource(max_entries=64)
def _scene(
    model: AmortisedExtractor, picture: Picture, axis: Axis, at: int, seed: int, gallery: Gallery | None
) -> LiveScene:
    pictures = {name: each.pixels for name, each in others(gallery, picture).items()}
    identity = (model.metadata["digest"], picture.digest, axis.name, at, seed, gallery.digest if gallery else "")
    made = make_scene(
        model.prepare,
        probes(model, seed),
        seen(model, picture),
        pictures,
        picture.name,
        model.transforms,
        model.transforms.index(axis),
        at,
    )
    return LiveScene(**vars(made), key=hashlib.sha256(repr(identity).encode()).hexdigest()[:24], seed=seed)


@resource(max_entries=32)
def seen(model: AmortisedExtractor, picture: Picture) -> Tensor:
    """(K, S, 3, H, W) what the extractor sees of a picture along every axis."""
    return sensitivity.seen(picture.pixels, model.transforms, grid.POINTS, model.input_size)


def frames_seen(model: AmortisedExtractor, picture: Picture, axis: Axis) -> Tensor:
    """(F, 3, H, W) what the extractor sees at the filmstrip's strengths."""
    return seen(model, picture)[model.transforms.index(axis), :: grid.STRIDE]


@resource(max_entries=512)
def reading(model: AmortisedExtractor, descriptor: core.Descriptor, scene: LiveScene) -> Reading:
    """One descriptor's numbers in a scene."""
    return scene.read(features(model, descriptor))


def bands(model: AmortisedExtractor, descriptor: core.Descriptor, scene: LiveScene) -> np.ndarray:
    """(2, K, F) the range of other pictures under a descriptor."""
    return _bands(model, descriptor, scene.seed)


@resource(max_entries=128)
def _bands(model: AmortisedExtractor, descriptor: core.Descriptor, seed: int) -> np.ndarray:
    return crowd(model, seed).bands(features(model, descriptor), _ground(model, descriptor, seed))


@resource(max_entries=256)
def _ground(model: AmortisedExtractor, descriptor: core.Descriptor, seed: int) -> Background:
    return background(features(model, descriptor), probes(model, seed))


@resource(max_entries=32)
def photos(picture: Picture, axis: Axis) -> Tensor:
    """(F, 3, H, W) the filmstrip's pictures, transformed at the size at which they are shown."""
    return sensitivity.sweep(shrunk(picture.pixels), axis, grid.frame_strengths(axis))


@resource(max_entries=64)
def frames(model: AmortisedExtractor, picture: Picture, axis: Axis) -> list[Frame]:
    """The filmstrip for the browser, each picture beside the extractor's input."""
    small = frames_seen(model, picture, axis)
    return [
        Frame(float(strength), jpeg_uri(photo), png_uri(pixels))
        for strength, photo, pixels in zip(grid.frame_strengths(axis), photos(picture, axis), small, strict=True)
    ]


@resource(max_entries=16)
def tiles(picture: Picture, axis: Axis, scene: LiveScene, gallery: Gallery | None) -> list[Tensor]:
    """The line-up's pictures, (3, h, w) each, in its order."""
    pixels = {name: shrunk(each.pixels, 150)[None] for name, each in others(gallery, picture).items()}
    return [axis.apply(pixels[each.name], each.strength)[0] for each in scene.candidates]


@resource(max_entries=64)
def thumbnails(picture: Picture, axis: Axis, scene: LiveScene, gallery: Gallery | None) -> list[str]:
    """The line-up for the browser."""
    return [jpeg_uri(tile) for tile in tiles(picture, axis, scene, gallery)]


@resource(max_entries=64)
def maps(model: AmortisedExtractor, descriptor: core.Descriptor, picture: Picture, axis: Axis, layer: str) -> MapSweep:
    """Feature maps at the filmstrip's strengths."""
    small = frames_seen(model, picture, axis)
    with inference:
        return map_sweep(model, descriptor, small, grid.frame_strengths(axis), layer)


@resource(max_entries=64)
def saliency(model: AmortisedExtractor, descriptor: core.Descriptor, scene: LiveScene, picture: Picture) -> Tensor:
    """(H, W) where a descriptor notices the change which is looked up."""
    ground = _ground(model, descriptor, scene.seed)
    with inference:
        return core_saliency(model, descriptor, picture.pixels, scene.axis, scene.strength, ground)


@resource(max_entries=256)
def recognised(model: AmortisedExtractor, descriptor: core.Descriptor, scene: LiveScene) -> float:
    """Share of the probe images that are still told apart at the ends of the axis which is shown."""
    ground = _ground(model, descriptor, scene.seed)
    return crowd(model, scene.seed).recognised(features(model, descriptor), ground, scene.number)
