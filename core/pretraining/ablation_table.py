"""The findings of an ablation as Markdown, and from a stored document."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from .ablation import Finding

_Figure = Callable[[Finding], float]


def read(document: Mapping[str, Any]) -> list[Finding]:
    """Findings from what :meth:`core.pretraining.ablation.Finding.document` has written.

    Raises:
        ValueError: they are of another version.
    """
    names = {each.name for each in fields(Finding)}
    stored = document["findings"]
    if not all(isinstance(each, Mapping) and each.keys() == names for each in stored):
        raise ValueError("These findings are of another version of the ablation. Make them anew, in another file.")
    return [Finding(**{name: _read(value) for name, value in each.items()}) for each in stored]


def table(findings: Sequence[Finding]) -> str:
    """Markdown: a row per variant; means over seeds, with the range over seeds where there are several.

    Ratios are geometric means over axes, so that hue, which is easy, does not drown the others. Columns that no
    finding has a value for, as labels where there were no labelled images, are left out.
    """
    columns = [(name, figure, form) for name, figure, form in COLUMNS if any(not _missing(figure(f)) for f in findings)]
    head = ["variant", *(name for name, _, _ in columns)]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for variant in dict.fromkeys(each.variant for each in findings):
        runs = [each for each in findings if each.variant == variant]
        cells = [_over([figure(each) for each in runs], form) for _, figure, form in columns]
        lines.append(f"| {' | '.join([variant, *cells])} |")
    return "\n".join(lines)


def _geometric(values: Sequence[float]) -> float:
    return math.exp(float(np.mean(np.log(np.maximum(values, 1e-6)))))


def _elsewhere(finding: Finding) -> list[float]:
    return [ratio for ratios in finding.places.values() for ratio in ratios]


def _beyond(finding: Finding, *descriptors: str) -> float:
    """Points of accuracy by which the best of some descriptors is above the frozen network's own features."""
    if "frozen" not in finding.labels:
        return math.nan
    return 100 * (max(finding.labels[each] for each in descriptors) - finding.labels["frozen"])


COLUMNS: tuple[tuple[str, _Figure, str], ...] = (
    ("control, own metric", lambda f: _geometric(f.own), ".2f"),
    ("worst axis", lambda f: min(f.own), ".2f"),
    ("others at 0 and 1", lambda f: _geometric(_elsewhere(f)), ".2f"),
    ("worst axis there", lambda f: min(_elsewhere(f)), ".2f"),
    ("whitened", lambda f: _geometric(f.whitened), ".2f"),
    ("decodability kept − left", lambda f: float(np.mean(np.subtract(f.kept, f.left))), ".2f"),
    ("most left", lambda f: max(f.left), ".2f"),
    ("onset off by", lambda f: max(f.onset), ".2f"),
    ("leakage, %", lambda f: 100 * f.leakage, ".0f"),
    ("lowest rank", lambda f: f.rank, ".0f"),
    ("20 labels a class at i = 0.5, %", lambda f: 100 * f.labels.get("0.5", math.nan), ".1f"),
    ("i = 0 − frozen, points", lambda f: _beyond(f, "0"), "+.1f"),
    ("i = 0.5 − frozen, points", lambda f: _beyond(f, "0.5"), "+.1f"),
    ("best fixed − frozen, points", lambda f: _beyond(f, "0", "0.5", "1"), "+.1f"),
    ("numbers, million", lambda f: f.stored / 1e6, ".1f"),
    ("s a step", lambda f: f.seconds, ".2f"),
)
"""Names, figures and how they are written."""


def _missing(value: float) -> bool:
    return math.isnan(value)


def _over(values: Sequence[float], form: str) -> str:
    known = [value for value in values if not _missing(value)]
    if not known:
        return "–"
    mean = format(float(np.mean(known)), form)
    return mean if len(known) < 2 else f"{mean} ({min(known):{form}} to {max(known):{form}})"


def _read(value: Any) -> Any:
    """JSON has no numbers that are none, and no tuples."""
    if isinstance(value, Mapping):
        return {name: _read(each) for name, each in value.items()}
    if isinstance(value, list):
        return tuple(_read(each) for each in value)
    return math.nan if value is None else value
