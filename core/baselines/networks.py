"""Networks whose weights are fitted to the task: fine-tuning, from scratch, and learned augmentation."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from ..axes.transforms import Axis, compose
from ..backbones import Backbone, Extractor
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Split, Task
from .outcome import Outcome, Stop, going, never

Views = Callable[[Tensor, Generator], Tensor]


@dataclass(frozen=True)
class Budget:
    """How long a network may train.

    Attributes:
        steps: at most so many batches.
        batch: images in each.
        every: steps between two looks at the validation images.
        patience: looks without improvement after which it ends.
        rate: of Adam.
    """

    steps: int = 400
    batch: int = 64
    every: int = 10
    patience: int = 12
    rate: float = 1e-3


class Classifier(nn.Module):
    """An extractor with a linear head."""

    def __init__(self, extractor: Extractor, features: int, outputs: int) -> None:
        super().__init__()
        self.extractor = extractor
        self.head = nn.Linear(features, outputs)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, S, S) -> (N, outputs)."""
        return self.head(self.extractor(images))


class Augerino(nn.Module):
    """Average a network over copies moved by learned widths (Benton et al., NeurIPS 2020, Section 3).

    Width k, between 0 and 1, is the share of axis k's range from which magnitudes are drawn uniformly;
    it is learned by gradients through the transformations, with a reward for being wide.

    Args:
        network: what is averaged.
        axes: the transformations, the same K as the descriptor's.
        copies: J.
    """

    def __init__(self, network: nn.Module, axes: tuple[Axis, ...], copies: int = 4) -> None:
        super().__init__()
        self.network, self.axes, self.copies = network, axes, copies
        self.width = nn.Parameter(torch.full((len(axes),), -2.0))
        self.generator = Generator().manual_seed(0)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, S, S) -> (N, outputs), averaged over the copies."""
        many = images.repeat(self.copies, 1, 1, 1)
        magnitudes = self.width.sigmoid() * _anywhere(many, self.axes, self.generator)
        return self.network(compose(many, magnitudes, self.axes)).view(self.copies, len(images), -1).mean(0)

    def reward(self) -> Tensor:
        """Length of the widths, times the weight that the authors use."""
        return 0.01 * self.width.sigmoid().norm()


def fine_tuned(model: AmortisedExtractor, task: Task, seed: int, budget: Budget, stop: Stop = never) -> Outcome:
    """All weights of the extractor, starting at i = 0.5."""
    start = model.freeze((0.5,) * len(model.transforms)).requires_grad_(True).to(task.train.images.device)
    network = _seeded(seed, lambda: Classifier(start, model.backbone.features, task.outputs))
    slow = replace(budget, rate=budget.rate / 3)
    return _outcome(network, task, seed, slow, mild(model), stop)


def from_scratch(model: AmortisedExtractor, task: Task, seed: int, budget: Budget, stop: Stop = never) -> Outcome:
    """A network of the extractor's size from random weights, with mild augmentation along every axis."""
    network = _seeded(seed, lambda: _new(model.backbone, task))
    return _outcome(network, task, seed, budget, mild(model), stop)


def augerino(model: AmortisedExtractor, task: Task, seed: int, budget: Budget, stop: Stop = never) -> Outcome:
    """The same network from random weights, with learned ranges of augmentation."""
    network = _seeded(seed, lambda: Augerino(_new(model.backbone, task), model.transforms))
    return _outcome(network, task, seed, budget, lambda images, _: images, stop)


def mild(model: AmortisedExtractor, share: float = 0.2) -> Views:
    """Random changes over a fifth of every axis' range: what one would do without knowing the task."""
    axes = model.transforms

    def views(images: Tensor, generator: Generator) -> Tensor:
        return compose(images, share * _anywhere(images, axes, generator), axes)

    return views


def _anywhere(images: Tensor, axes: tuple[Axis, ...], generator: Generator) -> Tensor:
    """Magnitudes (N, K), uniform over every axis' range; where the images are."""
    place = torch.rand(len(images), len(axes), generator=generator)
    low, high = (torch.tensor([getattr(axis, end) for axis in axes]) for end in ("low", "high"))
    return (low + (high - low) * place).to(images.device)


def _new(backbone: Backbone, task: Task) -> Classifier:
    return Classifier(Extractor(backbone), backbone.features, task.outputs)


def _seeded(seed: int, make: Callable[[], nn.Module]) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()


def _outcome(network: nn.Module, task: Task, seed: int, budget: Budget, views: Views, stop: Stop) -> Outcome:
    begun = time.perf_counter()
    generator = Generator().manual_seed(seed)
    parameters = list(network.parameters())
    optimiser = torch.optim.AdamW(parameters, lr=budget.rate, weight_decay=1e-4)
    # Quantities are learned in units of their own spread, as the other objectives do.
    spread = float(task.train.targets.float().std().clamp(min=1e-6)) if task.regression else 1.0
    best, kept, waited = -float("inf"), copy.deepcopy(network.state_dict()), 0
    curve = []
    for step in going(range(1, budget.steps + 1), stop):
        rows = torch.randint(len(task.train), (min(budget.batch, len(task.train)),), generator=generator)
        batch = task.train.at(rows)
        loss = _loss(network(views(batch.pixels, generator)), batch, task, spread)
        if isinstance(network, Augerino):
            loss = loss - network.reward()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 5.0)
        optimiser.step()
        if step % budget.every == 0 or step == budget.steps:
            score = task.score(_outputs(network, task.validation, stop), task.validation.targets)
            curve.append((time.perf_counter() - begun, score))
            waited = 0 if score > best else waited + 1
            if score > best:
                best, kept = score, copy.deepcopy(network.state_dict())
            if waited >= budget.patience:
                break
    network.load_state_dict(kept)
    seconds = time.perf_counter() - begun
    judged = task.judge(_outputs(network, task.test, stop))
    return Outcome.of(judged, seconds, sum(p.numel() for p in parameters), None, tuple(curve))


def _loss(outputs: Tensor, batch: Split, task: Task, spread: float) -> Tensor:
    if task.regression:
        return ((outputs[:, 0] - batch.targets) / spread).square().mean()
    return F.cross_entropy(outputs, batch.targets)


def _outputs(network: nn.Module, split: Split, stop: Stop) -> Tensor:
    with torch.no_grad():
        return torch.cat([network(images) for images in going(split.pixels.split(256), stop)])
