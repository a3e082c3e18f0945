"""What a stored evaluation says about a model, and whether it is about this one at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..assets import asset
from ..model.amortised import AmortisedExtractor
from ..version import SCRIPT

STORED = asset("evaluation.json")


@dataclass(frozen=True)
class Evidence:
    """The figures that say what the sliders do, measured by ``evaluate`` on images of ``images``.

    Attributes:
        axes: K names; row k of the matrix is slider k, column j transformation j.
        matrix: (K, K) share of variance that transformation j loses when slider k goes from 0 to 1, whitened.
        monotone: (K,) Spearman correlation of the slider and that share, the worse of two metrics; -1 is best.
        leakage: off-diagonal share of the matrix, in [0, 1].
        rank: effective rank at the worst corner.
        recognised: share of images that are still told from others when everything is ignored.
        digest, images, count, seed, date, command: what was measured, and how to measure it again.
    """

    axes: tuple[str, ...]
    matrix: np.ndarray
    monotone: np.ndarray
    leakage: float
    rank: float
    recognised: float
    digest: str
    images: str
    count: int
    seed: int
    date: str
    command: str


def read_evidence(model: AmortisedExtractor, path: Path | None = None) -> Evidence:
    """Read an evaluation of this very model.

    Args:
        model: loaded from a checkpoint.
        path: a file written by ``evaluate --json``; default: the one in ``assets/``.

    Raises:
        ValueError: one sentence: no such file, not an evaluation, or of other weights or axes.
    """
    path = path or STORED
    again = f"Measure this one with '{SCRIPT} evaluate --images FOLDER --json assets/evaluation.json'."
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        evidence = Evidence(
            axes=tuple(found["axes"]),
            matrix=np.array(found["leakage"]["matrix"], dtype=float),
            monotone=np.array(found["monotone"]["value"], dtype=float),
            leakage=float(found["leakage"]["value"]),
            rank=float(found["effective_rank"]["value"]),
            recognised=float(found["identity_retrieval"]["value"]),
            digest=str(found["checkpoint"]),
            images=str(found["images"]),
            count=int(found["settings"]["images"]),
            seed=int(found["settings"]["seed"]),
            date=str(found["date"]),
            command=str(found["command"]),
        )
    except OSError:
        raise ValueError(f"There is no evaluation of this checkpoint. {again}") from None
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path.name} is not an evaluation. {again}") from None
    if evidence.digest != model.metadata.get("digest"):
        raise ValueError(
            f"The stored evaluation is of checkpoint {evidence.digest}, and this is "
            f"{model.metadata.get('digest', 'an unsaved model')}, so it is not shown. {again}"
        )
    count = len(model.transforms)
    names = tuple(axis.name for axis in model.transforms)
    if evidence.axes != names or evidence.matrix.shape != (count, count) or evidence.monotone.shape != (count,):
        raise ValueError(f"The stored evaluation has other transformations than this model. {again}")
    return evidence
