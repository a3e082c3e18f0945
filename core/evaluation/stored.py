"""What a stored evaluation says about a model, and whether it is about this one at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..assets import asset
from ..model.amortised import AmortisedExtractor
from ..version import SCRIPT
from .tables import REFERENCES

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
        onset: (K,) how far each slider is from ignoring changes up to its own number; ``None`` in older files.
        left: (K,) what can still be read of a transformation where it is ignored; ``None`` in older files.
        cosine: (K,) M2 by what it was measured of: the model at each preset by its name, then references such as
            "frozen backbone"; empty in older files. What has collapsed is left out.
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
    onset: np.ndarray | None = None
    left: np.ndarray | None = None
    cosine: Mapping[str, np.ndarray] = field(default_factory=dict)


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
            onset=_each(found.get("onset")),
            left=_each(found.get("left")),
            cosine=_cosines(found),
        )
    except OSError:
        raise ValueError(f"There is no evaluation of this checkpoint. {again}") from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise ValueError(f"{path.name} is not an evaluation. {again}") from None
    if evidence.digest != model.metadata.get("digest"):
        raise ValueError(
            f"The stored evaluation is of checkpoint {evidence.digest}, and this is "
            f"{model.metadata.get('digest', 'an unsaved model')}, so it is not shown. {again}"
        )
    count = len(model.transforms)
    names = tuple(axis.name for axis in model.transforms)
    each = [
        evidence.monotone,
        *evidence.cosine.values(),
        *(x for x in (evidence.onset, evidence.left) if x is not None),
    ]
    if evidence.axes != names or evidence.matrix.shape != (count, count) or any(x.shape != (count,) for x in each):
        raise ValueError(f"The stored evaluation has other transformations than this model. {again}")
    return evidence


def _each(figure: Any) -> np.ndarray | None:
    return None if figure is None else np.array(figure["value"], dtype=float)


def _cosines(found: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """M2 of the model at each preset, then of the references that have one row for all descriptors."""
    rings: dict[str, np.ndarray] = {}
    subjects = [
        ("", found),
        *((REFERENCES[name], each) for name, each in found.get("references", {}).items() if name in REFERENCES),
    ]
    for title, subject in subjects:
        figure = subject.get("cosine")
        if figure and (not title or len(figure["descriptors"]) == 1):
            rows = zip(figure["descriptors"], figure["value"], figure["collapsed"], strict=True)
            rings |= {title or name: np.array(row, dtype=float) for name, row, collapsed in rows if not collapsed}
    return rings
