"""A run as a file: what was fitted and how, every step and outcome, the descriptor and the head.

Images are not in it. A task with a known answer is drawn again from its name, shots and seed; one's own
images have to be brought again, and :func:`same_images` says whether they are the same.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..adaptation import Adapted, Settings, Step
from ..adaptation.head import Head
from ..adaptation.preferences import Slice
from ..axes.transforms import Axis
from ..baselines import Origin, Outcome, baselines
from ..model.amortised import AmortisedExtractor
from ..tasks import Task
from ..version import PROGRAM
from .envelope import Shared, other_checkpoint, read, write
from .older import newer

_NUMBERS = ("head.weight", "head.bias", "outputs", "thumbprint")


@dataclass(frozen=True)
class SharedRun:
    """A run, finished or not.

    Attributes:
        task: its name; that of the folder for a person's own images.
        own: whether the images are a person's own.
        shots: labelled images per class.
        seed: of the images.
        settings: of the fit.
        classes: names; empty for a quantity.
        thumbprint: (N,) see :func:`thumbprint`.
        outcomes: rows of the table.
        steps: of the fit.
        adapted, outputs: its end, and (M, C) on the test images; ``None`` if it has none.
        slices: of the evidence; one per axis, or none yet.
    """

    task: str
    own: bool
    shots: int
    seed: int
    settings: Settings
    classes: tuple[str, ...]
    thumbprint: Tensor
    outcomes: tuple[Outcome, ...] = ()
    steps: tuple[Step, ...] = ()
    adapted: Adapted | None = None
    outputs: Tensor | None = None
    slices: tuple[Slice, ...] = ()

    @property
    def disturbed(self) -> bool:
        """Somebody has moved the descriptor meanwhile, so that no command repeats the run."""
        begun = [step.restart for step in self.steps if step.number == 0]
        return len(begun) > len(set(begun))

    @property
    def origin(self) -> Origin:
        """What its rows were fitted with, if they do not say otherwise."""
        return Origin(self.shots, self.seed, self.settings.objective)


def thumbprint(task: Task) -> Tensor:
    """Mean pixel value of every labelled and test image, (N,): tells sets of images apart and shows none."""
    return torch.cat([split.pixels.mean((1, 2, 3)) for split in (task.labelled, task.test)])


def same_images(run: SharedRun, task: Task) -> bool:
    """Whether a task has the images of a run, up to what decoders differ by."""
    here = thumbprint(task)
    return here.shape == run.thumbprint.shape and bool((here - run.thumbprint).abs().max() < 0.01)


def write_run(run: SharedRun, model: AmortisedExtractor) -> bytes:
    """The content of a file.

    Raises:
        ValueError: it cannot be written, e.g. because a number is not finite.
    """
    end, tensors = run.adapted, {"thumbprint": run.thumbprint}
    if end is not None and run.outputs is not None:
        tensors |= {"head.weight": end.head.weight, "head.bias": end.head.bias, "outputs": run.outputs}
    body = {
        "task": run.task,
        "own": run.own,
        "shots": run.shots,
        "seed": run.seed,
        "settings": asdict(run.settings),
        "axes": [axis.name for axis in model.transforms],
        "classes": list(run.classes),
        "outcomes": [asdict(each) | _listed(each, "descriptor", "curve") for each in run.outcomes],
        "steps": [asdict(each) | _listed(each, "descriptor", "gradient") for each in run.steps],
        "adapted": None if end is None else _ended(end),
        "slices": [_written(cut) for cut in run.slices],
    }
    return write(Shared("run", body, str(model.metadata.get("digest", "")), tensors))


def read_run(content: bytes, name: str, model: AmortisedExtractor) -> tuple[SharedRun, tuple[str, ...]]:
    """Read a file that :func:`write_run` has made.

    Returns:
        The run, and a sentence if it was made with another checkpoint.

    Raises:
        ValueError: see :func:`core.sharing.envelope.read`; other axes than the model's; parts that do
            not fit each other.
    """
    shared = read(content, name, ("run",))
    body, tensors = shared.body, shared.tensors
    names = [axis.name for axis in model.transforms]
    if body["axes"] != names:
        raise ValueError(
            f"The run has other transformations than this model ({', '.join(names)}). Open it where it was made."
        )
    _fit_together(body, tensors, len(names), max(len(body["classes"]), 1))
    end = body["adapted"]
    adapted, settings = None, Settings(**{"trust": 1.0, **body["settings"]})  # old files have none: all alike
    if end is not None:
        head = Head(tensors["head.weight"], tensors["head.bias"], end.pop("penalty"), settings.trust)
        adapted = Adapted(**_tupled(end), head=head)
    axes = {axis.name: axis for axis in model.transforms}
    origin = Origin(body["shots"], body["seed"], body["settings"]["objective"])
    run = SharedRun(
        body["task"],
        body["own"],
        body["shots"],
        body["seed"],
        settings,
        tuple(body["classes"]),
        tensors["thumbprint"],
        tuple(_outcome(newer(each, origin)) for each in body["outcomes"]),
        tuple(Step(**_tupled(each)) for each in body["steps"]),
        adapted,
        tensors["outputs"] if adapted else None,
        tuple(_slice(each, axes[each["axis"]]) for each in body["slices"]),
    )
    warning = other_checkpoint(shared, str(model.metadata.get("digest", "")))
    return run, (warning,) if warning else ()


def _written(cut: Slice) -> dict[str, Any]:
    numbers = {name: getattr(cut, name) for name in ("at", "here", "score")}
    scores = None if cut.scores is None else cut.scores.tolist()
    found = {"axis": cut.axis.name, "points": cut.points.tolist(), "evidence": cut.evidence.tolist(), "scores": scores}
    return found | numbers


def _slice(entry: Mapping[str, Any], axis: Axis) -> Slice:
    """Files of before version 4 do not say where the fit was."""
    points, evidence = (np.array(entry[name]) for name in ("points", "evidence"))
    scores = entry.get("scores")
    return Slice(
        axis, points, evidence, entry.get("at"), entry.get("here"), None if scores is None else np.array(scores),
        entry.get("score"),
    )  # fmt: skip


def _ended(end: Adapted) -> dict[str, Any]:
    plain = {each.name: getattr(end, each.name) for each in fields(end) if each.name != "head"}
    return plain | _listed(end, "descriptor", "unsnapped") | {"penalty": end.head.penalty}


def _outcome(entry: Mapping[str, Any]) -> Outcome:
    origin = entry["origin"]
    return Outcome(**_tupled(entry) | {"origin": origin and Origin(**origin)})


def _listed(value: Any, *names: str) -> dict[str, Any]:
    """Tuples as lists, which is what JSON and its schema call an array."""
    return {name: _list(getattr(value, name)) for name in names}


def _list(value: Any) -> Any:
    return [_list(each) for each in value] if isinstance(value, tuple) else value


def _tupled(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _tuple(value) for name, value in entry.items()}


def _tuple(value: Any) -> Any:
    return tuple(_tuple(each) for each in value) if isinstance(value, list) else value


def _fit_together(body: Mapping[str, Any], tensors: Mapping[str, Tensor], axes: int, outputs: int) -> None:
    """What a schema cannot say.

    Raises:
        ValueError: lengths, names or shapes contradict each other.
    """
    points = [each["descriptor"] for each in (*body["outcomes"], *body["steps"]) if each["descriptor"] is not None]
    points += [each["gradient"] for each in body["steps"]]
    wanted, end = {"thumbprint"}, body["adapted"]
    if end is not None:
        points += [end["descriptor"], end["unsnapped"]]
        wanted = set(_NUMBERS)
    cuts = body["slices"]
    sound = (
        set(tensors) == wanted
        and all(len(point) == axes for point in points)
        and [cut["axis"] for cut in cuts] == body["axes"][: len(cuts)]
        and all(cut["points"] == cuts[0]["points"] and len(cut["evidence"]) == len(cut["points"]) for cut in cuts)
        and all(len(cut.get("scores") or cut["points"]) == len(cut["points"]) for cut in cuts)
        and all(value.is_floating_point() and bool(torch.isfinite(value).all()) for value in tensors.values())
        and tensors["thumbprint"].ndim == 1
    )
    if sound and end is not None:
        weight, bias, said = (tensors[name] for name in _NUMBERS[:3])
        sound = weight.ndim == said.ndim == 2 and weight.shape[1:] == bias.shape == said.shape[1:] == (outputs,)
    if not sound:
        raise ValueError("The parts of the file do not fit each other. Ask for the file again, or save it anew.")


def command(run: SharedRun) -> str:
    """The command line that repeats a run, with the baselines among its rows; ``""`` if there is none."""
    usual = replace(Settings(), **{name: getattr(run.settings, name) for name in ("objective", "steps", "restarts")})
    if run.disturbed or replace(run.settings, seed=usual.seed) != usual or run.settings.seed != run.seed:
        return ""
    known = {each.name for each in baselines()}
    ran = [each.method for each in run.outcomes if each.origin in (None, run.origin) and each.method in known]
    words = {
        "data": "FOLDER" if run.own else run.task,
        "shots": run.shots,
        "seed": run.seed,
        "seeds": 1,
        "objective": run.settings.objective,
        "steps": run.settings.steps,
        "restarts": run.settings.restarts,
        "baselines": ",".join(dict.fromkeys(ran)) or "none",
    }
    return " ".join([f"{PROGRAM} fit", *(f"--{name} {shlex.quote(str(value))}" for name, value in words.items())])
