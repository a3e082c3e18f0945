"""The table of figures a checkpoint is judged by, each with a 95 % bootstrap interval over images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..axes.descriptor import Descriptor, corners
from ..backbones import Prepared
from ..data import ImageSet, split
from ..measures import ladder, linear_probe, move
from ..measures.control import Extracts
from ..measures.response import in_batches
from .figures import REPEATS, Figure, decodability_figures, interval
from .portrait import Portrait, is_deaf, read_factor

Progress = Callable[[str, float], None]
MINIMUM = 16
_FOLDS = 3
_CHOOSING = 1500
"""Labelled images by which the probe's corner is chosen, at most; there are 64 corners."""
_MOVES, _SMALL_MOVES, _PROBE = 12, 4, 20
"""How long parts of the work take, in units of one descriptor on moved images; for the progress."""

__all__ = ["Settings", "evaluate", "evaluate_all", "read_factor"]


@dataclass(frozen=True)
class Settings:
    """How much is measured.

    Attributes:
        images: N for control, decodability, cosine and rank.
        draws: J, strengths per image.
        labels: labelled images for the linear probe; half of the set if it is smaller.
        seed: of every draw and split.
        onset: images for the calibration of the sliders, at most ``images``.
        others: images of each further set, at most ``images``.
    """

    images: int = 640
    draws: int = 8
    labels: int = 5000
    seed: int = 0
    onset: int = 128
    others: int = 240


def evaluate(
    model: Extracts,
    data: ImageSet,
    settings: Settings,
    progress: Progress,
    *,
    also: Sequence[ImageSet] = (),
    labelled: ImageSet | None = None,
) -> dict[str, Any]:
    """Measure everything on images the model was not trained on.

    Args:
        model: the amortised extractor, or a reference such as raw pixels.
        data: the images.
        settings: how much is measured.
        progress: called with what is done and the share of the work done in [0, 1].
        also: further sets, of other kinds of images, on which decodability is measured too.
        labelled: images for the linear probe; default: ``data``.

    Returns:
        ``axes`` and, by name, ``control``, ``control_whitened``, both with ``_at_0`` and ``_at_1`` (where the other
        coordinates are then), ``decodability``, ``left``, ``monotone``, ``onset``, ``cosine``, ``leakage``,
        ``leakage_own``, ``effective_rank``, ``identity_retrieval``, ``linear_probe``: dictionaries with ``value`` and
        ``interval``, lists in the order of ``axes`` for what exists per axis. ``also``: a list with ``images``,
        ``count``, ``decodability`` and ``left`` of each further set.

    Raises:
        ValueError: fewer than 16 images, or features that do not vary.
    """
    return evaluate_all({"model": model}, data, settings, progress, also=also, labelled=labelled)["model"]


def evaluate_all(
    subjects: Mapping[str, Extracts],
    data: ImageSet,
    settings: Settings,
    progress: Progress,
    *,
    also: Sequence[ImageSet] = (),
    labelled: ImageSet | None = None,
) -> dict[str, dict[str, Any]]:
    """As :func:`evaluate`, several extractors of the same axes on the same moved images.

    One axis at a time, and images are moved once for all extractors that take them prepared alike: the stem of a
    backbone is most of the work. The first extractor is the one that counts: further sets, and the other coordinates
    at 0 and at 1, are measured for it only.
    """
    for each in (data, *also):
        if len(each.images) < MINIMUM:
            where = "" if each is data else f" of {each.name}"
            raise ValueError(
                f"At least {MINIMUM} images{where} are needed to measure anything; got {len(each.images)}. Add images."
            )
    images = _some(data, settings.images, settings.seed)
    first = next(iter(subjects.values()))
    groups = _alike(subjects, images)
    work = _Work(progress)
    portraits: dict[str, Portrait] = {}
    for group in groups:
        clean = subjects[group[0]].prepare(images)
        portraits |= {
            name: Portrait(subjects[name], clean, settings.seed, brief=subjects[name] is not first) for name in group
        }
    per_axis = sum(each.length + 1 for each in portraits.values()) + len(groups) * (_MOVES + _SMALL_MOVES)
    work.total = len(first.transforms) * (per_axis + _SMALL_MOVES * len(also)) + len(subjects) * (1 + _PROBE)
    for number, axis in enumerate(first.transforms):
        for group in groups:
            prepare = subjects[group[0]].prepare
            moved = move(prepare, images, axis, settings.draws, settings.seed + number)
            work.done(f"{axis.name}: images moved", _MOVES)
            for name in group:
                for _ in portraits[name].along(number, moved):
                    work.done(f"{axis.name}: control, {name}")
            moved = ladder(prepare, images[: settings.onset], axis, settings.seed + number)
            work.done(f"{axis.name}: images moved", _SMALL_MOVES)
            for name in group:
                portraits[name].calibrate(number, moved)
                work.done(f"{axis.name}: onset, {name}")
    results = {}
    for name, portrait in portraits.items():
        results[name] = portrait.figures()
        work.done(f"intervals and rank, {name}")
    for group in groups:
        for name, figure in _probes({name: subjects[name] for name in group}, labelled or data, settings).items():
            results[name]["linear_probe"] = figure
            work.done(f"linear probe, {name}", _PROBE)
    results[next(iter(subjects))]["also"] = [_elsewhere(first, each, settings, work) for each in also]
    return {name: results[name] for name in subjects}


