"""Which form should the hypernetwork have? Short pretraining runs that differ in nothing else.

The forms differ in how a weight matrix depends on the descriptor: not at all, through a low-rank term of several
sizes, or through a basis of whole matrices. Biases and the scales and shifts of normalisations depend on it in all.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace

import torch
from torch import Tensor, nn

from ..evaluation.evaluate import read_factor
from ..measures import control, move
from ..model.amortised import AmortisedExtractor
from ..model.architecture import Architecture
from ..model.hypernetwork import Hypernetwork, key_of
from .groups import draw_group
from .loop import optimise, optimiser_of
from .objective import Objective
from .recipe import Recipe


class FullBasis(Hypernetwork):
    """W_l(i) = W_l + sum_m a_lm(i) V_lm, with ``rank`` whole matrices V_lm per layer.

    The basis of kernels in its plain form (as dynamic convolution has it, Chen et al., arXiv 1912.03458,
    Section 3), where the shipped one has rank-one components.
    """

    def __init__(self, shapes: dict[str, tuple[int, ...]], coordinates: int, rank: int, hidden: int) -> None:
        super().__init__(shapes, coordinates, rank, hidden)
        del self.left, self.right
        self.basis = nn.ParameterDict()
        for name, shape in self.shapes.items():
            if len(shape) > 1:
                scale = math.sqrt(2 / math.prod(shape[1:]))
                self.basis[key_of(name)] = nn.Parameter(torch.randn(self.sizes[name], *shape) * scale)

    def matrix(self, name: str, mix: Tensor) -> Tensor:
        """A weight of two or more axes from its coefficients: (B, rank) -> (B, *shape)."""
        key = key_of(name)
        return self.base[key] + torch.einsum("bm,m...->b...", mix, self.basis[key])


@dataclass(frozen=True)
class Form:
    """A form by name: the network's class and how many components it has per matrix."""

    name: str
    kind: type[Hypernetwork]
    rank: int


FORMS = (
    Form("scale and shift only", Hypernetwork, 0),
    Form("low rank, 8", Hypernetwork, 8),
    Form("low rank, 24", Hypernetwork, 24),
    Form("low rank, 48 (shipped)", Hypernetwork, 48),
    Form("full basis, 12", FullBasis, 12),
)


@dataclass(frozen=True)
class Finding:
    """What a form reached with one seed.

    Attributes:
        form, seed: which.
        loss: mean of the total over the last tenth of the steps.
        own, whitened: (K,) V(i_k = 0) / V(i_k = 1), in the order of the axes.
        decodability: (K,) R2(0) - R2(1).
        rank: lowest effective rank on the way from 0 to 1 of any coordinate.
        stored: numbers in the hypernetwork.
        seconds: median of a training step.
        generation: median milliseconds to generate one set of weights.
    """

    form: str
    seed: int
    loss: float
    own: tuple[float, ...]
    whitened: tuple[float, ...]
    decodability: tuple[float, ...]
    rank: float
    stored: int
    seconds: float
    generation: float

    def document(self) -> dict[str, object]:
        """As JSON takes it."""
        return asdict(self)


def build(form: Form, architecture: Architecture, seed: int) -> AmortisedExtractor:
    """A model with random weights whose hypernetwork has this form."""
    torch.manual_seed(seed)
    model = AmortisedExtractor(replace(architecture, rank=form.rank))
    if form.kind is not Hypernetwork:
        shapes = model.hypernetwork.shapes
        model.hypernetwork = form.kind(shapes, len(model.transforms), form.rank, architecture.hidden)
    return model


def ablate(
    images: Tensor,
    held_out: Tensor,
    recipe: Recipe,
    forms: tuple[Form, ...] = FORMS,
    seeds: tuple[int, ...] = (0, 1),
    progress: Callable[[str, float], None] = lambda said, done: None,
) -> Iterator[Finding]:
    """Train every form with every seed from random weights on the same views, and measure it.

    Args:
        images: (N, 3, S, S), uint8, to train on.
        held_out: (M, 3, S, S) in [0, 1], M >= 16, to measure on.
        recipe: of all runs; its seed and rank are replaced.
        forms, seeds: what is compared.
        progress: called with what is being done and the share done in [0, 1].
    """
    runs = [(form, seed) for seed in seeds for form in forms]
    for number, (form, seed) in enumerate(runs):
        model = build(form, recipe.architecture, seed)
        losses, seconds = [], []
        for total, taken in _train(model, images, replace(recipe, seed=seed, architecture=model.architecture)):
            losses.append(total)
            seconds.append(taken)
            progress(f"{form.name}, seed {seed}", (number + len(losses) / recipe.steps) / len(runs))
        model.eval().requires_grad_(False)
        found = control(model, held_out, seed=0, steps=2)
        yield Finding(
            form.name,
            seed,
            loss=_mean(losses[-max(1, len(losses) // 10) :]),
            own=tuple(map(float, found.ratio("own"))),
            whitened=tuple(map(float, found.ratio())),
            decodability=tuple(_decodability(model, held_out, number) for number in range(len(model.transforms))),
            rank=float(found.rank.min()),
            stored=sum(parameter.numel() for parameter in model.hypernetwork.parameters()),
            seconds=sorted(seconds)[len(seconds) // 2],
            generation=_generation(model),
        )


def _train(model: AmortisedExtractor, images: Tensor, recipe: Recipe) -> Iterator[tuple[float, float]]:
    objective = Objective(model, recipe)
    optimiser = optimiser_of(objective, recipe)
    for number in range(recipe.steps):
        began = time.perf_counter()
        groups = [draw_group(images, recipe, number, group, model) for group in range(recipe.groups)]
        total = optimise(objective, groups, optimiser, recipe.rate_at(number))["total"]
        yield float(total.detach()), time.perf_counter() - began


def _decodability(model: AmortisedExtractor, images: Tensor, number: int) -> float:
    moved = move(model.prepare, images, model.transforms[number], seed=number)
    return read_factor(model, moved, number, 0.0)[0] - read_factor(model, moved, number, 1.0)[0]


def _generation(model: AmortisedExtractor, repeats: int = 31) -> float:
    point = torch.full((len(model.transforms),), 0.5)
    times = []
    with torch.no_grad():
        for _ in range(repeats):
            began = time.perf_counter()
            model.weights(point)
            times.append(1000 * (time.perf_counter() - began))
    return sorted(times)[repeats // 2]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
