"""PAC-Bayes: the risk of a classifier drawn from Q, paid for by how far Q is from a P fixed beforehand.

Statement (Langford and Seeger 2001; Maurer, arXiv cs/0411099, 2004). Let P be a distribution
over classifiers that does not depend on the n independent examples. With probability at least 1 - delta,
for all Q at once,

    kl(empirical risk of Q || risk of Q) <= (KL(Q || P) + ln(2 sqrt(n) / delta)) / n,

where the risk of Q is the expected error of a classifier that is drawn anew for each image.

Constants. 2 sqrt(n) bounds sum_k C(n, k) (k/n)^k (1 - k/n)^(n-k). By Stirling's formula that sum is at most
exp(1 / (12 n)) sqrt(pi n / 2) + 2, which is below 2 sqrt(n) from n = 8 on; the tests evaluate it for smaller n.
A prior taken from J that are fixed beforehand costs ln J more (a union over the J bounds). All choices that enter
only Q are free. The examples need not be identically distributed: the exponential moment behind the theorem is
largest when they are (Hoeffding, Ann. Math. Stat. 27, 1956; derived here), and the risk is then the mean over
theirs. So a sample that was balanced over classes certifies the risk on balanced classes.

A deterministic majority vote of Q errs only where at least half of Q errs, so its risk is at most twice
that of Q (Langford and Shawe-Taylor, NIPS 2002).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .checks import check_at_least, check_count, check_delta
from .kl import Floats, kl_upper


@dataclass(frozen=True)
class Divergence:
    """KL(Q || P) in nats, in its two parts: it is a sum, because descriptor and weights are independent.

    Attributes:
        descriptor: a point of a finite set against the uniform distribution on it: ln of the set's size.
        weights: of the head, or of the network where that is fitted too.
    """

    descriptor: float
    weights: float

    def __post_init__(self) -> None:
        for part in ("descriptor", "weights"):
            check_at_least(f"The divergence of the {part}", getattr(self, part))

    @property
    def total(self) -> float:
        """Nats in all."""
        return self.descriptor + self.weights


@dataclass(frozen=True)
class Grid:
    """Descriptors whose K coordinates are snapped to q equally spaced levels: q^K points.

    Snap first, then fit the head at the snapped point: so the certificate is about the very extractor that
    is used, and nothing need be known about how smoothly it depends on the descriptor.
    """

    levels: int
    axes: int

    def __post_init__(self) -> None:
        check_count("The number of levels", self.levels, 2)
        check_count("The number of axes", self.axes)

    @property
    def nats(self) -> float:
        """KL of one point from the uniform distribution: K ln q."""
        return self.axes * math.log(self.levels)

    def snap(self, values: ArrayLike) -> tuple[float, ...]:
        """The nearest point of the grid.

        Raises:
            ValueError: not K numbers in [0, 1].
        """
        point = np.asarray(values, dtype=np.float64)
        if point.shape != (self.axes,) or not ((point >= 0) & (point <= 1)).all():
            raise ValueError(f"A descriptor must be {self.axes} numbers in [0, 1]; got {point.tolist()}.")
        return tuple((np.floor(point * (self.levels - 1) + 0.5) / (self.levels - 1)).tolist())


def gaussian_kl(distance: ArrayLike, parameters: int, posterior: ArrayLike, prior: ArrayLike) -> Floats:
    """KL(N(w, s^2 I) || N(w0, s0^2 I)) in nats.

    |w - w0|^2 / (2 s0^2) + (p / 2) (s^2 / s0^2 - 1 - ln(s^2 / s0^2)): the closed form.

    Args:
        distance: |w - w0|^2.
        parameters: p.
        posterior, prior: deviations s and s0, above 0.
    """
    centred = np.asarray(prior, dtype=np.float64)
    ratio = np.square(np.asarray(posterior, dtype=np.float64) / centred)
    noise = 0.5 * parameters * np.maximum(ratio - 1 - np.log(ratio), 0.0)
    return np.asarray(distance) / (2 * np.square(centred)) + noise


def scale_free_kl(distance: ArrayLike, parameters: int, posterior: ArrayLike) -> Floats:
    """The KL of the cheapest rescaling of Q, for classifiers that do not change when all weights are scaled.

    Multiplying a linear head by a > 0 changes no decision, so N(w, s^2 I) may be replaced by
    N(a w, a^2 s^2 I) with any a. Against N(0, I) the divergence is smallest at a^2 = 1 / (s^2 + |w|^2 / p),
    where it is (p / 2) ln(1 + |w|^2 / (p s^2)). So a prior centred at 0 needs no grid of deviations and no
    union (derived here; a is part of Q and therefore free).

    Args:
        distance: |w|^2.
        parameters: p.
        posterior: deviation s, above 0.
    """
    return 0.5 * parameters * np.log1p(np.asarray(distance) / (parameters * np.square(posterior)))


def budget(kl: ArrayLike, n: int, delta: float, priors: int = 1) -> Floats:
    """Right-hand side of the theorem in nats per example: (kl + ln(2 sqrt(n) J / delta)) / n.

    Args:
        kl: nats.
        n: examples that the prior has not seen.
        delta: in (0, 1).
        priors: J, the number of priors to choose from.

    Raises:
        ValueError: a value outside its range.
    """
    check_count("The number of examples", n)
    check_count("The number of priors", priors)
    return (np.asarray(kl) + math.log(2 * math.sqrt(n) * priors / check_delta(delta))) / n


def pac_bayes(gibbs: ArrayLike, kl: ArrayLike, n: int, delta: float = 0.05, priors: int = 1) -> Floats:
    """Upper bound on the risk of Q; arguments as in :func:`budget`, ``gibbs`` the empirical risk of Q in [0, 1].

    Returns:
        The broadcast shape, in [gibbs, 1]; close to 1 it says nothing.
    """
    return kl_upper(gibbs, budget(kl, n, delta, priors))