class _Work:
    """Counts what is done, of ``total``."""

    def __init__(self, progress: Progress) -> None:
        self.total, self._so_far, self._say = 1, 0, progress

    def done(self, text: str, amount: int = 1) -> None:
        self._so_far += amount
        self._say(text, min(1.0, self._so_far / self.total))


def _some(data: ImageSet, count: int, seed: int) -> Tensor:
    chosen = split(len(data.images), (min(count, len(data.images)),), seed)[0]
    return data.images[chosen].float() / 255


def _alike(subjects: Mapping[str, Extracts], images: Tensor) -> list[list[str]]:
    """Names of the extractors that take images prepared alike."""
    groups: dict[str, list[str]] = {}
    for name, subject in subjects.items():
        groups.setdefault(subject.prepare(images[:1]).by, []).append(name)
    return list(groups.values())


def _elsewhere(model: Extracts, data: ImageSet, settings: Settings, work: _Work) -> dict[str, Any]:
    """Decodability on another set."""
    images = _some(data, min(settings.images, settings.others), settings.seed)
    readings = []
    for number, axis in enumerate(model.transforms):
        moved = move(model.prepare, images, axis, settings.draws, settings.seed + number)
        kept, ignored = (read_factor(model, moved, number, end, settings.seed) for end in (0.0, 1.0))
        readings.append((kept, ignored))
        work.done(f"{axis.name}: decodability on {data.name}", _SMALL_MOVES)
    return {"images": data.name, "count": len(images), **decodability_figures(readings, settings.seed)}


def _probes(subjects: Mapping[str, Extracts], data: ImageSet, settings: Settings) -> dict[str, Figure | None]:
    """The linear probe of extractors that take images prepared alike; ``None`` where there is nothing to tell apart."""
    if len(data.classes) < 2 or int(torch.bincount(data.labels).min()) < 3 * _FOLDS:
        return dict.fromkeys(subjects)  # one class, or too few of a class to cross-validate
    labels = min(settings.labels, len(data.images) // 2)
    train, test = split(len(data.images), (labels, min(labels, len(data.images) - labels)), settings.seed + 1)
    prepare = next(iter(subjects.values())).prepare
    fit, mark = (prepare(data.images[part].float() / 255) for part in (train, test))
    truth, known = data.labels[train], data.labels[test]
    return {name: _probe(model, fit, truth, mark, known, settings) for name, model in subjects.items()}


def _probe(model: Extracts, fit: Prepared, truth: Tensor, mark: Prepared, known: Tensor, settings: Settings) -> Figure:
    """Best corner by cross-validation on the labelled half, marked on the other half."""
    from sklearn.linear_model import RidgeClassifier
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def features(images: Prepared, corner: Tensor) -> Tensor:
        point = Descriptor.of(corner, model.transforms)
        return in_batches(partial(model.features, descriptor=point), images).cpu()

    points = corners(len(model.transforms))
    few, scores = fit[: max(_CHOOSING, 3 * _FOLDS * len(truth.unique()))], []
    for corner in points[:1] if is_deaf(model) else points:
        head = make_pipeline(StandardScaler(), RidgeClassifier(100.0))
        found = features(few, corner).numpy()
        scores.append(cross_val_score(head, found, truth[: len(found)].numpy(), cv=_FOLDS).mean())
    best = points[int(np.argmax(scores))]
    marks = linear_probe(features(fit, best), truth, features(mark, best), known, settings.seed)
    right = marks.astype(float)
    picks = np.random.default_rng(settings.seed).integers(len(right), size=(REPEATS, len(right)))
    return {
        "value": float(right.mean()),
        "interval": interval(right[picks].mean(1)),
        "corner": best.int().tolist(),
        "labels": len(truth),
        "chance": float(torch.bincount(known).max() / len(known)),
    }
