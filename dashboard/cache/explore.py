"""What Explore shows: pictures, scenes, readings, maps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from weakref import ref

import numpy as np
import streamlit as st
import torch
from torch import Tensor

import core
from core.axes.transforms import Axis
from core.backbones import Prepared
from core.backbones.base import joined
from core.inspect import grid, sensitivity
from core.inspect.background import Background, background
from core.inspect.feature_maps import MapSweep, map_sweep
from core.inspect.gallery import Gallery
from core.inspect.saliency import View
from core.inspect.saliency import saliencies as core_saliencies
from core.inspect.scene import Course, Reading, course, make_scene
from core.model.amortised import AmortisedExtractor
from dashboard.cache.bounded import Bounded, bounded
from dashboard.cache.crowds import LiveCrowd
from dashboard.cache.keys import inference, resource
from dashboard.cache.models import features, prepare, untrained
from dashboard.cache.scenes import LiveScene, Sibling
from dashboard.encode import Frame, Picture, jpeg_uri, seen_uri, shrunk
from dashboard.jobs import network_pool


@st.cache_resource(show_spinner=False)
def photographs() -> dict[str, Picture]:
    """The shipped photographs by name."""
    return {photo.name: Picture(photo.name, photo.source, photo.pixels) for photo in core.photographs()}


@bounded(32)
def probes(model: AmortisedExtractor, seed: int) -> Prepared:
    """Other pictures as they are: what 1 means."""
    return prepare(model)(_pixels(model, seed))


@bounded(128)
def crowd(model: AmortisedExtractor, seed: int) -> LiveCrowd:
    """Other pictures, as they are and moved: they make the band."""
    return LiveCrowd(prepare(model), _pixels(model, seed), model.transforms, probes(model, seed))


def _pixels(model: AmortisedExtractor, seed: int) -> Tensor:
    return core.probe_images(grid.PROBES, seed, model.input_size)


def others(gallery: Gallery | None, picture: Picture) -> dict[str, Picture]:
    """The picture and those among which it is looked up: the person's own ones, or the shipped photographs."""
    if gallery is None:
        return photographs() | {picture.name: picture}
    found = {picture.name: picture}
    for photo in gallery.pictures:
        name = f"{photo.name} (yours)" if photo.name == picture.name else photo.name
        found[name] = Picture(name, f"{gallery.digest} {photo.name}", photo.pixels)
    return found


_scenes = Bounded(128 << 20)


def find_scene(key: str) -> LiveScene | None:
    """For the live route: the scene of that key, unless it has been forgotten."""
    found: LiveScene | None = _scenes.find(key)
    return found


def scene(
    model: AmortisedExtractor, picture: Picture, axis: Axis, at: int, seed: int, gallery: Gallery | None
) -> LiveScene:
    """What is shown apart from the descriptors; the live route finds it by its key."""
    network_pool.attend()
    identity = (model.metadata["digest"], picture.digest, axis.name, seed, gallery.digest if gallery else "")
    family = hashlib.sha256(repr(identity).encode()).hexdigest()[:24]
    key = f"{family}-{at}"
    sibling = _siblings(model, picture, axis, seed, gallery)

    def made() -> LiveScene:
        pictures = {name: _working(each, model.input_size) for name, each in others(gallery, picture).items()}
        number = model.transforms.index(axis)
        found = make_scene(
            prepare(model), probes(model, seed), _taken(model, picture)[0], pictures, picture.name, model.transforms,
            number, at, model.input_size, _unmoved(model, picture, gallery),
        )  # fmt: skip
        return LiveScene(**vars(found), key=key, seed=seed, family=family, sibling=sibling)

    return _scenes.get(key, made)


