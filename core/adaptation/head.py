"""The linear head: ridge regression on features, solved exactly, with its marginal likelihood.

Targets Y (N, C) are modelled as Phi W + b + noise, with W ~ N(0, s^2 / penalty), noise ~ N(0, s^2) and a
flat prior on b, so that Y is Gaussian and its likelihood has a closed form (MacKay, Neural
Computation 4, 1992; Rasmussen and Williams, 2006, Section 2.2 and Eq. 2.30). The noise s^2 is put at
its best value, the penalty is found by a search on the eigenvalues. Everything costs one decomposition
in float64, of the D x D products of features or of the N x N products of images, whichever are fewer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from scipy.optimize import minimize_scalar
from torch import Tensor

from ..eigen import eigh

_SPAN = (-12.0, 12.0)
"""Natural logarithm of the penalty relative to the mean eigenvalue: 6e-6 to 160,000."""


@dataclass(frozen=True)
class Head:
    """A linear map: ``weight`` (D, C), ``bias`` (C,), and the ``penalty`` and ``trust`` that it was fitted with.

    For the trust in a branch see :func:`core.adaptation.reading.weighed`; 1: none of the features is trusted less.
    """

    weight: Tensor
    bias: Tensor
    penalty: float
    trust: float = 1.0

    def __call__(self, features: Tensor) -> Tensor:
        """(N, D) -> (N, C)."""
        return features @ self.weight + self.bias

    @property
    def parameters(self) -> int:
        """How many numbers were fitted."""
        return self.weight.numel() + self.bias.numel()


def outputs_of(targets: Tensor) -> int:
    """Number of independent columns: one-hot columns sum to one, so C classes have C - 1."""
    return max(targets.shape[1] - 1, 1)


def best_penalty(features: Tensor, targets: Tensor) -> float:
    """The penalty with the largest marginal likelihood.

    Args:
        features: (N, D).
        targets: (N, C), one-hot or one quantity.
    """
    x, y = _centred(features.detach()), _centred(targets.detach())
    if _wide(x):  # the same eigenvalues but for zeros
        values, vectors = eigh(x @ x.T)
        values = values.clamp(min=0)
        projected = values * (vectors.T @ y).square().sum(1)
    else:
        values, vectors = eigh(x.T @ x)
        values = values.clamp(min=0)
        projected = (vectors.T @ (x.T @ y)).square().sum(1)
    total = float(y.square().sum())
    unit = float(values.sum()) / x.shape[1] + 1e-12
    freedom = (len(x) - 1) * outputs_of(targets)

    def cost(log_penalty: float) -> float:
        penalty = unit * math.exp(log_penalty)
        left = total - float((projected / (values + penalty)).sum())
        volume = float(torch.log1p(values / penalty).sum())
        return freedom * math.log(max(left, 1e-12 * total + 1e-300)) + outputs_of(targets) * volume

    return unit * math.exp(_lowest(cost, 49))


def penalty_for(cost: Callable[[float], float], features: Tensor) -> float:
    """The penalty at which ``cost(penalty)`` is smallest, e.g. an error on images that were left out."""
    unit = float(_centred(features.detach()).square().sum()) / features.shape[1] + 1e-12
    with torch.no_grad():
        return unit * math.exp(_lowest(lambda log_penalty: cost(unit * math.exp(log_penalty)), 13))


def _lowest(cost: Callable[[float], float], points: int) -> float:
    """A coarse grid, because costs have several dents, then Brent's method around its lowest point."""
    grid = torch.linspace(*_SPAN, points).tolist()
    values = [cost(point) for point in grid]
    place = values.index(min(values))
    bounds = (grid[max(place - 1, 0)], grid[min(place + 1, points - 1)])
    return float(minimize_scalar(cost, bounds=bounds, method="bounded", options={"xatol": 1e-3}).x)


def evidence(features: Tensor, targets: Tensor, penalty: float | None = None) -> Tensor:
    """Log marginal likelihood of the targets, in nats; differentiable in ``features``.

    At the best penalty its gradient is that of the function with the penalty optimised along, because
    the derivative along the penalty vanishes there.

    Args:
        features: (N, D), N >= 2.
        targets: (N, C).
        penalty: default: the best one.

    Returns:
        Scalar, float64.
    """
    penalty = best_penalty(features, targets) if penalty is None else penalty
    x, y = _centred(features), _centred(targets)
    products = x @ x.T if _wide(x) else x.T @ x
    factor = torch.linalg.cholesky(products / penalty + _one(products))
    if _wide(x):
        left = torch.linalg.solve_triangular(factor, y, upper=False).square().sum()
    else:
        explained = torch.linalg.solve_triangular(factor, x.T @ y, upper=False).square().sum() / penalty
        left = y.square().sum() - explained
    left = left.clamp(min=1e-12)
    columns = outputs_of(targets)
    freedom = (len(x) - 1) * columns
    volume = 2 * factor.diagonal().log().sum()
    return -0.5 * (freedom * (torch.log(2 * math.pi * left / freedom) + 1) + columns * volume)


def fit_head(features: Tensor, targets: Tensor, penalty: float | None = None) -> Head:
    """Solve for the head; differentiable in ``features`` at a fixed penalty.

    Args:
        features: (N, D).
        targets: (N, C).
        penalty: default: the best one by marginal likelihood.
    """
    penalty = best_penalty(features, targets) if penalty is None else penalty
    x, y = _centred(features), _centred(targets)
    products = x @ x.T if _wide(x) else x.T @ x
    factor = torch.linalg.cholesky(products + penalty * _one(products))
    weight = x.T @ torch.cholesky_solve(y, factor) if _wide(x) else torch.cholesky_solve(x.T @ y, factor)
    bias = targets.double().mean(0) - features.double().mean(0) @ weight
    return Head(weight.to(features.dtype), bias.to(features.dtype), penalty)


def left_out(features: Tensor, targets: Tensor, penalty: float | None = None) -> Tensor:
    """What heads fitted without an image say about that image, (N, C), without fitting N heads.

    The closed form of ridge regression with an intercept (Allen's PRESS, Technometrics 16, 1974);
    differentiable in ``features``.
    """
    penalty = best_penalty(features, targets) if penalty is None else penalty
    x, y = _centred(features), _centred(targets)
    products = x @ x.T if _wide(x) else x.T @ x
    factor = torch.linalg.cholesky(products + penalty * _one(products))
    if _wide(x):  # what is left of each image's target, and of its weight, instead of what is explained
        inverse = torch.cholesky_inverse(factor)
        rest = penalty * inverse.diagonal()[:, None] - 1 / len(x)
        return (targets.double() - penalty * (inverse @ y) / rest.clamp(min=1e-9)).to(features.dtype)
    half = torch.linalg.solve_triangular(factor, x.T, upper=False)  # (D, N)
    own = half.square().sum(0)[:, None] + 1 / len(x)
    fitted = half.T @ (half @ y) + targets.double().mean(0)
    return ((fitted - own * targets.double()) / (1 - own).clamp(min=1e-9)).to(features.dtype)


def _wide(x: Tensor) -> bool:
    """More features than images."""
    return len(x) < x.shape[1]


def _one(products: Tensor) -> Tensor:
    return torch.eye(len(products), dtype=products.dtype, device=products.device)


def _centred(values: Tensor) -> Tensor:
    values = values.double()
    return values - values.mean(0)
