"""A linear probe from two folders of images: how much of their classes features know, at the best descriptor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..adaptation.head import left_out
from ..adaptation.reading import weighed
from ..axes.descriptor import corners
from ..backbones import Prepared
from ..data import ImageSet
from ..data.image_folder import load
from ..data.listing import listed
from ..data.split import split
from ..measures.probe import linear_probe
from ..measures.response import in_batches
from ..measures.shots import STRENGTHS
from ..model.amortised import AmortisedExtractor
from ..tasks.score import exact_interval
from .real_tasks import FROZEN

CHOOSING = 2000
"""Labelled images by which the descriptor is chosen, at most; there are 65 to choose from."""

Progress = Callable[[str, float], None]


def probe(
    model: AmortisedExtractor,
    labelled: Path,
    test: Path,
    count: int = 5000,
    seed: int = 0,
    progress: Progress = lambda text, share: None,
) -> dict[str, Any]:
    """Mark test images by a logistic regression on labelled ones, from the features at the best descriptor.

    The descriptor, a corner or the middle of the cube, is the one whose ridge classifier names most of the labelled
    images rightly that are left out in turn.

    Args:
        model: any amortised extractor.
        labelled, test: folders with a subfolder per class.
        count: labelled images, and at most as many test images, drawn at random.
        seed: of the draws and of the folds.
        progress: called with what is done and the share that is done.

    Returns:
        ``value`` (accuracy) with its exact 95 % ``interval``, ``descriptor``, ``chosen_by`` (accuracy on labelled
        images that were left out), ``labels``, ``tests``, ``classes``, and the same ``value`` and ``interval`` for the
        backbone's own features as ``frozen``, or ``None``.

    Raises:
        ValueError: a folder has no images, fewer than two classes, or other classes than the other one.
    """
    progress("reading", 0)
    known, unknown = (some_of(each, count, model.input_size, seed) for each in (labelled, test))
    if known.classes != unknown.classes or len(known.classes) < 2:
        raise ValueError(
            f"{labelled} has the classes {', '.join(known.classes)}, and {test} has {', '.join(unknown.classes)}. "
            "Give two folders with the same classes, at least two."
        )
    progress("through the stem", 0.1)
    fit, mark = (model.prepare(each.images.float() / 255) for each in (known, unknown))
    points = [*corners(len(model.transforms)), torch.full((len(model.transforms),), 0.5)]
    few, scores = fit[:CHOOSING], []
    for number, point in enumerate(points):
        progress("choosing the descriptor", 0.3 + 0.5 * number / len(points))
        scores.append(_left_out(_features(model, few, point), known.labels[: len(few)]))
    best = max(range(len(points)), key=scores.__getitem__)

    def marked(one: Tensor, other: Tensor) -> dict[str, Any]:
        right = linear_probe(one, known.labels, other, unknown.labels, seed)
        return {"value": float(right.mean()), "interval": exact_interval(float(right.mean()), len(right))}

    progress("probing", 0.8)
    found = marked(*(_features(model, each, points[best]) for each in (fit, mark)))
    own = [model.frozen_features(each) for each in (fit, mark)]
    rival = None if own[0] is None or own[1] is None else marked(own[0].flatten(1), own[1].flatten(1))
    progress("probing", 1)
    return {
        **found,
        "descriptor": points[best].tolist(),
        "chosen_by": scores[best],
        "labels": len(known.labels),
        "tests": len(unknown.labels),
        "classes": list(known.classes),
        "images": [known.name, unknown.name],
        FROZEN: rival,
    }


def some_of(folder: Path, count: int, side: int, seed: int) -> ImageSet:
    """At most ``count`` images of a folder with a subfolder per class, drawn at random before any is decoded.

    Raises:
        ValueError: there is no image with a class.
    """
    with listed(folder) as found:
        entries = tuple(each for each in found.entries if len(each.parts) > 1 and not each.problem)
        if not entries:
            raise ValueError(f"{folder} has no subfolder with images. Give a folder with a subfolder per class.")
        (rows,) = split(len(entries), (min(count, len(entries)),), seed)
        data = load(replace(found, entries=tuple(entries[row] for row in rows.tolist())), side=side)
    return data


def _features(model: AmortisedExtractor, images: Prepared, point: Tensor) -> Tensor:
    weights = model.frozen_weights(point)
    return weighed(model, in_batches(lambda some: model.features_with(some, weights), images).cpu())


def _left_out(features: Tensor, labels: Tensor) -> float:
    """Share of images that a ridge classifier fitted to the others names rightly, at its best strength."""
    from sklearn.linear_model import RidgeClassifierCV
    from sklearn.preprocessing import StandardScaler

    scaled = StandardScaler().fit_transform(features.double().numpy())
    strength = float(RidgeClassifierCV(STRENGTHS).fit(scaled, labels.numpy()).alpha_)
    outputs = left_out(torch.from_numpy(scaled), F.one_hot(labels).double(), strength)
    return float((outputs.argmax(1) == labels).double().mean())
