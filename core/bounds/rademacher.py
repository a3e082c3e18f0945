"""Uniform convergence: every head of bounded norm at once, at every descriptor of a finite set.

Notation: n independent examples, C classes, features phi_i(x) under descriptor i out of m, head W (C x D),
loss in [0, 1] that is L-Lipschitz in the outputs (Euclidean norm), S = sum_j |phi_i(x_j)|^2.

1. With probability at least 1 - delta, every loss of a class G with values in [0, 1] has risk <= empirical
   + 2 Rad_S(G) + 3 sqrt(ln(2 / delta) / (2 n)) (Bartlett and Mendelson, JMLR 3, 2002; Mohri, Rostamizadeh
   and Talwalkar, Foundations of Machine Learning, 2nd edition, chapter 3).
2. Contraction: Rad_S(loss o W) <= sqrt(2) L E sup_W (1/n) sum_jk e_jk W_k phi(x_j), with independent signs
   e_jk (vector contraction: Maurer, arXiv 1605.00251).
3. Cauchy-Schwarz and Jensen: the supremum is at most B sqrt(C S) / n for |W|_F <= B (derived here).
4. A union over m descriptors and J grid values: delta becomes delta / (m J).

The papers (arXiv 2207.08304 and 2302.12712) treat the descriptor as an element of a finite set in this way:
choosing it costs ln m inside a square root. The constants here are those of this derivation.
All of it is usually vacuous at a few thousand labels; the value is returned all the same, and says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .checks import check_at_least, check_count, check_delta, check_sample

MARGINS = 24
"""Margins tried, each a factor of sqrt(2) below the one before, from sqrt(2) times the largest norm."""


@dataclass(frozen=True)
class UniformBound:
    """risk <= ``empirical`` + ``complexity`` + ``confidence``.

    Attributes:
        empirical: mean loss on the n examples.
        complexity: twice the Rademacher complexity.
        confidence: what delta, the descriptors and the grid cost.
        n, delta: examples, and the probability that it fails.
        margin: gamma relative to a head of norm 1.
    """

    empirical: float
    complexity: float
    confidence: float
    n: int
    delta: float
    margin: float

    @property
    def value(self) -> float:
        """The bound; not cut off at 1, so that one sees how far it is from saying something."""
        return self.empirical + self.complexity + self.confidence

    @property
    def vacuous(self) -> bool:
        """Whether it is true of every classifier."""
        return self.value >= 1


def margin_bound(
    features: Tensor,
    labels: Tensor,
    head: Tensor,
    classes: int,
    descriptors: int = 1,
    *,
    delta: float = 0.05,
    radius: float = 1.0,
) -> UniformBound:
    """The share of errors, through the ramp loss of the margin; the best margin of a fixed grid.

    risk <= mean of clip(1 - m / gamma, 0, 1) + 4 sqrt(C S) / (gamma n) + 3 sqrt(ln(2 m J / delta) / (2 n)),
    for a head scaled to |W|_F = 1, which changes no decision; only B / gamma matters, so the grid is over
    gamma alone (derived here). The margin z_y - max_{k != y} z_k is sqrt(2)-Lipschitz in the outputs,
    because it depends on two of them, so L = sqrt(2) / gamma. S is measured, not assumed.

    Conditions: the set of descriptors is fixed beforehand, and the extractor was not trained on the examples.

    Args:
        features: (N, D), append a constant for a bias.
        labels: (N,).
        head: (D, C), any scale.
        classes: C.
        descriptors: m.
        radius: sets the scale of the grid of margins; fixed beforehand, about the norm of the features.

    Returns:
        The smallest bound over the grid, with its margin.

    Raises:
        ValueError: shapes that do not fit, or a head of zeros.
    """
    features, labels = check_sample(features, labels, classes)
    if head.shape != (features.shape[1], classes):
        raise ValueError(f"The head must have shape {(features.shape[1], classes)}; got {tuple(head.shape)}.")
    norm = float(head.double().norm())
    if not (math.isfinite(norm) and norm > 0):
        raise ValueError("The head must be finite and not all zeros, because its scale is divided out.")
    n = len(features)
    check_count("The number of descriptors", descriptors)
    outputs = features @ (head.double() / norm)
    margins = margins_of(outputs, labels)
    confidence = 3 * math.sqrt(math.log(2 * descriptors * MARGINS / check_delta(delta)) / (2 * n))
    reach = 4 * math.sqrt(classes * float(features.square().sum())) / n
    top = math.sqrt(2) * check_at_least("radius", radius, strict=True)
    bounds = []
    for gamma in (top * 2 ** (-step / 2) for step in range(MARGINS)):
        ramp = float((1 - margins / gamma).clamp(0, 1).mean())
        bounds.append(UniformBound(ramp, reach / gamma, confidence, n, delta, gamma))
    return min(bounds, key=lambda bound: bound.value)


def margins_of(outputs: Tensor, labels: Tensor) -> Tensor:
    """Output of the label minus the largest other output, (N,); below 0 is an error."""
    right = outputs.gather(1, labels[:, None])[:, 0]
    return right - outputs.scatter(1, labels[:, None], -torch.inf).amax(1)
