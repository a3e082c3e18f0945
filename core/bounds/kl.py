"""The divergence between two coins, and its inverse: how large a risk is still compatible with what was seen.

kl(q || p) = q ln(q / p) + (1 - q) ln((1 - q) / (1 - p)), in nats: the divergence of coins with heads
probabilities q and p. A Chernoff or PAC-Bayes bound says kl(seen || true) <= budget; the certified risk is
the largest p for which that holds (Langford, "Tutorial on practical prediction theory for
classification", JMLR 6, 2005).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import rel_entr

Floats = NDArray[np.float64]
_TOLERANCE = 1e-12
"""Roots end this far from 1, and are moved towards 1 by as much, so that rounding never makes a bound too small."""


def bernoulli_kl(q: ArrayLike, p: ArrayLike) -> Floats:
    """kl(q || p) in nats, in [0, inf]; ``q`` and ``p`` in [0, 1], any shapes that broadcast."""
    q, p = np.broadcast_arrays(_unit("q", q), _unit("p", p))
    return np.maximum(rel_entr(q, p) + rel_entr(1 - q, 1 - p), 0.0)


def kl_upper(q: ArrayLike, budget: ArrayLike) -> Floats:
    """The largest p in [q, 1] with kl(q || p) <= budget: an upper bound on the risk.

    Args:
        q: empirical risk, in [0, 1].
        budget: nats per example, >= 0; infinity gives 1.

    Returns:
        The broadcast shape, in [q, 1]. ``kl_upper(0, b) = 1 - exp(-b)``.

    Raises:
        ValueError: a value outside its range.
    """
    q, budget = np.broadcast_arrays(_unit("The empirical risk", q), _budget(budget))
    last = 1 - _TOLERANCE
    out = np.where(budget > 0, 1.0, q)
    inside = (budget > 0) & (q < last) & (bernoulli_kl(q, last) > budget)
    for place in map(tuple, np.argwhere(inside)):
        root = brentq(lambda p, q, b: _kl(q, p) - b, q[place], last, (q[place], budget[place]), xtol=1e-14)
        out[place] = min(root + _TOLERANCE, 1.0)
    return out


def kl_lower(p: ArrayLike, budget: ArrayLike) -> Floats:
    """The smallest q in [0, p] with kl(q || p) <= budget; 0 where even q = 0 is within the budget.

    The empirical risks in [kl_lower(p, b), p] are those that a risk of ``p`` makes plausible.

    Raises:
        ValueError: a value outside its range.
    """
    p, budget = np.broadcast_arrays(_unit("The risk", p), _budget(budget))
    out = np.where(budget > 0, 0.0, p)
    inside = (budget > 0) & (bernoulli_kl(0.0, p) > budget)
    for place in map(tuple, np.argwhere(inside)):
        out[place] = brentq(lambda q, p, b: _kl(q, p) - b, 0.0, p[place], (p[place], budget[place]), xtol=1e-14)
    return out


def fit_needed(risk: ArrayLike, budget: ArrayLike) -> Floats:
    """The largest empirical risk that certifies ``risk``: ``kl_upper(fit_needed(r, b), b) == r``.

    Returns:
        The broadcast shape, in [0, risk]; NaN where the budget is so large that no fit is good enough.
    """
    risk, budget = np.broadcast_arrays(_unit("The risk", risk), _budget(budget))
    return np.where(bernoulli_kl(0.0, risk) >= budget, kl_lower(risk, budget), np.nan)


def _kl(q: float, p: float) -> float:
    """One divergence without checks, for the root finder."""
    return float(rel_entr(q, p) + rel_entr(1 - q, 1 - p))


def _unit(name: str, values: ArrayLike) -> Floats:
    values = np.asarray(values, dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():  # the negated form also catches NaN
        raise ValueError(f"{name} must lie in [0, 1]; got {values.ravel()[:3].tolist()}.")
    return values


def _budget(values: ArrayLike) -> Floats:
    values = np.asarray(values, dtype=np.float64)
    if not (values >= 0).all():
        raise ValueError(f"The budget in nats must be at least 0; got {values.ravel()[:3].tolist()}.")
    return values
