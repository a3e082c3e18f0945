"""A Gaussian around the initial weights of a network: the same theorem, whatever is fitted.

P = N(w0, (s0 a)^2) and Q = N(w, (s0 a)^2), independently for each weight, where w0 are the weights before
the certified examples were seen, a is a scale per tensor that w0 fixes, and s0 comes from a grid of J values.
With equal deviations KL(Q || P) = sum_t |w_t - w0_t|^2 / (2 s0^2 a_t^2). Weights that are not fitted are in
neither and cost nothing. w minimises the loss under the noise plus KL / n, so no method is certified from
weights that were trained without regard to the bound (Dziugaite and Roy, UAI 2017; their posterior also
fits a deviation per weight).

The Gibbs risk has no closed form here, so it is sampled: m draws of weights, each with its own random
batch, give m independent numbers in [0, 1] whose mean is the empirical Gibbs risk, and with probability at
least 1 - delta' it is at most kl_upper(mean of the m, ln(1 / delta') / m) (Chernoff-Hoeffding; Langford and
Caruana, NIPS 2001). The bound then holds with probability 1 - delta - delta'.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn
from torch.func import functional_call

from .checks import check_at_least, check_count, check_delta
from .kl import kl_upper

Weights = dict[str, Tensor]
Tick = Callable[[], None]
"""Called after each batch of images; it may raise to interrupt."""


@dataclass(frozen=True)
class Training:
    """How weights are found.

    Attributes:
        steps: of each fit. batch: images in each.
        rate: of Adam in ordinary fitting, relative to the scale of each tensor.
        reach: length of a step of the posterior's centre, all weights together, in deviations of the prior;
            so that T steps cost at most (T reach)^2 / 2 nats, however many weights there are.
        seed: of batches and noise.
    """

    steps: int = 150
    batch: int = 64
    rate: float = 0.05
    reach: float = 0.3
    seed: int = 0


@dataclass(frozen=True)
class WeightGaussian:
    """Q and P over the fitted weights of a network.

    Attributes:
        network: whose other weights stay as they are.
        start: w0 by name. centre: w by name, the same names. scales: a by name. deviation: s0.
    """

    network: nn.Module
    start: Weights
    centre: Weights
    scales: Mapping[str, float]
    deviation: float

    @property
    def kl(self) -> float:
        """KL(Q || P) in nats."""
        moves = ((self.centre[n] - start) / (self.deviation * self.scales[n]) for n, start in self.start.items())
        return float(sum(move.double().square().sum() for move in moves)) / 2

    @property
    def parameters(self) -> int:
        """How many weights are fitted."""
        return sum(weight.numel() for weight in self.start.values())

    def draw(self, generator: Generator) -> Weights:
        """One network from Q."""
        return _noisy(self.centre, {n: self.deviation * scale for n, scale in self.scales.items()}, generator)

    def errors(
        self, images: Tensor, labels: Tensor, draws: int, batch: int = 32, seed: int = 0, tick: Tick | None = None
    ) -> Tensor:
        """Share of errors of each of ``draws`` networks on its own random batch, (draws,), in [0, 1].

        Their expectation is the empirical Gibbs risk on ``images``; they are independent given the images.
        """
        check_count("The number of draws", draws)
        generator = Generator().manual_seed(seed)
        shares = []
        with torch.no_grad():
            for _ in range(draws):
                rows = torch.randperm(len(images), generator=generator)[:batch]
                outputs = functional_call(self.network, self.draw(generator), (images[rows],))
                shares.append(outputs.argmax(1).ne(labels[rows]).double().mean())
                if tick:
                    tick()
        return torch.stack(shares)


def sampled_upper(errors: Tensor, delta: float) -> float:
    """Upper bound on the mean of independent numbers in [0, 1], from a sample of them, (m,); see the module."""
    return float(kl_upper(float(errors.mean()), math.log(1 / check_delta(delta)) / len(errors)))


def scales_of(weights: Weights) -> dict[str, float]:
    """A scale per tensor from its initial values alone: their root mean square, or 1 / sqrt(fan-in) of zeros."""
    found = {}
    for name, weight in weights.items():
        size = float(weight.square().mean().sqrt())
        found[name] = size if size > 1e-6 else weight[0].numel() ** -0.5
    return found


def fit_gaussian(
    network: nn.Module,
    names: tuple[str, ...],
    images: Tensor,
    labels: Tensor,
    deviation: float,
    training: Training | None = None,
    scales: Mapping[str, float] | None = None,
    tick: Tick | None = None,
) -> WeightGaussian:
    """Minimise the cross-entropy under the noise, plus KL / n, from the weights that the network has now.

    By normalised gradient steps with momentum rather than by Adam: Adam moves each of a million weights by
    its own full step even where its gradient is noise, and every such move is paid for in nats.

    Args:
        network: images (N, 3, H, W) -> outputs (N, C); it is not changed.
        names: of the parameters that are fitted.
        images: (N, 3, H, W). labels: (N,).
        deviation: s0.
        scales: a by name; default: :func:`scales_of` the weights now.
        tick: called after each step.

    Raises:
        ValueError: a name that the network does not have, or a deviation that is not above 0.
    """
    training = training or Training()
    check_at_least("The deviation", deviation, strict=True)
    start = weights_of(network, names)
    scales = scales_of(start) if scales is None else scales
    units = {name: deviation * scales[name] for name in names}
    moved = {name: torch.zeros_like(weight).requires_grad_() for name, weight in start.items()}
    optimiser = torch.optim.SGD(moved.values(), lr=training.reach, momentum=0.9, dampening=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, training.steps)
    generator = Generator().manual_seed(training.seed)
    for _ in range(training.steps):
        rows = torch.randperm(len(images), generator=generator)[: training.batch]
        centre = {name: start[name] + units[name] * moved[name] for name in names}
        outputs = functional_call(network, _noisy(centre, units, generator), (images[rows],))
        kl = torch.stack([move.square().sum() for move in moved.values()]).sum() / 2
        optimiser.zero_grad(set_to_none=True)
        (F.cross_entropy(outputs, labels[rows]) + kl / len(images)).backward()
        _normalise(list(moved.values()))
        optimiser.step()
        schedule.step()
        if tick:
            tick()
    centre = {name: (start[name] + units[name] * moved[name]).detach() for name in names}
    return WeightGaussian(network, start, centre, scales, deviation)


def fit_weights(
    network: nn.Module,
    names: tuple[str, ...],
    images: Tensor,
    labels: Tensor,
    noise: float,
    training: Training | None = None,
    scales: Mapping[str, float] | None = None,
    tick: Tick | None = None,
) -> Weights:
    """Ordinary fitting by Adam, under a little noise and without a price: the centre of a later prior.

    Arguments as in :func:`fit_gaussian`; ``noise`` is the deviation relative to the scales.
    """
    training = training or Training()
    start = weights_of(network, names)
    scales = scales_of(start) if scales is None else scales
    units = {name: noise * scales[name] for name in names}
    moved = {name: torch.zeros_like(weight).requires_grad_() for name, weight in start.items()}
    optimiser = torch.optim.Adam(moved.values(), lr=training.rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, training.steps)
    generator = Generator().manual_seed(training.seed)
    for _ in range(training.steps):
        rows = torch.randperm(len(images), generator=generator)[: training.batch]
        weights = {name: start[name] + scales[name] * moved[name] for name in names}
        outputs = functional_call(network, _noisy(weights, units, generator), (images[rows],))
        optimiser.zero_grad(set_to_none=True)
        F.cross_entropy(outputs, labels[rows]).backward()
        optimiser.step()
        schedule.step()
        if tick:
            tick()
    return {name: (start[name] + scales[name] * moved[name]).detach() for name in names}


def weights_of(network: nn.Module, names: tuple[str, ...]) -> Weights:
    """Copies of the named parameters.

    Raises:
        ValueError: no name, or one that the network does not have.
    """
    known = dict(network.named_parameters())
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise ValueError(f"The network has no parameter {unknown[0]!r}." if unknown else "No parameter is named.")
    return {name: known[name].detach().clone() for name in names}


def _noisy(centre: Weights, units: Mapping[str, float], generator: Generator) -> Weights:
    return {n: weight + units[n] * torch.randn(weight.shape, generator=generator) for n, weight in centre.items()}


def _normalise(parameters: list[Tensor]) -> None:
    """Scale the gradients of all parameters together to length 1."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    length = torch.stack([gradient.square().sum() for gradient in gradients]).sum().sqrt().clamp(min=1e-12)
    for gradient in gradients:
        gradient.div_(length)
