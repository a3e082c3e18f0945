"""Pretraining the hypernetwork: many descriptors, one manifold of extractors.

Every random draw of a group comes from a generator seeded by (seed, step, group), so a run can be
resumed at any step without stored random states, and a group is the same whichever process works on it.
What a step does with its groups is a sum of many numbers, and sums depend on how many threads share them:
rounding is all that differs at first, but where a gradient is nothing but rounding, Adam makes full steps of it.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import get_ema_multi_avg_fn
from torch.utils.tensorboard import SummaryWriter

from ..model.amortised import AmortisedExtractor
from ..model.architecture import Architecture
from . import losses
from . import state as states
from .pairs import ViewRecipe, Views, render, sample_axis, sample_descriptor, sample_views


@dataclass(frozen=True)
class Recipe:
    """All that a pretraining run depends on, besides its images.

    Attributes:
        steps: optimiser steps.
        groups: descriptors per step over all processes; odd ones are opposite to the even one before.
        size: images per group, each drawn in three views.
        rate: peak learning rate of AdamW, after a linear warm-up and before a cosine decay to 0.
        reading: factor on the rate of the layers that read the descriptor. They alone can tell
            descriptors apart, and their gradient averages over all of them.
        averaging: decay of the exponential moving average that becomes the checkpoint.
        hardness: weight of a hard negative, see :func:`core.pretraining.losses.contrastive_loss`.
        margin: of the separation term.
        contrastive, alignment, separation, sensitivity, variance, decorrelation, erasure: weights of the
            terms in :mod:`core.pretraining.losses`.
        start: digest of the checkpoint whose weights the run starts from; empty: random weights.
    """

    steps: int = 4_000
    groups: int = 2
    size: int = 128
    rate: float = 7e-4
    reading: float = 4.0
    weight_decay: float = 1e-4
    warmup: int = 100
    averaging: float = 0.997
    temperature: float = 0.2
    hardness: float = 0.2
    contrastive: float = 3.0
    alignment: float = 4.0
    separation: float = 10.0
    margin: float = 0.6
    sensitivity: float = 2.0
    variance: float = 6.0
    decorrelation: float = 1.0
    erasure: float = 1.0
    seed: int = 0
    start: str = ""
    views: ViewRecipe = field(default_factory=ViewRecipe)
    architecture: Architecture = field(default_factory=Architecture)

    def __post_init__(self) -> None:
        for name, kind, made in (("views", ViewRecipe, _views_of), ("architecture", Architecture, Architecture.of)):
            value = getattr(self, name)
            if isinstance(value, dict):  # as read from JSON
                object.__setattr__(self, name, made(value))
            elif not isinstance(value, kind):
                raise ValueError(f"The recipe's {name} must be an object of its fields; got {value!r}.")
        for name in ("steps", "groups", "size", "rate", "temperature"):
            if not getattr(self, name) > 0:
                raise ValueError(f"The recipe's {name} must be positive; got {getattr(self, name)}.")

    def rate_at(self, step: int) -> float:
        """Learning rate of a step, in [0, rate]."""
        warm = min(1.0, (step + 1) / max(1, self.warmup))
        return self.rate * warm * 0.5 * (1 + math.cos(math.pi * step / self.steps))


def _views_of(document: dict[str, Any]) -> ViewRecipe:
    return ViewRecipe(**document)


@dataclass(frozen=True)
class Group:
    """One descriptor (K,), its views and their pictures (3 b, 3, S, S)."""

    descriptor: Tensor
    views: Views
    pictures: Tensor


@dataclass(frozen=True)
class Step:
    """What one optimiser step did: its number, loss terms (nats or squared units), rate and seconds."""

    number: int
    terms: dict[str, float]
    rate: float
    seconds: float


def draw_group(images: Tensor, recipe: Recipe, step: int, group: int, device: torch.device) -> Group:
    """Draw one group of a step from 8-bit images (N, 3, S, S); the same arguments give the same group."""
    pair = torch.Generator().manual_seed(_seed(recipe.seed, step, group // 2, 1))
    own = torch.Generator().manual_seed(_seed(recipe.seed, step, group, 0))
    axis, alone = sample_axis(recipe.views, pair)
    descriptor = sample_descriptor(axis, recipe.views, pair)
    if group % 2:  # opposite descriptors in one step: every axis is pulled both ways
        descriptor = 1 - descriptor
    chosen = torch.randint(len(images), (recipe.size,), generator=own)
    pictures = images[chosen].to(device).float() / 255
    views = sample_views(descriptor, recipe.size, recipe.views, own, axis if alone else None)
    return Group(descriptor.to(device), views.to(device), render(pictures, views, own))


def _seed(*parts: int) -> int:
    value = 0
    for part in parts:
        value = (value * 1_000_003 + part + 1) % 2**62
    return value


class Objective(nn.Module):
    """Model and factor reader; one forward is the loss of a step, so that it can be distributed."""

    def __init__(self, model: AmortisedExtractor, recipe: Recipe) -> None:
        super().__init__()
        self.model = model
        self.reader = nn.Linear(model.architecture.features, len(model.transforms))
        self.recipe = recipe

    def forward(self, groups: list[Group]) -> dict[str, Tensor]:
        """Loss terms averaged over groups; ``total`` is the one to minimise."""
        each = [self._terms(group) for group in groups]
        return {name: torch.stack([terms[name] for terms in each]).mean() for name in each[0]}

    def _terms(self, group: Group) -> dict[str, Tensor]:
        recipe, views, i = self.recipe, group.views, group.descriptor
        with torch.autocast(i.device.type, torch.bfloat16, enabled=_fast_half(i.device)):
            features = self.model.extract(self.model.through_stem(group.pictures), self.model.weights(i))
        anchor, positive, negative = features.chunk(3)
        standard = losses.standardise(features)
        metric = losses.precision(standard)
        a, p, n = standard.chunk(3)
        scaled = [2 * u - 1 for u in (views.anchor, views.negative)]
        terms = {
            "contrastive": losses.contrastive_loss(
                anchor, positive, negative, views.weight, recipe.temperature, recipe.hardness
            ),
            "alignment": losses.alignment_loss(a, p, metric),
            "separation": losses.separation_loss(a, n, views.weight, metric, recipe.margin),
            "sensitivity": losses.factor_loss(
                (self.reader(anchor), self.reader(negative)), (scaled[0], scaled[1]), views.moved, i
            ),
            "variance": losses.variance_loss(torch.cat([anchor, positive])),
            "decorrelation": losses.decorrelation_loss(torch.cat([a, p])),
            "erasure": losses.erasure_loss(a, p, views.positive - views.anchor, i, metric),
        }
        terms["total"] = (
            recipe.contrastive * terms["contrastive"]
            + recipe.alignment * terms["alignment"]
            + recipe.separation * terms["separation"]
            + recipe.sensitivity * terms["sensitivity"]
            + recipe.variance * terms["variance"]
            + recipe.decorrelation * terms["decorrelation"]
            + recipe.erasure * terms["erasure"]
        )
        return terms


def _fast_half(device: torch.device) -> bool:
    """Mixed precision where it is fast: CUDA, and CPUs with bfloat16 instructions."""
    return device.type == "cuda" or bool(torch.cpu.get_capabilities().get("avx512_bf16"))


def pretrain(
    images: Tensor,
    recipe: Recipe,
    folder: Path,
    *,
    data: str,
    every: int = 500,
    start: AmortisedExtractor | None = None,
    device: torch.device | None = None,
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
        start: model whose weights a fresh run begins with, e.g. the shipped one; same architecture.
        device: default: CUDA if there is one, else the CPU.

    Raises:
        ValueError: images of the wrong kind, groups not divisible among processes, or a stored
            state that is damaged, of another recipe or of other images.
    """
    side = recipe.architecture.backbone.input_size
    if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[1:] != (3, side, side):
        raise ValueError(
            f"Pretraining needs 8-bit images of shape (N, 3, {side}, {side}); got {images.dtype} "
            f"{tuple(images.shape)}. Load them with core.data.load_folder, side={side}."
        )
    rank, world = _join()
    if recipe.groups % world:
        raise ValueError(f"{recipe.groups} groups cannot be shared evenly by {world} processes. Change --groups.")
    device = device or torch.device(f"cuda:{rank % torch.cuda.device_count()}" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(recipe.seed)
    objective = Objective(AmortisedExtractor(recipe.architecture), recipe).to(device)
    if start is not None:
        objective.model.load_state_dict(start.state_dict())
    average = AmortisedExtractor(recipe.architecture).to(device).requires_grad_(False)
    average.load_state_dict(objective.model.state_dict())
    optimiser = optimiser_of(objective, recipe)
    seen = states.digest(images)
    state = states.State(objective, average, optimiser, recipe, data, seen, len(images))
    first = state.resume(folder)
    wrapped = DistributedDataParallel(objective) if world > 1 else objective
    logs = SummaryWriter(str(folder / "logs"), purge_step=first) if rank == 0 else None
    for number in range(first, recipe.steps):
        began = time.perf_counter()
        for parameters in optimiser.param_groups:
            parameters["lr"] = recipe.rate_at(number) * parameters["factor"]
        groups = [draw_group(images, recipe, number, g, device) for g in range(rank, recipe.groups, world)]
        terms = wrapped(groups)
        optimiser.zero_grad(set_to_none=True)
        terms["total"].backward()
        nn.utils.clip_grad_norm_(objective.parameters(), 5.0)
        optimiser.step()
        _blend(average, objective.model, min(recipe.averaging, (1 + number) / (10 + number)))
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


def optimiser_of(objective: Objective, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW with a higher rate for what reads the descriptor than for what all descriptors share."""
    network = objective.model.hypernetwork
    reading = [*network.direct.parameters(), *network.mixing.parameters()]
    theirs = {id(parameter) for parameter in reading}
    shared = [each for each in objective.parameters() if each.requires_grad and id(each) not in theirs]
    groups = [{"params": shared, "factor": 1.0}, {"params": reading, "factor": recipe.reading}]
    return torch.optim.AdamW(groups, lr=recipe.rate, weight_decay=recipe.weight_decay)


def _join() -> tuple[int, int]:
    """(rank, number of processes); joins the process group that torchrun announces, once."""
    if "WORLD_SIZE" not in os.environ or int(os.environ["WORLD_SIZE"]) < 2:
        return 0, 1
    if not dist.is_initialized():
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return dist.get_rank(), dist.get_world_size()


def _gather(terms: dict[str, Tensor], world: int) -> dict[str, float]:
    values = torch.stack(list(terms.values()))
    if world > 1:
        dist.all_reduce(values)
        values /= world
    return dict(zip(terms, values.tolist(), strict=True))


@torch.no_grad()
def _blend(average: nn.Module, current: nn.Module, decay: float) -> None:
    pairs = zip(average.parameters(), current.parameters(), strict=True)
    old, new = map(list, zip(*pairs, strict=True))
    get_ema_multi_avg_fn(decay)(old, new, None)
