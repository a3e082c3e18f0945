"""The table of figures a checkpoint is judged by, each with a 95 % bootstrap interval over images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..axes.descriptor import Descriptor, corners
from ..data import ImageSet, split
from ..measures import Moved, decodability, effective_rank, identity_retrieval, linear_probe, move
from ..measures.control import Control, Extracts, control_steps, leakage, spearman
from ..measures.decodability import paired_bootstrap
from ..measures.intraclass import Intraclass, bootstrap_ratio
from ..measures.response import in_batches

Progress = Callable[[str, float], None]
Figure = dict[str, Any]
_REPEATS = 1000
_GALLERY = 256
_FOLDS = 3


@dataclass(frozen=True)
class Settings:
    """How much is measured.

    Attributes:
        images: N for the control matrix and decodability.
        draws: J, strengths per image.
        labels: labelled images for the linear probe; half of the set if it is smaller.
        seed: of every draw and split.
    """

    images: int = 640
    draws: int = 8
    labels: int = 5000
    seed: int = 0


def evaluate(model: Extracts, data: ImageSet, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Measure everything on images the model was not trained on.

    Returns:
        ``axes`` and, by name, ``control``, ``control_whitened``, ``decodability``, ``monotone``,
        ``leakage``, ``effective_rank``, ``identity_retrieval``, ``linear_probe``: dictionaries with
        ``value`` and ``interval``, lists in the order of ``axes`` for what exists per axis.

    Raises:
        ValueError: fewer than 16 images, or features that do not vary.
    """
    if len(data.images) < 16:
        raise ValueError(f"At least 16 images are needed to measure anything; got {len(data.images)}. Add images.")
    count = min(settings.images, len(data.images))
    chosen = split(len(data.images), (count,), settings.seed)[0]
    images = data.images[chosen].float() / 255
    results: dict[str, Any] = {"axes": [axis.name for axis in model.transforms]}
    for step in control_steps(model, images, settings.seed, draws=settings.draws):
        if isinstance(step, Control):
            results |= _control_figures(step, settings.seed)
        else:
            progress("control", step)
    results["decodability"] = _decodability(model, images, settings, progress)
    results["effective_rank"] = _rank(model, images, settings.seed, progress)
    results["identity_retrieval"] = _retrieval(model, images[:_GALLERY], settings.seed)
    results["linear_probe"] = _probe(model, data, settings, progress)
    return results


def _control_figures(measured: Control, seed: int) -> dict[str, Figure]:
    figures = {}
    cells = [cell for end in measured.ends for row in end for cell in row]
    count, k = len(measured.axes), range(len(measured.axes))
    for metric, key in (("own", "control"), ("whitened", "control_whitened")):
        boot = _resample(cells, metric, measured.draws, seed).reshape(2, count, count, -1)
        ratios = np.stack([boot[0, i, i] / boot[1, i, i].clip(1e-12) for i in k])
        figures[key] = {
            "value": measured.ratio(metric).tolist(),
            "interval": _interval(ratios),
            "at_0": np.diag(measured.shares(0, metric)).tolist(),
            "at_1": np.diag(measured.shares(1, metric)).tolist(),
        }
        matrix = boot[0] - boot[1]
        spread = np.array([leakage(matrix[:, :, r]) for r in range(matrix.shape[2])])
        point = measured.shares(0, metric) - measured.shares(1, metric)
        figures["leakage" if metric == "whitened" else "leakage_own"] = {
            "value": leakage(point),
            "interval": _interval(spread),
            "matrix": point.tolist(),
        }
    both = {metric: measured.monotone(metric) for metric in ("own", "whitened")}
    sweeps = {}
    for metric in both:
        rows = [_resample(row, metric, measured.draws, seed) for row in measured.curves]  # K arrays (S, repeats)
        sweeps[metric] = np.stack([spearman(measured.sweep, row.T[:200]) for row in rows])
    worse = np.maximum(both["own"], both["whitened"])
    figures["monotone"] = {
        "value": worse.tolist(),
        "interval": _interval(np.maximum(sweeps["own"], sweeps["whitened"])),
        **{metric: values.tolist() for metric, values in both.items()},
        "sweep": measured.sweep.tolist(),
        "curves_own": measured.along("own").tolist(),
        "curves_whitened": measured.along("whitened").tolist(),
    }
    return figures


def _resample(cells: list[Intraclass], metric: str, draws: int, seed: int) -> np.ndarray:
    """(cells, repeats) ratios, the same images resampled in every cell; the whitening stays fixed."""
    rows = []
    for cell in cells:
        generator = torch.Generator().manual_seed(seed)
        parts = (
            (cell.images, cell.between) if metric == "own" else (cell.whitened_images, cell.whitened_between)
        )  # fmt: skip
        rows.append(bootstrap_ratio(*parts, draws, generator, _REPEATS))
    return torch.stack(rows).numpy()


