"""Figures from what was measured: values with 95 % bootstrap intervals over images, as JSON takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..measures.control import Control, leakage, spearman
from ..measures.cosine import CosineInvariance
from ..measures.decodability import paired_bootstrap, r_squared
from ..measures.intraclass import Intraclass, bootstrap_ratio, effective_rank, ratio_of
from ..measures.onset import JUDGED, METRICS, Onset

Figure = dict[str, Any]
REPEATS = 1000

CONTROL = (("own", "control"), ("whitened", "control_whitened"))
Reading = tuple[float, np.ndarray]
"""R2, and per image the squared error and the squared deviation; see :func:`core.measures.decodability`."""


def control_figures(measured: Control, seed: int) -> dict[str, Figure]:
    """The matrix, its leakage, the ratio of every slider, at other places of the others too, and monotonicity."""
    figures = {}
    cells = [cell for end in measured.ends for row in end for cell in row]
    count = len(measured.axes)
    for metric, key in CONTROL:
        boot = _resample(cells, metric, measured.draws, seed).reshape(2, count, count, -1)
        figures[key] = _ratio(boot[:, range(count), range(count)], measured, metric, 0.5)
        for place in measured.elsewhere:
            pairs = [measured.pair(k, place) for k in range(count)]
            ends = [_resample([pair[end] for pair in pairs], metric, measured.draws, seed) for end in (0, 1)]
            figures[f"{key}_at_{place:g}"] = _ratio(np.stack(ends), measured, metric, place)
        matrix = boot[0] - boot[1]
        spread = np.array([leakage(matrix[:, :, r]) for r in range(matrix.shape[2])])
        point = measured.shares(0, metric) - measured.shares(1, metric)
        # Chance moves cells off the diagonal away from 0 on either side, and leakage counts both sides: the bootstrap
        # gives the width, not the place.
        margin = 1.96 * float(spread.std())
        figures["leakage" if metric == "whitened" else "leakage_own"] = {
            "value": leakage(point),
            "interval": [max(0.0, leakage(point) - margin), min(1.0, leakage(point) + margin)],
            "matrix": point.tolist(),
        }
    figures["monotone"] = _monotone(measured, seed)
    return figures


def _ratio(boot: np.ndarray, measured: Control, metric: str, place: float) -> Figure:
    """``boot``: (2, K, repeats) shares at 0 and at 1 of each slider."""
    pairs = [measured.pair(k, place) for k in range(len(measured.axes))]
    return {
        "value": measured.ratio(metric, place).tolist(),
        "interval": interval(boot[0] / boot[1].clip(1e-12)),
        "at_0": [getattr(kept, metric) for kept, _ in pairs],
        "at_1": [getattr(ignored, metric) for _, ignored in pairs],
    }


def _monotone(measured: Control, seed: int) -> Figure:
    both = {metric: measured.monotone(metric) for metric in METRICS}
    sweeps = {}
    for metric in both:
        rows = [_resample(row, metric, measured.draws, seed) for row in measured.curves]  # K arrays (S, repeats)
        sweeps[metric] = np.stack([spearman(measured.sweep, row.T[:200]) for row in rows])
    return {
        "value": np.maximum(both["own"], both["whitened"]).tolist(),
        "interval": interval(np.maximum(sweeps["own"], sweeps["whitened"])),
        **{metric: values.tolist() for metric, values in both.items()},
        "sweep": measured.sweep.tolist(),
        "curves_own": measured.along("own").tolist(),
        "curves_whitened": measured.along("whitened").tolist(),
    }


def _resample(cells: Sequence[Intraclass], metric: str, draws: int, seed: int) -> np.ndarray:
    """(cells, repeats) shares, the same images resampled in every cell; the whitening stays fixed.

    The share of all images leaves out directions in which the variance between images comes out negative, which a
    resample of norms cannot: so resampled shares are taken relative to that of all images by the same formula.
    """
    rows: dict[int, Tensor] = {}
    for cell in cells:
        if id(cell) not in rows:  # of what is deaf to the descriptor, all cells are one
            generator = torch.Generator().manual_seed(seed)
            within, between = (
                (cell.images, cell.between) if metric == "own" else (cell.whitened_images, cell.whitened_between)
            )
            within, between = within.cpu(), between.cpu()
            again = bootstrap_ratio(within, between, draws, generator, REPEATS)
            factor = getattr(cell, metric) / max(float(ratio_of(within.mean(), between.mean(), draws)), 1e-12)
            rows[id(cell)] = (again * factor).clamp(0, 1)
    return torch.stack([rows[id(cell)] for cell in cells]).numpy()


def decodability_figures(readings: Sequence[tuple[Reading, Reading]], seed: int) -> dict[str, Figure]:
    """``decodability``: R2 kept minus ignored; ``left``: what can still be read at i_k = 1.

    Args:
        readings: of each axis, at i_k = 0 and at i_k = 1.
        seed: of the images that are drawn again.
    """
    kept, ignored = ([reading[end] for reading in readings] for end in (0, 1))
    at_0, at_1 = ([value for value, _ in end] for end in (kept, ignored))
    pairs = zip(kept, ignored, strict=True)
    differences = [interval(paired_bootstrap(a[1], b[1], seed, REPEATS).numpy()) for a, b in pairs]
    return {
        "decodability": {
            "value": [a - b for a, b in zip(at_0, at_1, strict=True)],
            "interval": differences,
            "at_0": at_0,
            "at_1": at_1,
        },
        "left": {"value": at_1, "interval": [interval(_read_again(squares, seed)) for _, squares in ignored]},
    }


def _read_again(squares: np.ndarray, seed: int) -> np.ndarray:
    picks = np.random.default_rng(seed).integers(len(squares), size=(REPEATS, len(squares)))
    return np.array([r_squared(squares[pick]) for pick in picks])


def onset_figure(onsets: Sequence[Onset], seed: int) -> Figure:
    """The worst distance of an onset from its setting for each slider, and the curves behind it.

    Returns:
        Beside ``value`` and ``interval``: ``changes`` (S,), ``levels`` (L,), and of each metric ``onsets`` (K, L) and
        ``curves`` (K, L, S); ``noticed`` and ``collapsed`` say where none of it means anything.
    """
    boots = [each.bootstrap(seed, REPEATS) for each in onsets]
    figure: Figure = {
        "value": [each.error() for each in onsets],
        "interval": interval(np.stack([errors for _, errors in boots])),
        "judged": list(JUDGED),
        "changes": onsets[0].changes.tolist(),
        "levels": onsets[0].levels.tolist(),
        "onsets_interval": [interval(found.T) for found, _ in boots],
        "noticed": [each.noticed() for each in onsets],
        "collapsed": [each.collapsed for each in onsets],
        "images": onsets[0].moves["own"].shape[1],
        "error_whitened": [each.error("whitened") for each in onsets],
    }
    for metric in METRICS:
        figure[f"onsets_{metric}"] = [each.onsets(metric).tolist() for each in onsets]
        figure[f"curves_{metric}"] = [each.curves(metric).tolist() for each in onsets]
    return figure


def cosine_figure(found: Mapping[str, Sequence[CosineInvariance]], seed: int) -> Figure:
    """M2 by descriptor: ``descriptors`` (P,) names, ``value`` (P, K), ``collapsed`` (P,)."""
    rows = list(found.values())
    count = len(rows[0][0].images)
    picks = np.random.default_rng(seed).integers(count, size=(REPEATS, count))
    return {
        "descriptors": list(found),
        "value": [[each.value for each in row] for row in rows],
        "interval": [[interval(each.images.cpu().numpy()[picks].mean(1)) for each in row] for row in rows],
        "collapsed": [any(each.collapsed for each in row) for row in rows],
    }


def rank_figure(ranks: Sequence[float], points: Tensor, worst: Tensor, seed: int) -> Figure:
    """The lowest effective rank of all corners.

    Args:
        ranks: (C,) at each corner. points: (C, K) the corners.
        worst: (N, D) features at the corner with the lowest.
        seed: of the images that are drawn again.
    """
    generator = torch.Generator().manual_seed(seed)
    picks = torch.randint(len(worst), (200, len(worst)), generator=generator)
    boot = np.array([effective_rank(worst[pick]) for pick in picks])
    lowest = int(np.argmin(ranks))
    # A resample repeats images and so has a lower rank than its source: the bootstrap gives the width, not the place.
    margin = 1.96 * float(boot.std())
    return {
        "value": ranks[lowest],
        "interval": [ranks[lowest] - margin, ranks[lowest] + margin],
        "corner": points[lowest].int().tolist(),
        "median": float(np.median(ranks)),
    }


def retrieval_figure(hits: Sequence[Tensor], seed: int) -> Figure:
    """Share of pictures that are found again, from (N,) booleans for each axis; mean over axes."""
    table = torch.stack([each.double() for each in hits]).cpu().numpy()  # (K, N)
    picks = np.random.default_rng(seed).integers(table.shape[1], size=(REPEATS, table.shape[1]))
    return {
        "value": float(table.mean()),
        "interval": interval(table.mean(0)[picks].mean(1)),
        "per_axis": table.mean(1).tolist(),
        "gallery": table.shape[1],
    }


def interval(samples: np.ndarray) -> list[Any]:
    """95 % percentile interval over the last axis: [low, high], or a list of them."""
    return np.percentile(samples, (2.5, 97.5), axis=-1).T.tolist()