def _siblings(
    model: AmortisedExtractor, picture: Picture, axis: Axis, seed: int, gallery: Gallery | None
) -> Callable[[int], Sibling]:
    """What makes the scenes of the other frames. It does not keep a person's pictures: their session does."""
    looked_at, among = ref(picture), ref(gallery) if gallery else None

    def sibling(at: int) -> Sibling:
        shown, others = looked_at(), among() if among else None
        if shown is None or (among and others is None):
            raise LookupError("Nobody looks at this picture any more. Reload the page.")
        return pictured(model, scene(model, shown, axis, at, seed, others), shown, others)

    return sibling


def pictured(model: AmortisedExtractor, scene: LiveScene, picture: Picture, gallery: Gallery | None) -> Sibling:
    """A scene with its pictures for the browser."""
    photo = frames(model, picture, scene.axis)[scene.at].photo
    return Sibling(scene, photo, tuple(thumbnails(picture, scene.axis, scene, gallery)))


@bounded(32)
def _working(picture: Picture, side: int) -> Tensor:
    """A picture as it is transformed for the network."""
    return sensitivity.working_copy(picture.pixels, side)


@bounded(128)
def _taken(model: AmortisedExtractor, picture: Picture) -> tuple[Course, Tensor]:
    """A picture along every axis, prepared; and (K, F, 3, H, W), uint8, what the extractor sees of it at the frames."""
    pixels, side = _working(picture, model.input_size), model.input_size
    seen = torch.cat(
        network_pool.mapped(lambda axis: sensitivity.seen(pixels, (axis,), grid.POINTS, side), model.transforms)
    )
    return course(prepare(model), seen, model.transforms), _as_bytes(seen[:, :: grid.STRIDE])


@bounded(16)
def _unmoved(model: AmortisedExtractor, picture: Picture, gallery: Gallery | None) -> Prepared:
    """What a picture is looked up among, as it is."""
    pieces = [_still(model, each) for name, each in others(gallery, picture).items() if name != picture.name]
    return joined(pieces)


@bounded(16)
def _still(model: AmortisedExtractor, picture: Picture) -> Prepared:
    return prepare(model)(_working(picture, model.input_size)[None])


def frames_seen(model: AmortisedExtractor, picture: Picture, axis: Axis) -> Tensor:
    """(F, 3, H, W) what the extractor sees at the filmstrip's strengths."""
    return _taken(model, picture)[1][model.transforms.index(axis)].float() / 255


def _as_bytes(pixels: Tensor) -> Tensor:
    return (pixels * 255).round().byte()


@bounded(48)
def reading(model: AmortisedExtractor, descriptor: core.Descriptor, scene: LiveScene) -> Reading:
    """One descriptor's numbers in a scene."""
    network_pool.attend()
    return scene.read(features(model, descriptor), _dragged(model, scene))


@bounded(32)
def sketch(model: AmortisedExtractor, descriptor: core.Descriptor, scene: LiveScene) -> Reading:
    """The same for a hand that moves: the curves are read at the filmstrip's frames alone."""
    network_pool.attend()
    return scene.read(features(model, descriptor), _dragged(model, scene), sketched=True)


@bounded(32)
def _dragged(model: AmortisedExtractor, scene: LiveScene) -> Prepared:
    """All images of the scenes that are read now, as the tail takes them: a sixth of a reading would go into that."""
    return joined(scene.pieces).to(next(model.hypernetwork.parameters()))


def bands(model: AmortisedExtractor, descriptor: core.Descriptor, scene: LiveScene) -> tuple[list[Any], str]:
    """For each axis the range of other pictures under a descriptor, (2, F), or ``None`` where they are not prepared
    yet; and how far that is, as a sentence, or "". It goes on while somebody asks.
    """
    others = crowd(model, scene.seed)
    others.fill_beside()
    waiting = others.waiting
    ground = reading(model, descriptor, scene).ground
    axes = range(len(model.transforms))
    found = [_band(model, descriptor, scene.seed, n, ground) if others.has(n) else None for n in axes]
    return found, waiting