def _decodability(model: Extracts, images: Tensor, settings: Settings, progress: Progress) -> Figure:
    figure: Figure = {"value": [], "interval": [], "at_0": [], "at_1": []}
    for number in range(len(model.transforms)):
        moved = move(model.prepare, images, model.transforms[number], settings.draws, settings.seed + number)
        read = (read_factor(model, moved, number, end, settings.seed) for end in (0.0, 1.0))
        values, squares = zip(*read, strict=True)
        figure["at_0"].append(values[0])
        figure["at_1"].append(values[1])
        figure["value"].append(values[0] - values[1])
        figure["interval"].append(_interval(paired_bootstrap(squares[0], squares[1], settings.seed).numpy()))
        progress("decodability", (number + 1) / len(model.transforms))
    return figure


def read_factor(model: Extracts, moved: Moved, number: int, value: float, seed: int = 0) -> tuple[float, np.ndarray]:
    """Decodability (M3) of the factor of axis ``number`` where its coordinate is ``value`` and the others 0.5.

    Args:
        moved: images along that axis.
    """
    axis = model.transforms[number]
    descriptor = Descriptor.constant(0.5, model.transforms).replace(**{axis.name: value})
    return decodability(moved.under(partial(model.features, descriptor=descriptor)), moved.magnitudes, seed=seed)


def _rank(model: Extracts, images: Tensor, seed: int, progress: Progress) -> Figure:
    points, prepared = corners(len(model.transforms)), model.prepare(images)
    ranks, worst = [], (np.inf, images)
    for number, corner in enumerate(points):
        features = in_batches(partial(model.features, descriptor=corner), prepared).to(images.device)
        ranks.append(effective_rank(features))
        worst = min(worst, (ranks[-1], features), key=lambda pair: pair[0])
        progress("effective rank", (number + 1) / len(points))
    generator = torch.Generator().manual_seed(seed)
    features = worst[1]
    picks = torch.randint(len(features), (200, len(features)), generator=generator)
    boot = np.array([effective_rank(features[pick]) for pick in picks])
    lowest = int(np.argmin(ranks))
    # A resample repeats images and so has a lower rank than its source: the bootstrap gives the width, not the place.
    margin = 1.96 * float(boot.std())
    return {
        "value": ranks[lowest],
        "interval": [ranks[lowest] - margin, ranks[lowest] + margin],
        "corner": points[lowest].int().tolist(),
        "median": float(np.median(ranks)),
    }


def _retrieval(model: Extracts, images: Tensor, seed: int) -> Figure:
    """Photographs looked up among the same ones transformed along one axis; mean over axes."""
    at_one = partial(model.features, descriptor=Descriptor.constant(1.0, model.transforms))
    clean = at_one(images)
    hits = []
    for number, axis in enumerate(model.transforms):
        moved = move(model.prepare, images, axis, 1, seed + 100 + number).under(at_one)
        hits.append(identity_retrieval(moved[:, 0], clean, whiten=clean).double())
    table = torch.stack(hits).numpy()  # (K, N)
    picks = np.random.default_rng(seed).integers(table.shape[1], size=(_REPEATS, table.shape[1]))
    return {
        "value": float(table.mean()),
        "interval": _interval(table.mean(0)[picks].mean(1)),
        "per_axis": table.mean(1).tolist(),
        "gallery": len(images),
    }


def _probe(model: Extracts, data: ImageSet, settings: Settings, progress: Progress) -> Figure | None:
    """Best corner by cross-validation on the labelled half, marked on the other half."""
    if len(data.classes) < 2 or int(torch.bincount(data.labels).min()) < 3 * _FOLDS:
        return None  # nothing to tell apart, or too few of a class to cross-validate
    from sklearn.linear_model import RidgeClassifier
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    labelled = min(settings.labels, len(data.images) // 2)
    train, test = split(len(data.images), (labelled, min(labelled, len(data.images) - labelled)), settings.seed + 1)
    labels, marks = (model.prepare(data.images[part].float() / 255) for part in (train, test))
    truth = data.labels[train]
    points = corners(len(model.transforms))
    scores = []
    for number, corner in enumerate(points):
        features = in_batches(partial(model.features, descriptor=corner), labels).cpu().numpy()
        head = make_pipeline(StandardScaler(), RidgeClassifier(100.0))
        scores.append(cross_val_score(head, features, truth.numpy(), cv=_FOLDS).mean())
        progress("linear probe", (number + 1) / (len(points) + 2))
    best = points[int(np.argmax(scores))]
    fit, mark = (in_batches(partial(model.features, descriptor=best), each).cpu() for each in (labels, marks))
    right = linear_probe(fit, truth, mark, data.labels[test], settings.seed).astype(float)
    picks = np.random.default_rng(settings.seed).integers(len(right), size=(_REPEATS, len(right)))
    progress("linear probe", 1.0)
    return {
        "value": float(right.mean()),
        "interval": _interval(right[picks].mean(1)),
        "corner": best.int().tolist(),
        "labels": labelled,
        "chance": float(torch.bincount(data.labels[test]).max() / len(test)),
    }


def _interval(samples: np.ndarray) -> list[Any]:
    """95 % percentile interval over the last axis: [low, high], or a list of them."""
    return np.percentile(samples, (2.5, 97.5), axis=-1).T.tolist()
