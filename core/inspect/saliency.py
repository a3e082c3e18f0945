"""Where a change is noticed: which pixels decide how far the features move."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..axes.descriptor import DescriptorLike
from ..axes.transforms import Axis
from ..backbones.base import Prepared
from ..checks import check_images
from ..model.amortised import AmortisedExtractor, to_size
from .background import Background

COPIES = 16
NOISE = 0.05
_PIECE = 8
"""Copies that go through a stem at once, with as many that are changed."""


Run = Callable[[Callable[[Tensor], Tensor], Sequence[Tensor]], Iterable[Tensor]]
"""How pieces of the work are done, such as :func:`map`."""


@dataclass(frozen=True)
class View:
    """One extractor that is asked where it notices: a model at a descriptor, and what other pictures are to it."""

    model: AmortisedExtractor
    descriptor: DescriptorLike
    ground: Background


def saliency(
    model: AmortisedExtractor,
    descriptor: DescriptorLike,
    picture: Tensor,
    axis: Axis,
    strength: float,
    ground: Background,
    seed: int = 0,
) -> Tensor:
    """As :func:`saliencies` for one extractor: (S, S).

    Args:
        model: the amortised extractor.
        descriptor: K numbers.
        picture: (3, H, W) in [0, 1].
        axis, strength: the change.
        ground: of the same model and descriptor.
        seed: of the noise.
    """
    return saliencies([View(model, descriptor, ground)], picture, axis, strength, seed)[0]


def saliencies(
    views: Sequence[View], picture: Tensor, axis: Axis, strength: float, seed: int = 0, run: Run = map
) -> Tensor:
    """Gradient of the features' movement with respect to the photograph's pixels, for several extractors on one stem.

    The movement 1 - cos(f(x), f(T x)), features centred by ``ground``, is differentiated through the
    transformation as well, so that the map is in the photograph's own coordinates. It is averaged over
    noisy copies (Smilkov et al., SmoothGrad, arXiv 1706.03825), because the gradient at one point of a
    rectifier network is mostly grain.

    A gradient map often shows the picture's edges whatever the network has learned (Adebayo et al.,
    *Sanity Checks for Saliency Maps*, arXiv 1810.03292): show it beside that of random weights, and
    print :func:`agreement`.

    Args:
        views: V of them, of models with the same stem.
        picture: (3, H, W) in [0, 1].
        axis, strength: the change.
        seed: of the noise.
        run: may do the pieces in several threads.

    Returns:
        (V, S, S) of the backbone's input, >= 0, largest value of each 1; all 0 where the change is the identity.

    Raises:
        ValueError: the models have different stems.
    """
    model, weights = views[0].model, [view.model.frozen_weights(view.descriptor) for view in views]
    if any(view.model.prepares != model.prepares for view in views):
        raise ValueError("Maps of where a change is noticed are made together for models with the same stem only.")
    where = next(iter(weights[0].values()))
    image = to_size(check_images(picture[None]).to(where.device, where.dtype), model.input_size)
    if strength == 0:
        return torch.zeros(len(views), *image.shape[2:], device=picture.device)
    noise = torch.randn(COPIES, *image.shape[1:], generator=torch.Generator().manual_seed(seed)).to(image)

    def noticed(copies: Tensor) -> Tensor:
        """(V, S, S), the sum over noisy copies (n, 3, S, S)."""
        copies = copies.requires_grad_()
        prepared = model.through_stem(torch.cat([copies, axis.apply(copies, strength)]))
        # The stem goes forward once; from what it gives, each tail is differentiated by itself.
        parts = tuple(part.detach().requires_grad_() for part in prepared.parts)
        found: list[Tensor] = []
        for view, own in zip(views, weights, strict=True):
            raw = view.model.extract(Prepared(parts, prepared.by), own)
            still, moved = F.normalize(raw - view.ground.centre.to(raw), dim=1).chunk(2)
            pulls = torch.autograd.grad((1 - (still * moved).sum(1)).sum(), parts, materialize_grads=True)
            more = len(found) + 1 < len(views)
            (gradient,) = torch.autograd.grad(prepared.parts, copies, pulls, retain_graph=more)
            found.append(gradient.abs().sum((0, 1)))
        return torch.stack(found)

    size = torch.stack(list(run(noticed, (image + NOISE * noise).clamp(0, 1).split(_PIECE)))).sum(0)
    return (size / size.amax((1, 2), keepdim=True).clamp(min=1e-12)).to(picture.device)


def agreement(one: Tensor, other: Tensor) -> float:
    """Spearman's rank correlation of two maps, in [-1, 1]; 0 if one of them is flat."""
    from scipy.stats import spearmanr  # half a second to import: `import core` stays quick

    if min(float(one.std()), float(other.std())) == 0:
        return 0.0
    return float(spearmanr(one.flatten().numpy(), other.flatten().numpy()).statistic)
