"""M4, identity retrieval: does invariance still leave room to tell images apart?"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .cosine import whitener


def identity_retrieval(gallery: Tensor, queries: Tensor, whiten: Tensor | None = None) -> Tensor:
    """For each query, whether its nearest gallery item (whitened cosine) shows the same image.

    High invariance with low retrieval is collapse; high with high is invariance.

    Args:
        gallery: (N, D) features, one per image; chance is 1 / N.
        queries: (N, D) features of other views, row n showing the same image as gallery row n.
        whiten: (M, D) features that define the metric; default: the gallery.

    Returns:
        (N,) booleans; their mean is the figure.

    Raises:
        ValueError: shapes that do not fit.
    """
    if gallery.ndim != 2 or gallery.shape != queries.shape or len(gallery) < 2:
        raise ValueError(
            f"Gallery and queries must both have shape (N, D), N > 1; got {tuple(gallery.shape)} "
            f"and {tuple(queries.shape)}."
        )
    mean, root = whitener(gallery if whiten is None else whiten)
    a, b = (F.normalize((x.double() - mean) @ root, dim=1) for x in (queries, gallery))
    similarity = a @ b.T
    # A tie is not a match: a collapsed extractor, for which all items are equally near, scores 0.
    own = similarity.diagonal()
    best_other = similarity.masked_fill(torch.eye(len(a), dtype=torch.bool, device=a.device), -2).max(1).values
    return own > best_other + 1e-9
