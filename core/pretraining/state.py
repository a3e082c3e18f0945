"""Interrupted and resumed pretraining: the whole state of a run in one safetensors file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from ..axes.transforms import AXES, Axis
from ..files import whole
from ..model.amortised import AmortisedExtractor
from ..model.architecture import Architecture
from ..model.checkpoints import axes_document, known_axes

if TYPE_CHECKING:
    from .objective import Objective
    from .recipe import Recipe

FILE = "state.safetensors"
EXPORTED = ("step", "recipe", "data")
RESUMED = (*EXPORTED, "axes", "images", "count")
MOMENTS = ("exp_avg", "exp_avg_sq")


@dataclass
class State:
    """A run at some step.

    Attributes:
        objective, average, optimiser: what changes: model and reader, its moving average, Adam's moments.
        recipe: what the run does.
        data: name of the images, for the record.
        images: :func:`digest` of the images that are drawn from.
        count: how many they are.
        bank: name of the bank that views come from; empty: each step draws its own.
    """

    objective: Objective
    average: AmortisedExtractor
    optimiser: torch.optim.Optimizer
    recipe: Recipe
    data: str
    images: str
    count: int
    bank: str = ""

    def __post_init__(self) -> None:
        for _, parameter in self._trained():  # as Adam itself would at its first step
            self.optimiser.state[parameter] = {"step": torch.tensor(0.0)}
            for moment in MOMENTS:
                self.optimiser.state[parameter][moment] = torch.zeros_like(parameter)

    def save(self, folder: Path, step: int) -> None:
        """Write everything atomically: a kill leaves the previous file or the new one, never half of one."""
        header = {"step": str(step), "recipe": json.dumps(asdict(self.recipe)), "data": self.data}
        header |= {
            "axes": json.dumps(axes_document(self.average.transforms)),
            "images": self.images,
            "count": str(self.count),
            "bank": self.bank,
        }
        with whole(folder / FILE) as partial:
            save_file({name: t.contiguous() for name, t in self._tensors().items()}, partial, header)

    def resume(self, folder: Path) -> int:
        """Load a stored state if there is one; returns the next step, 0 for a fresh run.

        Raises:
            ValueError: incomplete or unreadable, or made with another recipe or other images. Nothing has
                been loaded then.
        """
        path = folder / FILE
        if not path.exists():
            return 0
        mine = self._tensors()
        try:
            header, stored = _read(path, RESUMED)
            self._check_recipe(path, header["recipe"])
            self._check_axes(path, header["axes"])
            self._check_images(path, header["images"], header["count"])
            self._check_bank(path, header.get("bank", ""))
            _check_tensors(stored, mine)
        except _Damage as error:
            raise ValueError(f"{path} cannot be read as a training state ({error}). Delete it to start anew.") from None
        for name, tensor in mine.items():
            tensor.copy_(stored[name])
        for _, parameter in self._trained():
            self.optimiser.state[parameter]["step"].fill_(header["step"])
        for part in ("stem", "constants"):  # nobody trains them, so they are stored once
            getattr(self.objective.model, part).load_state_dict(getattr(self.average, part).state_dict())
        return header["step"]

    def _check_recipe(self, path: Path, theirs: dict[str, Any]) -> None:
        mine, theirs = json.loads(json.dumps(asdict(self.recipe))), _as_today(theirs)
        if missing := [name for name in mine if name not in theirs]:
            raise _Damage(f"its recipe does not say {', '.join(missing)}; perhaps an older version wrote it")
        different = [name for name in mine | theirs if name != "steps" and mine.get(name) != theirs.get(name)]
        if different:
            raise ValueError(
                f"{path} was made with another recipe (different: {', '.join(different)}). "
                "Use the same options, or another --out folder."
            )

    def _check_axes(self, path: Path, theirs: str) -> None:
        if json.dumps(axes_document(self.average.transforms)) != theirs:
            now = ", ".join(axis.name for axis in self.average.transforms)
            raise ValueError(f"{path} was made with other axes or ranges than {now}. Give another --out folder.")

    def _check_images(self, path: Path, images: str, count: int) -> None:
        if images == self.images:
            return
        counts = f"{count} images then, {self.count} now"
        if count == self.count:
            counts += ", but not the same ones in the same order"
        raise ValueError(
            f"{path} was made with other images ({counts}). Bring back the same images, or give another --out folder."
        )

    def _check_bank(self, path: Path, theirs: str) -> None:
        if theirs != self.bank:
            then, now = (f"a bank of {each}" if each else "views drawn at each step" for each in (theirs, self.bank))
            raise ValueError(
                f"{path} was trained from {then}, not from {now}. Use the same options, or another --out folder."
            )

    def _trained(self) -> list[tuple[str, nn.Parameter]]:
        return [(name, each) for name, each in self.objective.named_parameters() if each.requires_grad]

    def _tensors(self) -> dict[str, Tensor]:
        """Everything that is stored, by name."""
        tensors = {f"objective.{name}": p.detach() for name, p in self._trained()}
        tensors |= {f"average.{name}": value.detach() for name, value in self.average.state_dict().items()}
        for name, parameter in self._trained():
            for moment in MOMENTS:
                tensors[f"{moment}.{name}"] = self.optimiser.state[parameter][moment]
        return tensors


def digest(images: Tensor) -> str:
    """SHA-256 of images (N, 3, H, W), uint8: their shape and every pixel, so their order too."""
    seen = hashlib.sha256(str(tuple(images.shape)).encode())
    seen.update(images.cpu().contiguous().numpy().data)
    return seen.hexdigest()


def read_average(folder: Path) -> tuple[AmortisedExtractor, dict[str, Any]]:
    """The averaged model of a run's latest state, and its header (``step``, ``recipe``, ``data``).

    Raises:
        ValueError: no readable state in ``folder``.
    """
    path = folder / FILE
    try:
        header, weights = _read(path, EXPORTED, "average.")
        try:
            architecture = Architecture.of(header["recipe"]["architecture"])
        except (KeyError, TypeError, ValueError) as error:
            raise _Damage(f"its recipe has no architecture: {error}") from None
        model = AmortisedExtractor(architecture, _axes(header.get("axes")), empty=True)
        _check_tensors(weights, {f"average.{name}": value for name, value in model.state_dict().items()})
    except _Damage as error:
        raise ValueError(
            f"{path} cannot be read as a training state ({error}). Give the folder of a pretraining run."
        ) from None
    model.load_state_dict({name.removeprefix("average."): tensor for name, tensor in weights.items()})
    return model.eval().requires_grad_(False), header


def _axes(names: str | None) -> tuple[Axis, ...]:
    """Those that a state names; all of them where it is from before it named any."""
    return AXES if names is None else known_axes(json.loads(names))


def _as_today(recipe: dict[str, Any]) -> dict[str, Any]:
    """A stored recipe whose architecture is written as today's are; as it is if that cannot be read."""
    try:
        return recipe | {"architecture": json.loads(json.dumps(asdict(Architecture.of(recipe["architecture"]))))}
    except (KeyError, TypeError, ValueError):
        return recipe


