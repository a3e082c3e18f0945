"""Pretraining the hypernetwork: many descriptors, one manifold of extractors.

A group of views is the same whichever process works on it, see :mod:`core.pretraining.objective`. What a step
does with its groups is a sum of many numbers, and sums depend on how many threads share them: rounding is
all that differs at first, but where a gradient is nothing but rounding, Adam makes full steps of it.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import get_ema_multi_avg_fn
from torch.utils.tensorboard import SummaryWriter

from ..axes.transforms import AXES, Axis
from ..model.amortised import AmortisedExtractor
from . import state as states
from .bank import Bank, group_of
from .beginning import check_start, new_model
from .content import content_of
from .groups import Group
from .objective import Objective
from .recipe import Recipe


@dataclass(frozen=True)
class Step:
    """What one optimiser step did: its number, loss terms (nats or squared units), rate and seconds."""

    number: int
    terms: dict[str, float]
    rate: float
    seconds: float


def pretrain(
    images: Tensor,
    recipe: Recipe,
    folder: Path,
    *,
    data: str,
    every: int = 500,
    start: AmortisedExtractor | None = None,
    device: torch.device | None = None,
    axes: tuple[Axis, ...] = AXES,
    bank: Bank | None = None,
    weights: Path | None = None,
) -> Generator[Step, None, None]:
    """Train, yielding one :class:`Step` per optimiser step; the caller draws progress and may stop at any time.

    Writes ``folder/state.safetensors`` every ``every`` steps and at the end (atomically, so a kill
    loses at most the last interval) and TensorBoard logs to ``folder/logs``. A folder with a state
    is resumed. Under ``torchrun``, the groups of a step are divided among the processes.

    On the CPU, with one thread (``torch.set_num_threads(1)``, ``--threads 1``), on the same machine and with
    the same versions of the libraries, a run that was stopped or killed and resumed in any process, as often as
    one likes, ends with the same numbers, bit for bit, as one that never was. Otherwise it is the same run but
    for rounding. A library that changes the number of threads of a process on its way (UMAP does) changes it
    for a run in this process too: set it again before the run goes on.

    Args:
        images: (N, 3, S, S) of the backbone's size, uint8; when resuming, the same in the same order,
            whatever they are called.
        recipe: what to do; must equal the stored one when resuming, ``steps`` excepted.
        folder: where states and logs go; created if missing.
        data: name of the image set, for the record.
        every: steps between states.
        start: model whose weights a fresh run begins with, see :func:`core.pretraining.beginning.new_model`.
        device: default: CUDA if there is one, else the CPU.
        axes: what the model learns to ignore or to keep; the same when resuming.
        bank: stored views to train from, complete; the same when resuming. Default: views are drawn and go through
            the stem at every step.
        weights: file of the backbone's pretrained weights; default: where it looks for them itself.

    Raises:
        ValueError: images of the wrong kind, groups not divisible among processes, a bank of something else, or a
            stored state that is damaged, of another recipe, of other axes or of other images or views.
    """
    side = recipe.architecture.backbone.input_size
    if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[1:] != (3, side, side):
        raise ValueError(
            f"Pretraining needs 8-bit images of shape (N, 3, {side}, {side}); got {images.dtype} "
            f"{tuple(images.shape)}. Load them with core.data.load_folder, side={side}."
        )
    rank, world = _join(torch.cuda.is_available() and (device is None or device.type == "cuda"))
    if recipe.groups % world:
        raise ValueError(f"{recipe.groups} groups cannot be shared evenly by {world} processes. Change --groups.")
    device = device or torch.device(f"cuda:{rank % torch.cuda.device_count()}" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(recipe.seed)
    if start is not None:
        check_start(start, recipe, axes)
    model = new_model(recipe, axes, images, start, weights).to(device)
    seen = states.digest(images)
    if bank is not None:
        bank.check_use(seen, recipe, model)
    told = bank.content() if bank is not None else None
    content = content_of(model, images, recipe.components, stored=told) if recipe.content else None
    objective = Objective(model, recipe, content).to(device)
    average = AmortisedExtractor(recipe.architecture, axes, empty=True).to(device).requires_grad_(False)
    average.load_state_dict(objective.model.state_dict())
    optimiser = optimiser_of(objective, recipe)
    state = states.State(objective, average, optimiser, recipe, data, seen, len(images), bank.name if bank else "")
    first = state.resume(folder)
    if first == 0:
        objective.begin(images)
    wrapped = DistributedDataParallel(objective) if world > 1 else objective
    logs = SummaryWriter(str(folder / "logs"), purge_step=first) if rank == 0 else None
    for number in range(first, recipe.steps):
        began = time.perf_counter()
        groups = [group_of(images, recipe, number, g, model, bank) for g in range(rank, recipe.groups, world)]
        terms = optimise(wrapped, groups, optimiser, recipe.rate_at(number))
        blend(average, model, recipe, number)
        values = _gather({name: term.detach() for name, term in terms.items()}, world)
        if not math.isfinite(values["total"]):
            raise ValueError(f"Training diverged at step {number}: the loss is {values['total']}. Lower --rate.")
        if logs:
            for name, value in values.items():
                logs.add_scalar(f"loss/{name}", value, number)
        if rank == 0 and ((number + 1) % every == 0 or number + 1 == recipe.steps):
            state.save(folder, number + 1)
        yield Step(number, values, recipe.rate_at(number), time.perf_counter() - began)
    if logs:
        logs.close()
    if world > 1:
        # Leaving while another process still talks aborts the one that leaves.
        dist.barrier()
        dist.destroy_process_group()


def optimise(
    objective: Callable[[list[Group]], dict[str, Tensor]],
    groups: list[Group],
    optimiser: torch.optim.Optimizer,
    rate: float,
) -> dict[str, Tensor]:
    """One step on the loss of some groups, with clipped gradients; its terms."""
    for parameters in optimiser.param_groups:
        parameters["lr"] = rate * parameters["factor"]
    terms = objective(groups)
    optimiser.zero_grad(set_to_none=True)
    terms["total"].backward()
    nn.utils.clip_grad_norm_([each for group in optimiser.param_groups for each in group["params"]], 5.0)
    optimiser.step()
    return terms


def optimiser_of(objective: Objective, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW with a higher rate for what reads the descriptor than for what all descriptors share."""
    network = objective.model.hypernetwork
    reading = [*network.direct.parameters(), *network.mixing.parameters()]
    theirs = {id(parameter) for parameter in reading}
    shared = [each for each in objective.parameters() if each.requires_grad and id(each) not in theirs]
    groups = [{"params": shared, "factor": 1.0}, {"params": reading, "factor": recipe.reading}]
    return torch.optim.AdamW(groups, lr=recipe.rate, weight_decay=recipe.weight_decay)


def _join(cuda: bool) -> tuple[int, int]:
    """(rank, number of processes); joins the process group that torchrun announces, once."""
    if "WORLD_SIZE" not in os.environ or int(os.environ["WORLD_SIZE"]) < 2:
        return 0, 1
    if not dist.is_initialized():
        dist.init_process_group("nccl" if cuda else "gloo")
    return dist.get_rank(), dist.get_world_size()


def _gather(terms: dict[str, Tensor], world: int) -> dict[str, float]:
    values = torch.stack(list(terms.values()))
    if world > 1:
        dist.all_reduce(values)
        values /= world
    return dict(zip(terms, values.tolist(), strict=True))


@torch.no_grad()
def blend(average: AmortisedExtractor, current: AmortisedExtractor, recipe: Recipe, number: int) -> None:
    """Move an average of generated weights towards the current ones, after step ``number``; faster at the start."""
    pairs = zip(average.hypernetwork.parameters(), current.hypernetwork.parameters(), strict=True)
    old, new = map(list, zip(*pairs, strict=True))
    get_ema_multi_avg_fn(min(recipe.averaging, (1 + number) / (10 + number)))(old, new, None)
