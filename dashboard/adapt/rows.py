"""Rows of the table of runs: what they are called, what they were fitted with, and their lines in a chart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from core.baselines import Origin, Outcome, called
from dashboard.figures.fit_progress import Line

LONGEST = 40
"""Letters of a person's own name for a row."""


def carried(outcomes: Iterable[Outcome], before: Origin) -> tuple[Outcome, ...]:
    """Rows to go on with under another setup of the same task; each keeps what it was fitted with."""
    return tuple(each if each.origin else replace(each, origin=before) for each in outcomes)


def name_from(wanted: str) -> str:
    """A person's own name for a row, from what was typed; nothing typed gives the row its method's title again."""
    return wanted.strip()[:LONGEST]


def unlike(outcome: Outcome, now: Origin) -> str:
    """What a row was fitted with where that is not what is fitted now; "" if it is the same."""
    return outcome.origin.unlike(now) if outcome.origin else ""


def label(outcome: Outcome, now: Origin, others: Sequence[Outcome] = ()) -> str:
    """What a row is called in a legend; where ``others`` have the same name, its place in the table is said too."""
    other, name = unlike(outcome, now), called(outcome)
    same = [place for place, each in enumerate(others) if called(each) == name and unlike(each, now) == other]
    place = next((f", row {place + 1}" for place in same if others[place] is outcome), "") if len(same) > 1 else ""
    return f"{name}{place}" + (f" ({other})" if other else "")


def line(outcome: Outcome, now: Origin, others: Sequence[Outcome] = (), drawn: bool = True) -> Line:
    """A row in the chart of scores."""
    return line_of(label(outcome, now, others), outcome.curve, drawn, outcome.method)


def line_of(name: str, curve: Iterable[tuple[float, float]], drawn: bool = True, method: str = "") -> Line:
    """A curve of (seconds, score) with a name and a method; it may be empty."""
    seconds, scores = np.array(list(curve)).reshape(-1, 2).T
    return Line(name, seconds, scores, drawn, method)
