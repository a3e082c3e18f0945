"""One look at one picture: everything that the Explore page shows of it under one descriptor, as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from ..axes.descriptor import Descriptor, DescriptorLike
from ..axes.transforms import Axis
from ..data.pictures import probe_images
from ..evaluation.controls import untrained
from ..measures.response import Features
from ..model.amortised import AmortisedExtractor
from .feature_maps import MapSweep, map_sweep, moved_back
from .neighbours import lineup, lineup_inputs, nearest, recognised
from .saliency import agreement, saliency
from .sensitivity import (
    Background,
    background,
    crowd_inputs,
    crowd_similarity,
    picture_inputs,
    picture_similarity,
    strengths,
)

POINTS = 13
STRIDE = 2
"""Every second point of a curve is a picture of the filmstrip and carries the band."""

FRAMES = (POINTS + STRIDE - 1) // STRIDE
PROBES = 32
NEAREST = 5
"""Neighbours that are shown."""

_CHANNELS = 2


def look(
    model: AmortisedExtractor,
    pictures: Mapping[str, Tensor],
    name: str,
    descriptor: DescriptorLike,
    axis: Axis,
    *,
    at: int = FRAMES - 1,
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
        layers: of :data:`core.inspect.feature_maps.LAYERS`; how their maps follow the change.
        where: also the pixels that decide, beside those under random weights.

    Returns:
        Lists, numbers and texts only. Movements are on the scale where 1 is another picture.

    Raises:
        ValueError: an unknown picture, frame, layer or descriptor.
    """
    if not 0 <= at < FRAMES:
        raise ValueError(f"A filmstrip has frames 0 to {FRAMES - 1}; got {at}.")
    if name not in pictures:
        raise ValueError(f"There is no picture called {name!r}. Known: {', '.join(pictures)}.")
    axes, point = model.transforms, Descriptor.of(descriptor, model.transforms)
    probes, picture, values = probe_images(PROBES, seed), pictures[name], strengths(axis, POINTS)[::STRIDE]

    def features(images: Tensor) -> Tensor:
        return model.features(images, point)

    ground = background(features, probes)
    inputs = picture_inputs(picture, axes, POINTS)
    seen = inputs[axes.index(axis), ::STRIDE]
    found: dict[str, Any] = {
        "picture": name,
        "descriptor": dict(zip((each.name for each in axes), point.values, strict=True)),
        "seed": seed,
        "effective_rank": ground.rank,
        "collapsed": ground.collapsed,
        "curves": _curves(features, probes, inputs, axes, ground),
        "axis": axis.name,
        "strength": float(values[at]),
        "nearest": _nearest(features, pictures, name, axis, values, at, ground),
        "recognised": recognised(features, probes, axis, ground),
    }
    if layers:
        found["maps"] = {
            layer: _maps(map_sweep(model, point, seen, values, layer), axis) for layer in layers
        }  # fmt: skip
    if where:
        ours = saliency(model, point, picture, axis, float(values[at]), ground)
        control = untrained(model.architecture, axes)
        theirs = saliency(
            control, point, picture, axis, float(values[at]), background(lambda x: control.features(x, point), probes)
        )
        found["where"] = {"map": ours.tolist(), "agreement_with_random_weights": agreement(ours, theirs)}
    return found


def _curves(
    features: Features, probes: Tensor, inputs: Tensor, axes: Sequence[Axis], ground: Background
) -> list[dict[str, Any]]:
    alike = picture_similarity(features, inputs, axes, ground)
    rows = []
    for axis, similarity in zip(axes, alike, strict=True):
        frames = strengths(axis, POINTS)[::STRIDE]
        crowd = ground.movement(crowd_similarity(features, crowd_inputs(probes, axis, frames), ground))
        low, high = np.percentile(crowd, (10, 90), axis=0)
        rows.append(
            {
                "axis": axis.name,
                "unit": axis.unit,
                "strengths": strengths(axis, POINTS).tolist(),
                "movement": ground.movement(similarity).tolist(),
                "similarity": similarity.tolist(),
                "band": {"strengths": frames.tolist(), "low": low.tolist(), "high": high.tolist()},
            }
        )
    return rows


def _nearest(
    features: Features,
    pictures: Mapping[str, Tensor],
    name: str,
    axis: Axis,
    values: np.ndarray,
    at: int,
    ground: Background,
) -> list[dict[str, Any]]:
    """The whole line-up, nearest first."""
    candidates = lineup(tuple(pictures), name, values, at)
    query = features(picture_inputs(pictures[name], (axis,), POINTS)[0, at * STRIDE][None])[0]
    ranking = nearest(query, features(lineup_inputs(candidates, pictures, axis)), ground)
    return [
        {
            "picture": candidates[number].name,
            "strength": candidates[number].strength,
            "kind": candidates[number].kind.value,
            "similarity": float(ranking.similarity[number]),
        }
        for number in ranking.order
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
