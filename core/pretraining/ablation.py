"""What does each part of the recipe do? Short pretraining runs that differ in one thing, from one bank of views."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..axes.descriptor import Descriptor, corners
from ..axes.transforms import AXES, Axis
from ..backbones.base import Prepared, joined
from ..data import ImageSet
from ..evaluation.portrait import OTHERS, read_factor
from ..measures import Control, Moved, effective_rank, ladder, move, onset
from ..measures.control import Column, column_steps, measure
from ..measures.shots import shots
from ..model.amortised import AmortisedExtractor
from .bank import Bank, group_of
from .beginning import new_model
from .loop import blend, optimise, optimiser_of
from .objective import Objective
from .recipe import Recipe
from .variants import VARIANTS, Variant


@dataclass(frozen=True)
class Finding:
    """What a variant reached with one seed; K axes, other coordinates at 0.5 unless said otherwise.

    Attributes:
        variant, seed: which.
        loss: mean of each term over the last tenth of the steps.
        own, whitened: (K,) V(i_k = 0) / V(i_k = 1).
        places: by where the others are, "0" or "1": (K,) the same in the own metric.
        kept, left: (K,) R2 of the factor at i_k = 0 and at 1.
        onset: (K,) largest departure of the onset from i at i = .25, .5, .75.
        leakage: share of the control matrix off its diagonal.
        rank: effective rank at the worst corner.
        labels: by descriptor ("0", "0.5", "1") and for the "frozen" network: accuracy with 20 labels a class on
            development images; empty where there were none.
        stored: numbers in the hypernetwork.
        seconds: mean of a training step.
    """

    variant: str
    seed: int
    loss: dict[str, float]
    own: tuple[float, ...]
    whitened: tuple[float, ...]
    places: dict[str, tuple[float, ...]]
    kept: tuple[float, ...]
    left: tuple[float, ...]
    onset: tuple[float, ...]
    leakage: float
    rank: float
    labels: dict[str, float]
    stored: int
    seconds: float

    def document(self) -> dict[str, object]:
        """As JSON takes it."""
        return asdict(self)


def trained(
    images: Tensor,
    recipe: Recipe,
    bank: Bank | None,
    content: Tensor | None,
    device: torch.device,
    axes: tuple[Axis, ...] = AXES,
    model: AmortisedExtractor | None = None,
    weights: Path | None = None,
) -> Iterator[tuple[AmortisedExtractor, dict[str, Tensor], float]]:
    """Train in memory, without states: (averaged model, terms, seconds so far) after each step."""
    torch.manual_seed(recipe.seed)
    model = (new_model(recipe, axes, images, weights=weights) if model is None else model).to(device)
    shown = None if content is None or not recipe.content else content[:, : recipe.components].to(device)
    objective = Objective(model, recipe, shown).to(device)
    objective.begin(images)
    average = AmortisedExtractor(recipe.architecture, axes, empty=True).to(device).requires_grad_(False)
    average.load_state_dict(model.state_dict())
    optimiser, began = optimiser_of(objective, recipe), time.perf_counter()
    for number in range(recipe.steps):
        groups = [group_of(images, recipe, number, each, model, bank) for each in range(recipe.groups)]
        terms = optimise(objective, groups, optimiser, recipe.rate_at(number))
        blend(average, model, recipe, number)
        yield average, terms, time.perf_counter() - began


@dataclass(frozen=True)
class Seen:
    """Images as a stem gives them, for all models that have the same one.

    Attributes:
        clean: N of them as they are.
        views: for each axis in turn the images moved along it, and a ladder of half of them for the onset. Those of a
            single model are best made as they are taken.
        labelled: development images, on which a recipe may be chosen, and their classes.
    """

    clean: Prepared
    views: Iterable[tuple[Moved, Moved]]
    labelled: tuple[Prepared, Tensor] | None

    @classmethod
    def of(cls, model: AmortisedExtractor, images: Tensor, labelled: ImageSet | None) -> Seen:
        """By the stem of a model; arguments are those of :func:`measured`."""
        where = next(model.parameters()).device
        if labelled is None:
            return cls(model.prepare(images), _views(model, images), None)
        pieces = [model.prepare(piece.to(where).float() / 255) for piece in labelled.images.split(256)]
        return cls(model.prepare(images), _views(model, images), (joined(pieces), labelled.labels))


def _views(model: AmortisedExtractor, images: Tensor) -> Iterator[tuple[Moved, Moved]]:
    for number, axis in enumerate(model.transforms):
        moved = move(model.prepare, images, axis, seed=number)
        yield moved, ladder(model.prepare, images[: len(images) // 2], axis, seed=number)


def measured(
    model: AmortisedExtractor,
    images: Tensor,
    labelled: ImageSet | None,
    variant: str,
    seed: int,
    loss: dict[str, float],
    seconds: float,
) -> Finding:
    """A model's figures.

    Args:
        model: trained.
        images: (N, 3, S, S) in [0, 1], N >= 16, where the model is; none that it was trained on.
        labelled: development images, on which the recipe may be chosen; never those of a final comparison.
    """
    return measured_on(model, Seen.of(model, images, labelled), variant, seed, loss, seconds)


def measured_on(
    model: AmortisedExtractor, seen: Seen, variant: str, seed: int, loss: dict[str, float], seconds: float,
    heard: Callable[[Tensor], Tensor] | None = None,
) -> Finding:  # fmt: skip
    """As :func:`measured`, of images that went through the stem already; labels by a head that so hears features."""
    axes, sweep = model.transforms, np.array([0.0, 1.0])
    columns, kept, left, onsets, draws = list[Column](), list[float](), list[float](), list[float](), 0
    for number, (moved, rungs) in enumerate(seen.views):
        *_, column = column_steps(axes, number, sweep, OTHERS, partial(measure, model, moved))
        assert isinstance(column, Column)
        columns.append(column)
        draws = moved.magnitudes.shape[1]
        kept.append(read_factor(model, moved, number, 0.0)[0])
        left.append(read_factor(model, moved, number, 1.0)[0])
        onsets.append(onset(model, rungs, number).error())
    found = Control.of(axes, sweep, columns, draws)
    ranks = [effective_rank(model.features(seen.clean, corner)) for corner in corners(len(axes))]
    return Finding(
        variant,
        seed,
        loss,
        own=tuple(map(float, found.ratio("own"))),
        whitened=tuple(map(float, found.ratio())),
        places={f"{place:g}": tuple(map(float, found.ratio("own", place))) for place in OTHERS},
        kept=tuple(kept),
        left=tuple(left),
        onset=tuple(onsets),
        leakage=found.leakage,
        rank=float(min(ranks)),
        labels={} if seen.labelled is None else _labels(model, *seen.labelled, heard),
        stored=sum(parameter.numel() for parameter in model.hypernetwork.parameters()),
        seconds=seconds,
    )


def ablate(
    images: Tensor,
    held_out: Tensor,
    labelled: ImageSet | None,
    recipe: Recipe,
    bank: Bank | None,
    content: Tensor | None,
    variants: Sequence[Variant] = VARIANTS,
    seeds: Sequence[int] = (0,),
    device: torch.device | None = None,
    weights: Path | None = None,
) -> Iterator[tuple[str, float] | Finding]:
    """Train every variant with every seed on the same views, and measure it.

    Args:
        images: (N, 3, S, S), uint8, to train on.
        held_out: (M, 3, S, S) in [0, 1], M >= 16, to measure on.
        labelled: see :func:`measured`.
        recipe: that they change.
        bank: of these images, of the recipe's views; complete. Variants of the stem or of the views draw the same
            groups anew. ``None``: views are drawn at every step, the same for every variant that draws them alike.
        content: of these images, see :func:`core.pretraining.content.content_of`, of as many components as any
            variant asks for.
        device: default: the CPU.
        weights: file of the backbone's pretrained weights; default: where it looks for them itself.

    Yields:
        What is being done with the share done in [0, 1], and a :class:`Finding` after each run.
    """
    device = device or torch.device("cpu")
    runs = list(itertools.product(seeds, variants))
    for number, (seed, variant) in enumerate(runs):
        own = replace(variant.of(recipe), seed=seed)
        losses: list[dict[str, Tensor]] = []
        for average, terms, seconds in trained(images, own, bank, content, device, weights=weights):  # noqa: B007, the last are kept
            losses.append({name: term.detach() for name, term in terms.items()})
            yield f"{variant.name}, seed {seed}", (number + len(losses) / own.steps) / len(runs)
        last = losses[-max(1, len(losses) // 10) :]
        loss = {name: float(torch.stack([terms[name] for terms in last]).mean()) for name in last[0]}
        model = average.eval()
        yield measured(model, held_out.to(device), labelled, variant.name, seed, loss, seconds / own.steps)


def _labels(
    model: AmortisedExtractor, prepared: Prepared, labels: Tensor, heard: Callable[[Tensor], Tensor] | None
) -> dict[str, float]:
    found = {}
    for value in ("0", "0.5", "1"):
        point = Descriptor.constant(float(value), model.transforms)
        features = model.features(prepared, point)
        found[value] = shots(heard(features) if heard else features, labels)
    frozen = model.frozen_features(prepared)
    return found if frozen is None else found | {"frozen": shots(frozen, labels)}
