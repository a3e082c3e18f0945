"""What else could be fitted to the same labels, certified in the same currency as heads and descriptor.

Three networks: the normalisation's scales and shifts with a head; all weights from the pretrained ones; all
weights from random ones. All are PAC-Bayes with a Gaussian around what was there before the certified labels
were seen. Two centres are offered to every method alike: its initial weights ("initial"), or the weights
fitted to a random half of the labels, with the other half certified ("half"; Dziugaite et al., "On the role
of data in PAC-Bayes bounds", AISTATS 2021). Heads and descriptor are in :mod:`core.certificates.feature_bank`.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from ..backbones import Extractor
from ..backbones.base import normalisation_parameters
from ..bounds.checks import check_count, check_delta
from ..bounds.gaussian_weights import (
    Tick,
    Training,
    WeightGaussian,
    Weights,
    fit_gaussian,
    fit_weights,
    sampled_upper,
    scales_of,
    weights_of,
)
from ..bounds.operating_points import OperatingPoint
from ..bounds.pacbayes import pac_bayes
from ..model.amortised import AmortisedExtractor
from .feature_bank import EXACT
from .labelled_images import halves

NETWORKS = ("normalisation", "fine-tuning", "from scratch")
METHODS = (*EXACT, *NETWORKS)
"""All that can be compared: those that are certified exactly, then the networks."""
DEVIATIONS = (0.3, 0.1, 0.03)
"""Prior deviations s0 relative to each tensor's scale; J = 3 is charged."""
_PILOT = 40


@dataclass(frozen=True)
class Labelled:
    """Labelled images (N, 3, H, W) and (N,), C classes, and others to compare the certificate with, or none.

    ``parts`` are the indices of the images behind a half-data prior and of the certified ones; default: random halves.
    """

    images: Tensor
    labels: Tensor
    classes: int
    test_images: Tensor | None = None
    test_labels: Tensor | None = None
    parts: tuple[Tensor, Tensor] | None = None


@dataclass(frozen=True)
class Effort:
    """What is spent.

    Attributes:
        draws: of weights, for a Gibbs risk.
        delta: in all; where weights are drawn, a fifth of it goes to the drawing.
        seed: of halves, initial weights and draws.
        training: of the networks.
    """

    draws: int = 400
    delta: float = 0.05
    seed: int = 0
    training: Training = field(default_factory=Training)


def operating_points(
    model: AmortisedExtractor,
    data: Labelled,
    *,
    prior: str = "initial",
    methods: tuple[str, ...] = NETWORKS,
    effort: Effort | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Iterator[OperatingPoint]:
    """Certify one network after the other on the same images.

    Args:
        prior: "initial" or "half".
        methods: of :data:`NETWORKS`.
        progress: called with a network's name and the share of its work done; it may raise to interrupt.

    Yields:
        A point for each network, as soon as it is there; each takes a minute or so.

    Raises:
        ValueError: an unknown network or prior, or fewer than two classes or four images.
    """
    effort = effort or Effort()
    check_delta(effort.delta)
    unknown = [name for name in methods if name not in NETWORKS]
    if unknown:
        raise ValueError(f"There is no network called {unknown[0]!r} here. Known: {', '.join(NETWORKS)}.")
    for method in methods:
        yield _sampled(method, model, data, prior, effort, progress)


def _sampled(
    method: str,
    model: AmortisedExtractor,
    data: Labelled,
    prior: str,
    effort: Effort,
    progress: Callable[[str, float], None] | None,
) -> OperatingPoint:
    tick = _counted(method, effort, prior, data.test_images is not None, progress)
    network = initial_network(method, model, data.classes, effort.seed)
    names = fitted_names(method, network)
    rows = torch.arange(len(data.images))
    scales = scales_of(weights_of(network, names))
    if prior == "half":
        first, rows = data.parts or halves(len(data.images), effort.seed)
        kept, known = data.images[first], data.labels[first]
        prior_fit = fit_weights(network, names, kept, known, min(DEVIATIONS), effort.training, scales, tick)
        network = moved_to(network, prior_fit)
    images, labels = data.images[rows], data.labels[rows]
    start = weights_of(network, names)
    fits = [WeightGaussian(network, start, start, scales, s) for s in DEVIATIONS]  # not to move at all is free
    fits += [fit_gaussian(network, names, images, labels, s, effort.training, scales, tick) for s in DEVIATIONS]
    delta, spent = 0.8 * effort.delta, 0.2 * effort.delta

    def bound(fit: WeightGaussian, risk: float) -> float:
        return float(pac_bayes(risk, fit.kl, len(labels), delta, len(DEVIATIONS)))

    # A few draws choose among the fits; the draws that are certified are fresh, so the choice costs nothing more.
    pilots = [
        bound(fit, float(fit.errors(images, labels, _PILOT, seed=_stream(effort.seed, 1), tick=tick).mean()))
        for fit in fits
    ]
    fit = fits[pilots.index(min(pilots))]
    errors = fit.errors(images, labels, effort.draws, seed=_stream(effort.seed, 2), tick=tick)
    upper = sampled_upper(errors, spent)
    held_out = None
    if data.test_images is not None and data.test_labels is not None:
        others = (data.test_images, data.test_labels)
        held_out = float(fit.errors(*others, effort.draws, seed=_stream(effort.seed, 3), tick=tick).mean())
    return OperatingPoint(
        method=method,
        prior=prior,
        kl=fit.kl,
        descriptor=0.0,
        n=len(labels),
        gibbs=float(errors.mean()),
        gibbs_upper=upper,
        bound=bound(fit, upper),
        held_out=held_out,
        chance=1 - float(torch.bincount(labels).max()) / len(labels),
        delta=effort.delta,
        priors=len(DEVIATIONS),
        parameters=fit.parameters,
    )


def _counted(
    method: str, effort: Effort, prior: str, tested: bool, progress: Callable[[str, float], None] | None
) -> Tick | None:
    """Counts batches of images; all are taken as equally long, which is near enough for a bar."""
    if progress is None:
        return None
    fits = len(DEVIATIONS) + (prior == "half")
    total = fits * effort.training.steps + 2 * len(DEVIATIONS) * _PILOT + (1 + tested) * effort.draws
    done = itertools.count(1)
    return lambda: progress(method, min(next(done) / total, 1.0))


def _stream(seed: int, number: int) -> int:
    """Far from the seeds that people give, because draws that were trained on would flatter what they certify."""
    return (seed + 1) * 1_000_003 + number


def initial_network(method: str, model: AmortisedExtractor, classes: int, seed: int) -> nn.Sequential:
    """The extractor at i = 0.5, or a random one, with a head of zeros: what a method is before it sees a label."""
    check_count("The number of classes", classes, 2)
    if method == "from scratch":
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            extractor = Extractor(model.backbone)
    else:
        extractor = model.freeze((0.5,) * len(model.transforms)).cpu()
    head = nn.Linear(model.architecture.features, classes)
    for parameter in head.parameters():
        nn.init.zeros_(parameter)
    return nn.Sequential(extractor, head).requires_grad_(False)


def fitted_names(method: str, network: nn.Sequential) -> tuple[str, ...]:
    """The parameters that a method fits: all, or head and normalisation."""
    names = tuple(name for name, _ in network.named_parameters())
    if method == "normalisation":
        found = set(normalisation_parameters(network))
        return tuple(name for name in names if name.startswith("1.") or name in found)
    return names


def moved_to(network: nn.Sequential, weights: Weights) -> nn.Sequential:
    """A copy of the network with other weights where they are given."""
    other = copy.deepcopy(network)
    other.load_state_dict({**other.state_dict(), **weights})
    return other
