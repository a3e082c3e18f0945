"""Where a change is noticed: which pixels decide how far the features move."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..axes.descriptor import DescriptorLike
from ..axes.transforms import Axis
from ..checks import check_images
from ..model.amortised import AmortisedExtractor, to_size
from .background import Background

COPIES = 16
NOISE = 0.05


def saliency(
    model: AmortisedExtractor,
    descriptor: DescriptorLike,
    picture: Tensor,
    axis: Axis,
    strength: float,
    ground: Background,
    seed: int = 0,
) -> Tensor:
    """Gradient of the features' movement with respect to the photograph's pixels.

    The movement 1 - cos(f(x), f(T x)), features centred by ``ground``, is differentiated through the
    transformation as well, so that the map is in the photograph's own coordinates. It is averaged over
    noisy copies (Smilkov et al., SmoothGrad, arXiv 1706.03825), because the gradient at one point of a
    rectifier network is mostly grain.

    A gradient map often shows the picture's edges whatever the network has learned (Adebayo et al.,
    *Sanity Checks for Saliency Maps*, arXiv 1810.03292): show it beside that of random weights, and
    print :func:`agreement`.

    Args:
        model: the amortised extractor.
        descriptor: K numbers.
        picture: (3, H, W) in [0, 1].
        axis, strength: the change.
        ground: of the same model and descriptor.
        seed: of the noise.

    Returns:
        (S, S) of the backbone's input, >= 0, largest value 1; all 0 where the change is the identity.
    """
    weights = model.frozen_weights(descriptor)
    where = next(iter(weights.values()))
    images = to_size(check_images(picture[None]).to(where.device, where.dtype), model.input_size)
    noise = torch.randn(COPIES, *images.shape[1:], generator=torch.Generator().manual_seed(seed))
    noisy = (images + NOISE * noise.to(images)).clamp(0, 1).requires_grad_()
    still, moved = (
        F.normalize(model.extract(model.through_stem(x), weights) - ground.centre.to(images), dim=1)
        for x in (noisy, axis.apply(noisy, strength))
    )
    movement = (1 - (still * moved).sum(1)).sum()
    (gradient,) = torch.autograd.grad(movement, noisy)
    size = gradient.abs().sum(1).mean(0).to(picture.device)
    return size / size.max().clamp(min=1e-12) if strength != 0 else torch.zeros_like(size)


def agreement(one: Tensor, other: Tensor) -> float:
    """Spearman's rank correlation of two maps, in [-1, 1]; 0 if one of them is flat."""
    from scipy.stats import spearmanr  # half a second to import: `import core` stays quick

    if min(float(one.std()), float(other.std())) == 0:
        return 0.0
    return float(spearmanr(one.flatten().numpy(), other.flatten().numpy()).statistic)
