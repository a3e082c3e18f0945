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
    """Leading principal components of the frozen network's features of untransformed images.

    Args:
        model: whose backbone is asked.
        images: (N, 3, S, S), uint8.
        size: components M; fewer where the network has fewer features, or N is smaller.
        progress: called with the share done.
        stored: the frozen network's features (N, P) of these images, where somebody has them already, see
            :meth:`core.pretraining.bank.Bank.frozen`; default: the images go through the stem.

    Returns:
        (N, M) on the model's device, each of variance 1; the sign of each makes its largest loading positive, so that
        they are the same on every machine. ``None``: the backbone has no features of its own.
    """
    where = next(model.parameters()).device
    if stored is not None:
        return _leading(stored.to(where), size)
    found = []
    for number, piece in enumerate(images.split(_PIECE)):
        frozen = model.frozen_features(model.prepare(piece.to(where).float() / 255))
        if frozen is None:
            return None
        found.append(frozen)
        progress(min(1.0, (number + 1) * _PIECE / len(images)))
    return _leading(torch.cat(found), size)


def _leading(features: Tensor, size: int) -> Tensor:
    features = features.double()
    features = features - features.mean(0)
    values, vectors = torch.linalg.eigh(features.T @ features / len(features))
    count = min(size, features.shape[1], max(1, len(features) - 1))
    order = values.argsort(descending=True)[:count]
    loadings = vectors[:, order]
    largest = loadings.gather(0, loadings.abs().argmax(0, keepdim=True))
    projected = features @ (loadings * largest.sign())
    return (projected / values[order].clamp(min=1e-12).sqrt()).float().clone()


def reading_of(features: Tensor, content: Tensor) -> tuple[Tensor, Tensor]:
    """Ridge regression from features (N, D) to content (N, M): weights (M, D) and biases (M,) to begin with.

    From random ones, a teller's first thousand steps would be spent on finding what the features hold already.
    """
    mean, shown = features.double().mean(0), content.double()
    z = features.double() - mean
    ridge = 0.1 * z.square().mean() * len(z) * torch.eye(z.shape[1], dtype=z.dtype, device=z.device)
    weight = torch.linalg.solve(z.T @ z + ridge, z.T @ (shown - shown.mean(0))).T
    return weight.float(), (shown.mean(0) - weight @ mean).float()