class _Damage(Exception):
    """What is wrong with a file, as the part of a sentence."""


def _read(path: Path, fields: Iterable[str], prefix: str = "") -> tuple[dict[str, Any], dict[str, Tensor]]:
    """A file's header, which has all ``fields``, and its tensors whose names begin so; raises :class:`_Damage`."""
    try:
        with safe_open(path, "pt") as file:
            header: dict[str, Any] = dict(file.metadata() or {})
            stored = {name: file.get_tensor(name) for name in file.keys() if name.startswith(prefix)}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise _Damage(str(error)) from None
    if missing := [name for name in fields if name not in header]:
        raise _Damage(f"it does not say {', '.join(missing)}; perhaps an older version wrote it")
    for name in {"step", "count"} & header.keys():
        header[name] = _whole(name, header[name])
    try:
        header["recipe"] = json.loads(header["recipe"])
    except json.JSONDecodeError as error:
        raise _Damage(f"its recipe is not JSON: {error}") from None
    if not isinstance(header["recipe"], dict):
        raise _Damage("its recipe is not an object of fields")
    return header, stored


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise _Damage(f"its {name} must be a whole number, not {text!r}")
    return int(text)


def _check_tensors(stored: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    """Refuse tensors that are missing, unknown, or of another shape or type; raises :class:`_Damage`."""
    for what, names in (("lacks", expected.keys() - stored.keys()), ("also has", stored.keys() - expected.keys())):
        if names:
            raise _Damage(f"it {what} {_first(names)}")
    for name, tensor in expected.items():
        if (found := _kind(stored[name])) != _kind(tensor):
            raise _Damage(f"{name} is {found}, expected {_kind(tensor)}")


def _kind(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"


def _first(names: Iterable[str]) -> str:
    first, *others = sorted(names)
    return f"the tensor {first}" + (f" and {len(others)} more" if others else "")
