"""What files of the schemas 1 and 2 mean by today's: there, one name said what a row is, its name, and its origin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from ..baselines import OURS, Origin

_METHODS = {"fit": OURS}
"""Names of methods that were spelt differently in these files."""
_NAME = re.compile(
    r"(?P<method>.*?)(?: · (?P<shots>\d{1,4}) per class)?(?: · seed (?P<seed>\d{1,4}))?"
    r"(?: · fitted to (?P<objective>[a-z-]+))?",
    re.DOTALL,
)


def newer(entry: Mapping[str, Any], run: Origin) -> dict[str, Any]:
    """An outcome in a file, with the fields that it has today.

    Args:
        entry: that a schema has let through.
        run: what the run of the file was fitted with.
    """
    if "origin" in entry or "name" in entry:
        return {"name": "", "origin": None, **entry}
    found = _NAME.fullmatch(entry["method"])
    assert found is not None  # the method takes whatever is there
    method, shots, seed, objective = found.group("method", "shots", "seed", "objective")
    origin = replace(
        run,
        shots=int(shots) if shots else run.shots,
        seed=int(seed) if seed else run.seed,
        objective=objective or run.objective,
    )
    told = None if origin == run else asdict(origin)
    return {**entry, "method": _METHODS.get(method, method), "name": "", "origin": told}
