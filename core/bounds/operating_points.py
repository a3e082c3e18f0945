"""Fit against complexity: methods as points, certified risk as contour lines. Numbers only, nothing is drawn."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .certificate import Certificate, share
from .checks import check_count
from .kl import Floats, fit_needed
from .pacbayes import budget

PRIORS = ("initial", "half")
"""Where the prior is centred: at the weights before any label was seen, or at those fitted to half of the labels."""

_TRIVIAL = "naming the most frequent class every time"


@dataclass(frozen=True)
class OperatingPoint:
    """One method on one sample, in the currency that all methods share.

    Attributes:
        method: its name.
        prior: one of :data:`PRIORS`.
        kl: nats in all. descriptor: those of them for the descriptor.
        n: certified examples.
        gibbs: empirical risk of the posterior, exact or the mean of draws.
        gibbs_upper: what was certified of it: equal where exact, larger by the cost of sampling elsewhere.
        bound: certified risk of the posterior.
        held_out: its error on images that nothing else used; ``None`` without any.
        chance: error of naming the most frequent class every time.
        delta: probability that the bound fails; where weights were drawn, a fifth of it went to the drawing,
            so that the point lies on the contour of its bound for 0.8 delta. priors: J.
        parameters: how many numbers were fitted.
    """

    method: str
    prior: str
    kl: float
    descriptor: float
    n: int
    gibbs: float
    gibbs_upper: float
    bound: float
    held_out: float | None
    chance: float
    delta: float
    priors: int
    parameters: int

    def __post_init__(self) -> None:
        check_count("The number of certified examples", self.n)
        if self.prior not in PRIORS:
            raise ValueError(f"The prior of a point must be one of {', '.join(PRIORS)}; got {self.prior!r}.")

    @property
    def complexity(self) -> float:
        """KL / n, nats per example: the horizontal coordinate. The vertical one is ``gibbs_upper``."""
        return self.kl / self.n

    @property
    def vacuous(self) -> bool:
        """Whether naming the most frequent class every time would do as well as what is certified."""
        return self.bound >= self.chance

    @property
    def verdict(self) -> str:
        """One sentence."""
        says = f"With probability {share(1 - self.delta)} at most {share(self.bound)} of new images are named wrongly"
        if self.vacuous:
            return f"Vacuous: {says[0].lower()}{says[1:]}, but {_TRIVIAL} is wrong on {share(self.chance)}."
        return f"{says}; {_TRIVIAL} is wrong on {share(self.chance)}."

    def document(self) -> dict[str, Any]:
        """For JSON: the attributes with ``complexity`` and ``vacuous``."""
        return {**asdict(self), "complexity": self.complexity, "vacuous": self.vacuous}


def point_of(method: str, certificate: Certificate, held_out: float | None = None, axes: int = 0) -> OperatingPoint:
    """The operating point of a certified head, and of a descriptor if ``axes`` coordinates were fitted too."""
    return OperatingPoint(
        method=method,
        prior="half" if certificate.seen else "initial",
        kl=certificate.kl.total,
        descriptor=certificate.kl.descriptor,
        n=certificate.n,
        gibbs=certificate.gibbs,
        gibbs_upper=certificate.gibbs,
        bound=certificate.bound,
        held_out=held_out,
        chance=certificate.chance,
        delta=certificate.delta,
        priors=certificate.priors,
        parameters=certificate.head.numel() + axes,
    )


def contours(risks: ArrayLike, complexity: ArrayLike, n: int, delta: float = 0.05, priors: int = 1) -> Floats:
    """Contour lines of certified risk: the empirical risk at which each is reached.

    On the line of risk b, kl(y || b) = x + ln(2 sqrt(n) J / delta) / n with y <= b, so that a point above
    it is certified for more than b and a point below it for less.

    Args:
        risks: (L,), in [0, 1], one for each line.
        complexity: (X,), KL / n, >= 0.
        n, delta, priors: of the theorem, see :func:`core.bounds.pacbayes.budget`.

    Returns:
        (L, X); NaN where the line has ended because even a perfect fit would be certified for more.

    Raises:
        ValueError: a value outside its range.
    """
    spent = np.atleast_1d(np.asarray(complexity, dtype=np.float64))
    lines = np.atleast_1d(np.asarray(risks, dtype=np.float64))
    return fit_needed(lines[:, None], budget(spent * n, n, delta, priors)[None, :])
