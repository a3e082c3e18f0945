"""One look at one picture: everything that the Explore page shows of it under one descriptor, as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from ..axes.descriptor import Descriptor, DescriptorLike
from ..axes.transforms import Axis
from ..evaluation.controls import untrained_beside
from ..measures.response import Images
from ..model.amortised import AmortisedExtractor
from . import grid
from .background import Crowd, background
from .feature_maps import MapSweep, map_sweep, moved_back
from .probes import probe_images
from .saliency import View, agreement, saliencies
from .scene import Reading, Scene, course, make_scene
from .sensitivity import seen

_CHANNELS = 2


def look(
    model: AmortisedExtractor,
    pictures: Mapping[str, Tensor],
    name: str,
    descriptor: DescriptorLike,
    axis: Axis,
    *,
    at: int = grid.FRAMES - 1,
    seed: int = 0,
    layers: Sequence[str] = (),
    where: bool = False,
) -> dict[str, Any]:
    """Measure a picture along every axis, and look it up among others after one change.

    Args:
        model: the amortised extractor.
        pictures: square ones (3, H, H) in [0, 1] by name, at least two.
        name: the one that is looked at.
        descriptor: K numbers.
        axis: the change.
        at: number of the filmstrip's frame, 0 to 6, that is looked up.
        seed: of the other pictures that make the band and say what 1 means.
        layers: of the model's backbone; how their maps follow the change.
        where: also the pixels that decide, beside those under random weights.

    Returns:
        Lists, numbers and texts only. Movements are on the scale where 1 is another picture.

    Raises:
        ValueError: an unknown picture, frame, layer or descriptor.
    """
    axes, point, side = model.transforms, Descriptor.of(descriptor, model.transforms), model.input_size
    weights = model.frozen_weights(point)

    def features(images: Images) -> Tensor:
        return model.features_with(images, weights)

    probes = probe_images(grid.PROBES, seed, side)
    crowd, number = Crowd(model.prepare, probes, axes), axes.index(axis)
    taken = course(model.prepare, seen(_named(pictures, name), axes, grid.POINTS, side), axes)
    scene = make_scene(model.prepare, crowd.probes, taken, pictures, name, axes, number, at, side)
    reading = scene.read(features)
    found: dict[str, Any] = {
        "picture": name,
        "descriptor": dict(zip((each.name for each in axes), point.values, strict=True)),
        "seed": seed,
        "effective_rank": reading.ground.rank,
        "collapsed": reading.ground.collapsed,
        "curves": _curves(reading, crowd.bands(features, reading.ground), axes),
        "axis": axis.name,
        "strength": scene.strength,
        "nearest": _nearest(scene, reading),
        "recognised": crowd.recognised(features, reading.ground, number),
    }
    if layers:
        frames, values = scene.frames, grid.frame_strengths(axis)
        found["maps"] = {layer: _maps(map_sweep(model, point, frames, values, layer), axis) for layer in layers}
    if where:
        control = untrained_beside(model)
        ground = background(lambda images: control.features(images, point), crowd.probes)
        views = [View(model, point, reading.ground), View(control, point, ground)]
        ours, theirs = saliencies(views, pictures[name], axis, scene.strength)
        found["where"] = {"map": ours.tolist(), "agreement_with_random_weights": agreement(ours, theirs)}
    return found


def _named(pictures: Mapping[str, Tensor], name: str) -> Tensor:
    if name not in pictures:
        raise ValueError(f"There is no picture called {name!r}. Known: {', '.join(pictures)}.")
    return pictures[name]


def _curves(reading: Reading, bands: np.ndarray, axes: Sequence[Axis]) -> list[dict[str, Any]]:
    low, high = bands
    return [
        {
            "axis": axis.name,
            "unit": axis.unit,
            "strengths": grid.curve_strengths(axis).tolist(),
            "movement": reading.movement[number].tolist(),
            "similarity": reading.similarity[number].tolist(),
            "band": {
                "strengths": grid.frame_strengths(axis).tolist(),
                "low": low[number].tolist(),
                "high": high[number].tolist(),
            },
        }
        for number, axis in enumerate(axes)
    ]


def _nearest(scene: Scene, reading: Reading) -> list[dict[str, Any]]:
    """The whole line-up, nearest first."""
    return [
        {
            "picture": scene.candidates[number].name,
            "strength": scene.candidates[number].strength,
            "kind": scene.candidates[number].kind.value,
            "similarity": float(reading.ranking.similarity[number]),
        }
        for number in reading.ranking.order
    ]


def _maps(sweep: MapSweep, axis: Axis) -> dict[str, Any]:
    """Correlation with the maps of the unchanged picture at every frame, as they are and moved back."""
    back = None if axis.warp is None else moved_back(sweep, axis).agreement().tolist()
    return {
        "strengths": sweep.strengths.tolist(),
        "agreement": sweep.agreement().tolist(),
        "moved_back": back,
        "most_changed_channels": sweep.most_changed(_CHANNELS),
    }
