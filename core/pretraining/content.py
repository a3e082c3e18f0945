"""What a picture shows, in the words of the pretrained network: the target of the content term."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..model.amortised import AmortisedExtractor

_PIECE = 256


def content_of(
    model: AmortisedExtractor,
    images: Tensor,
    size: int,
    progress: Callable[[float], None] = lambda done: None,
    stored: Tensor | None = None,
) -> Tensor | None:
    """Leading principal components of what the frozen network tells of untransformed images.

    Args:
        model: whose backbone is asked.
        images: (N, 3, S, S), uint8.
        size: components M; fewer where the network tells less, or N is smaller.
        progress: called with the share done.
        stored: what the network tells (N, Q) of these images, where somebody has it already, see
            :meth:`core.pretraining.bank.Bank.content`; default: the images go through the stem.

    Returns:
        (N, M) on the model's device; the sign of each makes its largest loading positive, so that they are the same on
        every machine. ``None``: the backbone has no pretrained network.
    """
    where = next(model.parameters()).device
    if stored is not None:
        return leading(stored.to(where), size)
    found = []
    for number, piece in enumerate(images.split(_PIECE)):
        told = model.content(model.prepare(piece.to(where).float() / 255))
        if told is None:
            return None
        found.append(told)
        progress(min(1.0, (number + 1) * _PIECE / len(images)))
    return leading(torch.cat(found), size)


def leading(told: Tensor, size: int) -> Tensor:
    """Principal components (N, M) of numbers (N, Q) in any units, of a mean variance of 1.

    Each number is standardised first. A component is divided by the root of its variance plus the mean one, so that
    many leading ones count alike, and the small ones, noise for the most part, stay small.
    """
    told = told.double()
    told = told - told.mean(0)
    spread = told.square().mean(0).sqrt()
    told = told / spread.clamp(min=1e-3 * float(spread.mean()) + 1e-12)
    values, vectors = torch.linalg.eigh(told.T @ told / len(told))
    count = min(size, told.shape[1], max(1, len(told) - 1))
    order = values.argsort(descending=True)[:count]
    loadings = vectors[:, order]
    largest = loadings.gather(0, loadings.abs().argmax(0, keepdim=True))
    kept = values[order].clamp(min=0)
    found = told @ (loadings * largest.sign()) * (kept + values.mean()).rsqrt()
    return (found / found.square().mean().sqrt().clamp(min=1e-12)).float().clone()


def reading_of(features: Tensor, content: Tensor) -> tuple[Tensor, Tensor]:
    """Ridge regression from features (N, D) to content (N, M): weights (M, D) and biases (M,) to begin with.

    From random ones, a teller's first thousand steps would be spent on finding what the features hold already.
    """
    mean, shown = features.double().mean(0), content.double()
    z = features.double() - mean
    ridge = 0.1 * z.square().mean() * len(z) * torch.eye(z.shape[1], dtype=z.dtype, device=z.device)
    weight = torch.linalg.solve(z.T @ z + ridge, z.T @ (shown - shown.mean(0))).T
    return weight.float(), (shown.mean(0) - weight @ mean).float()
