"""The file of an earlier run of real tasks in the place of its ledger, so that more methods or draws join it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..baselines import METHODS, Method, Outcome
from ..log import unlike
from ..model.amortised import AmortisedExtractor
from ..model.checkpoints import AUGSELF, PLAIN
from .real_tasks import Place
from .runner import Trial


def networks_of(model: AmortisedExtractor) -> dict[str, str]:
    """What methods rest on that do not use the hypernetwork: digests of the frozen network and of the plain ones."""
    plain = {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in (PLAIN, AUGSELF) if path.exists()
    }
    return {"stem": model.prepares, **plain}


_EARLIER = ", earlier"


@dataclass(frozen=True)
class Earlier:
    """What an earlier run measured.

    Attributes:
        trials: of every draw, with its score and descriptor. The seconds of each are the mean over draws and its device
            is not known, because the file has no more: times are never compared by them.
        document: the file's.
        foreign: whether it was of another checkpoint or of another trust in branches; the trials are then those of
            methods that use neither.
    """

    trials: tuple[Trial, ...]
    document: Mapping[str, Any]
    foreign: bool = False

    @classmethod
    def read(cls, path: Path, shared: Mapping[str, Any], networks: Mapping[str, str] | None = None) -> Earlier:
        """From a file that ``real-tasks --json`` has written.

        Args:
            path: the file.
            shared: what a ledger's first line has. What the file also has must be equal to it.
            networks: of :func:`networks_of`; if the file has the same, it may be of another checkpoint or trust.

        Raises:
            ValueError: the file is no such file, or of another checkpoint, budget or seed, or of other images.
        """
        try:
            document = {"trust": 1.0, **json.loads(path.read_text(encoding="utf-8"))}  # old files: all alike
            trials = tuple(trial for row in document["tasks"] for trial in _trials(row))
            expected = json.loads(json.dumps(dict(shared)))
            other = {key for key in ("checkpoint", "trust") if document.get(key) != expected[key]}
            foreign = bool(other) and document.get("networks", ()) == networks
            keys = expected.keys() & document.keys() - (other if foreign else set())
            named = unlike(expected, document, keys)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(
                f"{path} cannot be read as figures of real tasks ({error}). Give a file that real-tasks --json wrote."
            ) from None
        if named:
            raise ValueError(f"The figures in {path} were made with {named}. Leave --earlier out to measure all anew.")
        if foreign:
            trials = tuple(each for each in trials if _untouched(METHODS[each.outcome.method], other))
        return cls(trials, document, foreign)

    def carried(self, document: Mapping[str, Any], taken: int) -> dict[str, Any]:
        """The document of a run that went on from here, with what the earlier one alone could measure.

        Times are those of the run in which the fit was timed: this one's where it fitted anew, and then no time of
        another machine is kept that was measured beside another fit. The probe is the earlier one where no new one was
        asked for, and so are the minutes of pretraining; nothing but trials comes from another checkpoint. The earlier
        command stays beside the new one.

        Args:
            document: of the run.
            taken: how many trials of the earlier run are still in it; the others were measured again.
        """
        old, machine = self.document, dict(document["machine"])
        counts = Counter(old.get("machine", {}).get("trials", {}))
        if self.foreign or taken < len(self.trials):  # which of them were on which device, no file says
            places = dict.fromkeys(part for key in counts for part in key.removesuffix(_EARLIER).split(" or "))
            counts = Counter({" or ".join(places) + _EARLIER: taken} if taken else {})
        machine["trials"] = dict(counts + Counter(machine["trials"]))
        before = {key: old.get(key) for key in ("command", "date", "checkpoint", "earlier")}
        found = {**document, "machine": machine, "earlier": before}
        if self.foreign:
            return found
        timed, other = (document, None) if document["times_on"] else (old, old.get("elsewhere"))
        kept: dict[str, Any] = {key: timed.get(key) for key in ("times", "times_on")}
        for key in ("probe", "pretraining", "pretraining_on"):
            kept[key] = document.get(key) or old.get(key)
        return {**found, **kept, "elsewhere": document.get("elsewhere") or other or []}

    @property
    def timed(self) -> dict[str, Any]:
        """The times of its methods beside its fit, and where and how they were measured."""
        old = self.document
        kept = {key: old.get(key) for key in ("times", "times_on", "command", "date")}
        return {**kept, "cores": old.get("machine", {}).get("cores")}


def _untouched(method: Method, other: set[str]) -> bool:
    """Whether a method gives the same under another checkpoint, or under another trust in branches."""
    return not method.amortised and not ("trust" in other and method.has_branch)


def _trials(row: Mapping[str, Any]) -> list[Trial]:
    name, found = Place(row["task"], row["kind"], row["by"]).name, []
    points = row["descriptors"] or [None] * len(row["scores"])
    for seed, score, point in zip(row["seeds"], row["scores"], points, strict=True):
        outcome = Outcome(row["method"], score, row["seconds"], row["parameters"], tests=row["tests"])
        outcome = replace(outcome, descriptor=point and tuple(point))
        found.append(Trial(name, "accuracy", seed, outcome, shots=row["shots"]))
    return found
