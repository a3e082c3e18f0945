"""The terms of the pretraining loss, one function each, for one group of views under one descriptor."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def contrastive_loss(anchor: Tensor, positive: Tensor, negative: Tensor, weight: Tensor, temperature: float) -> Tensor:
    """InfoNCE over a group, with one weighted hard negative per row.

    NT-Xent of SimCLR (Chen et al., arXiv 2002.05709, Eq. 1), conditioned on the descriptor because
    all views of a group were drawn and encoded under the same one (HyperInvariances, Section 3).
    A row's hard negative enters its own denominator alone, with the weight of ``b / 5 * weight``
    ordinary negatives: enough to matter, too little to let one factor replace the content. Features
    are centred over the group, as they are in every measure.

    Args:
        anchor, positive, negative: (b, D) features, any norm.
        weight: (b,) in [0, 1]; 0 leaves the hard negative out.
        temperature: > 0.

    Returns:
        Scalar, in nats, averaged over anchors and positives.
    """
    centre = torch.cat([anchor, positive]).mean(0)
    a, p, n = (F.normalize(x - centre, dim=1) for x in (anchor, positive, negative))
    size = len(a)
    views = torch.cat([a, p])
    logits = views @ views.T / temperature
    logits.fill_diagonal_(float("-inf"))
    hard = (a * n).sum(1) / temperature + (weight * size / 5).log()
    none = torch.full_like(hard, float("-inf"))
    logits = torch.cat([logits, torch.cat([hard, none])[:, None]], 1)
    partner = torch.arange(2 * size, device=a.device).roll(size)
    return F.cross_entropy(logits, partner)


def variance_loss(features: Tensor) -> Tensor:
    """Mean squared distance of each feature's variance from 1.

    The variance term of VICReg (Bardes et al., arXiv 2105.04906, Eq. 1) as a target instead of a
    hinge: InfoNCE on cosines leaves the scale of features open, and the factor reader needs one.

    Args:
        features: (n, D).
    """
    return (features.var(0) - 1).square().mean()


def decorrelation_loss(features: Tensor) -> Tensor:
    """Sum of squared covariances between different features, per dimension.

    The covariance term of VICReg (Bardes et al., arXiv 2105.04906, Eqs. 3 and 4). It keeps every
    direction in use, so that the features' own metric and the whitened one agree, and neither
    invariance nor sensitivity can hide in a quiet direction.

    Args:
        features: (n, D).
    """
    centred = features - features.mean(0)
    covariance = centred.T @ centred / (len(features) - 1)
    return (covariance - covariance.diagonal().diag()).square().sum() / len(covariance)


def alignment_loss(anchor: Tensor, positive: Tensor) -> Tensor:
    """1 minus the correlation between anchors and positives, averaged over feature dimensions; in [0, 2].

    The diagonal term of Barlow Twins (Zbontar et al., arXiv 2103.03230, Eq. 1), linear instead of
    squared. A correlation ignores a dimension's scale, so a quiet dimension must be as invariant to
    what the descriptor lets differ as a loud one; InfoNCE sees the loud ones alone.

    Args:
        anchor, positive: (b, D).
    """
    a, p = anchor - anchor.mean(0), positive - positive.mean(0)
    scale = (a.square().mean(0) * p.square().mean(0)).sqrt().clamp(min=1e-4)
    return (1 - (a * p).mean(0) / scale).mean()


def factor_loss(
    predicted: tuple[Tensor, Tensor], position: tuple[Tensor, Tensor], moved: Tensor, descriptor: Tensor
) -> Tensor:
    """Squared error of linear factor predictions, weighted by 1 - i_k.

    Predicts the change between anchor and hard negative (the pair that differs; AugSelf, Lee et
    al., arXiv 2111.09613, predicts it between positives, where it is zero at i_k = 0) and each
    anchor's own position.

    Args:
        predicted: (b, K) for anchors and hard negatives.
        position: (b, K) true positions, scaled to [-1, 1].
        moved: (b,) axis in which the two differ.
        descriptor: (K,).
    """
    keep = 1 - descriptor
    error = [p - t for p, t in zip(predicted, position, strict=True)]
    absolute = (keep * error[0].square()).mean()
    change = (error[1] - error[0]).gather(1, moved[:, None])[:, 0].square()
    return absolute + (keep[moved] * change).mean()


def erasure_loss(anchor: Tensor, positive: Tensor, shift: Tensor, descriptor: Tensor) -> Tensor:
    """What a linear reader of the feature change still learns about the factor change, weighted by i_k.

    Sum over dimensions of the squared covariance between feature change and factor change, in units
    of the factor's own variance. InfoNCE shrinks such directions; this term empties them.

    Args:
        anchor, positive: (b, D).
        shift: (b, K), position of the positive minus position of the anchor, in [-1, 1].
        descriptor: (K,).
    """
    change = positive - anchor
    scale = shift.square().mean(0).clamp(min=1e-3)
    covariance = (shift - shift.mean(0)).T @ (change - change.mean(0)) / len(change)  # (K, D)
    return (descriptor * covariance.square().mean(1) / scale).sum()
