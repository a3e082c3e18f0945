"""Interrupted and resumed pretraining: the whole state of a run in one safetensors file."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from core.extractor import Architecture
from core.model import AmortisedExtractor

if TYPE_CHECKING:
    from core.pretraining import Recipe

FILE = "state.safetensors"


@dataclass
class State:
    """The parts of a run that change: objective (model and reader), its moving average, optimiser."""

    objective: nn.Module
    average: nn.Module
    optimiser: torch.optim.Optimizer
    recipe: Recipe
    data: str

    def save(self, folder: Path, step: int) -> None:
        """Write everything atomically: a kill leaves the previous file or the new one, never half of one."""
        folder.mkdir(parents=True, exist_ok=True)
        header = {"step": str(step), "recipe": json.dumps(asdict(self.recipe)), "data": self.data}
        partial = folder / f"{FILE}.{os.getpid()}.part"
        save_file({name: t.contiguous() for name, t in self._tensors().items()}, partial, header)
        os.replace(partial, folder / FILE)

    def resume(self, folder: Path) -> int:
        """Load a stored state if there is one; returns the next step, 0 for a fresh run.

        Raises:
            ValueError: unreadable, or made with another recipe or other images.
        """
        path = folder / FILE
        if not path.exists():
            return 0
        try:
            with safe_open(path, "pt") as file:
                header = file.metadata()
                header["recipe"], header["data"]
                stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, not a dict
        except (SafetensorError, OSError, TypeError, KeyError) as error:
            raise ValueError(f"{path} cannot be read as a training state ({error}). Delete it to start anew.") from None
        mine = json.loads(json.dumps(asdict(self.recipe)))
        theirs = {"start": "", "reading": 1.0} | json.loads(header["recipe"])  # states from before there was a choice
        different = [name for name in mine if name != "steps" and mine[name] != theirs.get(name)]
        if header["data"] != self.data:
            different.append("data")
        if different:
            raise ValueError(
                f"{path} was made with another recipe (different: {', '.join(different)}). "
                "Use the same options, or another --out folder."
            )
        for parameter in self.objective.parameters():  # allocates Adam's moments in the right places
            self.optimiser.state[parameter] = {
                "step": torch.tensor(float(header["step"])),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }
        for name, tensor in self._tensors().items():
            tensor.copy_(stored[name])
        return int(header["step"])

    def _tensors(self) -> dict[str, Tensor]:
        tensors = {f"objective.{name}": p.detach() for name, p in self.objective.named_parameters()}
        tensors |= {f"average.{name}": p.detach() for name, p in self.average.named_parameters()}
        for name, parameter in self.objective.named_parameters():
            for moment in ("exp_avg", "exp_avg_sq"):
                tensors[f"{moment}.{name}"] = self.optimiser.state[parameter][moment]
        return tensors


def read_average(folder: Path) -> tuple[AmortisedExtractor, dict[str, Any]]:
    """The averaged model of a run's latest state, and its header (``step``, ``recipe``, ``data``).

    Raises:
        ValueError: no readable state in ``folder``.
    """
    path = folder / FILE
    try:
        with safe_open(path, "pt") as file:
            header: dict[str, Any] = dict(file.metadata())
            header["recipe"]
            names = [name for name in file.keys() if name.startswith("average.")]  # noqa: SIM118, not a dict
            weights = {name.removeprefix("average."): file.get_tensor(name) for name in names}
    except (SafetensorError, OSError, TypeError, KeyError) as error:
        raise ValueError(f"{path} cannot be read as a training state ({error}).") from None
    header |= {"step": int(header["step"]), "recipe": json.loads(header["recipe"])}
    model = AmortisedExtractor(Architecture(**header["recipe"]["architecture"]))
    model.load_state_dict(weights)
    return model.eval().requires_grad_(False), header