@bounded(4)
def _band(
    model: AmortisedExtractor, descriptor: core.Descriptor, seed: int, number: int, _ground: Background
) -> np.ndarray:
    return crowd(model, seed).band(features(model, descriptor), _ground, number)


def photos(picture: Picture, axis: Axis) -> Tensor:
    """(F, 3, H, W) the filmstrip's pictures, transformed at the size at which they are shown."""
    return _photos(picture, axis).float() / 255


@bounded(32)
def _photos(picture: Picture, axis: Axis) -> Tensor:
    return _as_bytes(sensitivity.sweep(shrunk(picture.pixels), axis, grid.frame_strengths(axis)))


@bounded(32)
def frames(model: AmortisedExtractor, picture: Picture, axis: Axis) -> list[Frame]:
    """The filmstrip for the browser, each picture beside the extractor's input."""
    small = frames_seen(model, picture, axis)
    shown = network_pool.mapped(jpeg_uri, list(photos(picture, axis)))
    seen = network_pool.mapped(seen_uri, list(small))
    return [Frame(float(each), *uris) for each, *uris in zip(grid.frame_strengths(axis), shown, seen, strict=True)]


def tiles(picture: Picture, axis: Axis, scene: LiveScene, gallery: Gallery | None) -> list[Tensor]:
    """The line-up's pictures, (3, h, w) each, in its order."""
    pixels = {name: shrunk(each.pixels, 150)[None] for name, each in others(gallery, picture).items()}
    return [axis.apply(pixels[each.name], each.strength)[0] for each in scene.candidates]


@bounded(16)
def thumbnails(picture: Picture, axis: Axis, scene: LiveScene, gallery: Gallery | None) -> list[str]:
    """The line-up for the browser."""
    return network_pool.mapped(jpeg_uri, tiles(picture, axis, scene, gallery))


@bounded(32)
def maps(model: AmortisedExtractor, descriptor: core.Descriptor, scene: LiveScene, layer: str) -> MapSweep:
    """Feature maps at the filmstrip's strengths."""
    with inference:
        return map_sweep(model, descriptor, scene.frames, grid.frame_strengths(scene.axis), layer)


_noticed = Bounded(8 << 20)


def saliencies(
    model: AmortisedExtractor, descriptors: tuple[core.Descriptor, ...], scene: LiveScene, picture: Picture
) -> tuple[list[Tensor], Tensor]:
    """(S, S) where each descriptor notices the change which is looked up; and where random weights at the first do."""
    asked = [*((model, each) for each in descriptors), (untrained(model), descriptors[0])]
    keys = [(each.metadata["digest"], point.values, scene.key, picture.digest) for each, point in asked]
    missing = [number for number, key in enumerate(keys) if _noticed.find(key) is None]
    found = {number: _noticed.find(key) for number, key in enumerate(keys)}
    if missing:
        views = [View(*asked[number], _ground(*asked[number], model, scene.seed)) for number in missing]
        with inference:
            made = core_saliencies(views, picture.pixels, scene.axis, scene.strength, run=network_pool.mapped)
        for number, values in zip(missing, made, strict=True):
            _noticed.put(keys[number], values.clone())
            found[number] = values
    *ours, control = (found[number] for number in range(len(asked)))
    return ours, control


@bounded(16)
def _ground(
    extractor: AmortisedExtractor, descriptor: core.Descriptor, stem: AmortisedExtractor, seed: int
) -> Background:
    """What other pictures look like to an extractor, which stands on the stem of a model."""
    return background(features(extractor, descriptor), probes(stem, seed))


@resource(max_entries=256)
def recognised(model: AmortisedExtractor, descriptor: core.Descriptor, scene: LiveScene) -> float:
    """Share of the probe images that are still told apart at the ends of the axis which is shown."""
    network_pool.attend()
    ground = reading(model, descriptor, scene).ground
    return crowd(model, scene.seed).recognised(features(model, descriptor), ground, scene.number)
