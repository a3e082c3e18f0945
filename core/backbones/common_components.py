"""Common principal components: one orthogonal basis in which several covariances are as diagonal as they can be."""

from __future__ import annotations

import torch
from torch import Tensor

STEPS, LONGEST, GAIN = 150, 0.3, 0.9
"""Of the ascent: how many, the longest turn of one (norm of its generator, rad), and the rate near the end."""


def common_components(covariances: Tensor, steps: int = STEPS) -> Tensor:
    """An orthogonal matrix U (C, C) whose columns nearly diagonalise all covariances at once.

    The components that several populations share (Flury, JASA 79, 1984), here with the least squared remainder off
    the diagonals, as in joint diagonalisation (Cardoso and Souloumiac, SIAM J. Matrix Anal. 17, 1996, Eq. 1). They
    begin as the eigenvectors of the sum and are turned by steepest ascent of the squared diagonals; so the
    result is never worse than the sum's.

    Args:
        covariances: (K, C, C), symmetric, of comparable size; K = 0 gives the identity.
        steps: of the ascent; 0: the eigenvectors of the sum.
    """
    size = covariances.shape[-1]
    if not len(covariances):
        return torch.eye(size, dtype=covariances.dtype)
    basis = torch.linalg.eigh(covariances.sum(0)).eigenvectors
    best, found = _diagonal(basis, covariances), basis
    for _ in range(steps):
        seen = basis.T @ covariances @ basis
        diagonal = seen.diagonal(dim1=1, dim2=2)
        slope = (seen * (diagonal[:, None, :] - diagonal[:, :, None])).sum(0)
        length = float(slope.norm())
        if length < 1e-12:
            break
        basis = basis @ torch.matrix_exp(slope * min(LONGEST / length, GAIN))
        if (value := _diagonal(basis, covariances)) > best:
            best, found = value, basis
    return found


def _diagonal(basis: Tensor, covariances: Tensor) -> float:
    return float((basis.T @ covariances @ basis).diagonal(dim1=1, dim2=2).square().sum())
