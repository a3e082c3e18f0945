"""Eigenvalues of symmetric matrices, also of those that trip the fastest routine."""

from __future__ import annotations

import torch
from torch import Tensor


def eigh(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues (D,), ascending, and eigenvectors (D, D) of a symmetric matrix; no gradients.

    PyTorch's divide and conquer gives up on some matrices with many equal eigenvalues, such as covariances of features
    of which hundreds are silent; then the slower method of relatively robust representations does it.
    """
    try:
        values, vectors = torch.linalg.eigh(matrix)
    except torch.linalg.LinAlgError:
        from scipy.linalg import eigh as robust  # takes a while to import: `import core` stays quick

        found = robust(matrix.detach().cpu().numpy(), driver="evr")
        values, vectors = (torch.from_numpy(each).to(matrix) for each in found)
    return values, vectors
