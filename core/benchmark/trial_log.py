"""Trials kept on disk as they finish, so that hours of a benchmark that was cut are not lost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..baselines import Outcome
from ..files import save_text
from .runner import Trial


class Ledger:
    """A file with a line of JSON per trial, after a first line with what all of them share.

    Args:
        path: the file; made if missing.
        shared: what makes trials comparable, such as checkpoint and settings; JSON values.

    Raises:
        ValueError: the file is of something else, or is not a ledger.
    """

    def __init__(self, path: Path, shared: Mapping[str, Any]) -> None:
        self.path, self.trials = path, []
        expected = json.loads(json.dumps(dict(shared)))
        if not path.exists() or not path.stat().st_size:
            save_text(path, json.dumps(expected) + "\n")
            return
        try:
            first, *lines = path.read_text(encoding="utf-8").split("\n")
            found = json.loads(first)
            # The last line has no end if the machine went off while it was written; it is done again.
            self.trials = [_read(line) for line in lines[:-1]]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{path} cannot be read as trials ({error}). Give another file, or delete it.") from None
        different = sorted(key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key))
        if different:
            named = ", ".join("other images" if key == "images" else f"another {key}" for key in different)
            raise ValueError(f"The trials in {path} were made with {named}. Give another file, or delete it.")
        complete = [first, *lines[:-1]]
        save_text(path, "\n".join(complete) + "\n")

    def keep(self, trials: Iterable[Trial]) -> None:
        """Add trials, on disk at once."""
        trials = list(trials)
        self.trials += trials
        with self.path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(replace(trial, regret=None))) + "\n" for trial in trials)


def _read(line: str) -> Trial:
    values = json.loads(line)
    outcome = values["outcome"]
    if outcome["descriptor"] is not None:
        outcome["descriptor"] = tuple(outcome["descriptor"])
    outcome["curve"] = tuple(tuple(point) for point in outcome["curve"])
    return Trial(**values | {"outcome": Outcome(**outcome)})
