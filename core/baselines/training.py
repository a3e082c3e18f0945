"""Training a network on a task: stochastic gradients until the validation images gain nothing more."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from ..adaptation.head import best_penalty, fit_head, left_out
from ..tasks.task import Split, Task
from .classifiers import Augerino, Classifier
from .fixed import head_on
from .job import Job
from .outcome import Outcome, Stop, going

_PIECE = 256
_LOUDNESS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)


@dataclass(frozen=True)
class Feed:
    """What a network is shown, on its device.

    Attributes:
        batch: rows of the training images, and what makes them random -> tensors (N, ...).
        still: the images of a split as they are.
    """

    batch: Callable[[Tensor, Generator], tuple[Tensor, ...]]
    still: Callable[[Split], tuple[Tensor, ...]]


def trained(
    network: Classifier | Augerino, job: Job, rate: float, feed: Feed, begun: float, *, probe_first: bool = False
) -> Outcome:
    """Train, go back to where the validation images were best, and mark the test images.

    Args:
        network: changed in place.
        job: the task, the budget, and the head that reads the network's features; default: its own last layer.
        rate: of AdamW.
        feed: what it is shown.
        begun: when the method began, :func:`time.perf_counter`.
        probe_first: whether the last layer begins as the ridge head on the features, so that pretrained ones are not
            spoilt by a random one (Kumar et al., arXiv 2202.10054); the network without a step is then a choice, too.
    """
    task, budget = job.task, job.budget
    network.to(job.device)
    generator = Generator().manual_seed(job.settings.seed)
    parameters = [each for each in network.parameters() if each.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=1e-4)
    # Quantities are learned in units of their own spread, as the other objectives do.
    spread = float(task.train.targets.float().std().clamp(min=1e-6)) if task.regression else 1.0
    best, kept, waited = -float("inf"), copy.deepcopy(network.state_dict()), 0
    validation = feed.still(task.validation)
    curve: list[tuple[float, float]] = []
    if probe_first:
        _probe(network, task, feed, job.stop)
    for step in going(range(0 if probe_first else 1, budget.steps + 1), job.stop):
        if step:
            rows = torch.randint(len(task.train), (min(budget.batch, len(task.train)),), generator=generator)
            loss = _loss(network(*feed.batch(rows, generator)), task.train.targets[rows].to(job.device), task, spread)
            if (reward := network.reward()) is not None:
                loss = loss - reward
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 5.0)
            optimiser.step()
        if step % budget.every == 0 or step == budget.steps:
            score = task.score(_in_pieces(network, validation, job.stop), task.validation.targets)
            curve.append((time.perf_counter() - begun, score))
            waited = 0 if score > best else waited + 1
            if score > best:
                best, kept = score, copy.deepcopy(network.state_dict())
            if waited >= budget.patience:
                break
    network.load_state_dict(kept)
    count = sum(each.numel() for each in parameters)
    return _marked(network, job, feed, Outcome("", 0.0, time.perf_counter() - begun, count, None, tuple(curve)))


def _probe(network: Classifier | Augerino, task: Task, feed: Feed, stop: Stop) -> None:
    """Let the last layer begin as the ridge head of the training images, as loud as their left-out ones want it."""
    targets = task.encoded(task.train.targets)
    features = network.weighed(_in_pieces(network.features, feed.still(task.train), stop))
    penalty = best_penalty(features, targets)
    head, scale = fit_head(features, targets, penalty), 1.0
    if not task.regression:
        others = left_out(features, targets, penalty)
        scale = min(_LOUDNESS, key=lambda each: float(F.cross_entropy(each * others, task.train.targets)))
    with torch.no_grad():
        network.head.weight.copy_(scale * network.weighed(head.weight.T))
        network.head.bias.copy_(scale * head.bias)


def _marked(network: Classifier | Augerino, job: Job, feed: Feed, ended: Outcome) -> Outcome:
    """The outcome with its score: of the network's own last layer, or of the head that reads everybody's features."""
    task = job.task
    if job.read is None:
        score = task.judge(_in_pieces(network, feed.still(task.test), job.stop))
        return replace(ended, score=score.value, tests=score.tests, majority=score.majority, balanced=score.balanced)

    def features(split: Split) -> Tensor:
        return network.weighed(_in_pieces(network.features, feed.still(split), job.stop))

    begun = time.perf_counter()
    labelled = torch.cat([features(task.train), features(task.validation)])
    read = head_on(labelled, features, task, ended.seconds + time.perf_counter() - begun, job.read)
    return replace(read, parameters=read.parameters + ended.parameters, curve=(*ended.curve, *read.curve))


def _loss(outputs: Tensor, targets: Tensor, task: Task, spread: float) -> Tensor:
    if task.regression:
        return ((outputs[:, 0] - targets) / spread).square().mean()
    return F.cross_entropy(outputs, targets)


def _in_pieces(of: Callable[..., Tensor], parts: tuple[Tensor, ...], stop: Stop) -> Tensor:
    with torch.no_grad():
        pieces: Iterable[tuple[Tensor, ...]] = zip(*(part.split(_PIECE) for part in parts), strict=True)
        return torch.cat([of(*piece).cpu() for piece in going(pieces, stop)])
