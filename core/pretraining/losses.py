"""The terms of the pretraining loss, one function each, for one group of views under one descriptor."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def contrastive_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, weight: Tensor, temperature: float, hardness: float
) -> Tensor:
    """InfoNCE over a group, with one weighted hard negative per row.

    NT-Xent of SimCLR (Chen et al., arXiv 2002.05709, Eq. 1), conditioned on the descriptor because
    all views of a group were drawn and encoded under the same one (HyperInvariances, Section 3).
    A row's hard negative enters its own denominator alone, with the weight of
    ``hardness * b * weight`` ordinary negatives. Features are centred over the group, as they are
    in every measure.

    Args:
        anchor, positive, negative: (b, D) features, any norm.
        weight: (b,) in [0, 1]; 0 leaves the hard negative out.
        temperature: > 0.
        hardness: > 0; 1 weighs the hard negative like all other images of the group together.

    Returns:
        Scalar, in nats, averaged over anchors and positives.
    """
    centre = torch.cat([anchor, positive]).mean(0)
    a, p, n = (F.normalize(x - centre, dim=1) for x in (anchor, positive, negative))
    size = len(a)
    views = torch.cat([a, p])
    logits = views @ views.T / temperature
    logits = logits.masked_fill(torch.eye(len(logits), dtype=torch.bool, device=a.device), float("-inf"))
    hard = (a * n).sum(1) / temperature + (weight * size * hardness).log()
    none = torch.full_like(hard, float("-inf"))
    logits = torch.cat([logits, torch.cat([hard, none])[:, None]], 1)
    partner = torch.arange(2 * size, device=a.device).roll(size)
    return F.cross_entropy(logits, partner)


def variance_loss(features: Tensor) -> Tensor:
    """Squared distance of the features' mean variance from 1.

    InfoNCE on cosines leaves the scale of features open, and their readers need one. Unlike the variance term of VICReg
    (Bardes et al., arXiv 2105.04906, Eq. 1) it lets features differ in loudness, from descriptor to descriptor too.

    Args:
        features: (n, D).
    """
    return (features.var(0).mean() - 1).square()


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


def standardise(features: Tensor) -> Tensor:
    """Features (n, D) of a group with mean 0 and variance 1 in every dimension.

    With its gradient, so that shrinking all features gains nothing in the terms that see differences.
    """
    z = features - features.mean(0)
    return z / (z.square().mean(0) + 1e-6).sqrt()


RIDGE = 0.02
"""Of :func:`precision`, as a share of the mean variance."""


def precision(features: Tensor) -> Tensor:
    """Inverse covariance (D, D) of centred features, with a ridge; without gradient.

    The metric in which quiet directions count as much as loud ones, as in the whitened measures, unless they are so
    quiet that they are as good as gone. The ridge is larger than that of the measures because a group is small.

    Args:
        features: (n, D), centred.
    """
    z = features.detach()
    covariance = z.T @ z / len(z)
    ridge = RIDGE * covariance.diagonal().mean() + 1e-9
    return torch.linalg.inv(covariance + ridge * torch.eye(len(covariance), dtype=z.dtype, device=z.device))


def distances(change: Tensor, everything: Tensor, metric: Tensor) -> tuple[Tensor, Tensor]:
    """Squared distances of pairs over twice the variance: in the features' own metric, and whitened.

    1 = as different as two images. The own metric weighs a direction by how loud it is; the whitened one asks as much
    of the quiet ones, so that what is ignored has to leave the features and not only become quieter than the rest.

    Args:
        change: (b, D), differences of features.
        everything: (n, D), centred features, with gradient, so that shrinking gains nothing.
        metric: (D, D), see :func:`precision`.
    """
    own = change.square().sum(1) / (2 * everything.square().sum(1).mean())
    whitened = ((change @ metric) * change).sum(1)
    return own, whitened / (2 * ((everything @ metric) * everything).sum(1).mean())


OWN = 0.5
"""Weight of the own metric in alignment and separation; the rest is the whitened one's."""


def alignment_loss(own: Tensor, whitened: Tensor) -> Tensor:
    """Variance of what differs between anchors and positives, over that of the features; >= 0.

    The estimate of V (:func:`core.measures.intraclass`) that one pair per image gives, for everything
    that the descriptor lets differ.

    Args:
        own, whitened: (b,), see :func:`distances`.
    """
    return OWN * own.mean() + (1 - OWN) * whitened.mean()


def separation_loss(own: Tensor, whitened: Tensor, weight: Tensor, target: Tensor, within: Tensor) -> Tensor:
    """How far third views miss the distance they should have, as a share of the distance between any two images.

    The counterpart of :func:`alignment_loss`: what the descriptor keeps has to move the features. InfoNCE
    asks for it too, but only relative to the positive, and a network satisfies it more easily by
    smoothing both pairs than by telling them apart. A hinge on squared distance as in the contrastive
    loss of Hadsell et al. (CVPR 2006, Eq. 4): beyond what the descriptor ignores the distance is at least ``target``,
    within it at most.

    Args:
        own, whitened: (b,), see :func:`distances`.
        weight: (b,) bool or in [0, 1]: which pairs count.
        target: (b,) in [0, 1]; 1 = as different as another image. See :func:`target_distance`.
        within: (b,) bool, pairs that differ in what the descriptor ignores.
    """
    missing = [torch.where(within, distance - target, target - distance).clamp(min=0) for distance in (own, whitened)]
    return (weight * (OWN * missing[0] + (1 - OWN) * missing[1])).mean()


def target_distance(change: Tensor, ignored: Tensor, margin: float, ramp: float) -> Tensor:
    """Distance that two views should have, in [0, margin]: half of the margin where they differ by what is ignored.

    It rises from 0 to ``margin`` over ``ramp`` on either side, so that a slider at i ignores changes up to i
    (:mod:`core.measures.onset`). Above i = 0.75 the rise leaves the range, and at i = 1 no change counts.

    Args:
        change: (b,) in [0, 1], share of the range.
        ignored: (b,) coordinate i of the axis in which they differ.
        margin, ramp: see above; a ramp of 0 is a step.
    """
    if ramp == 0:
        return margin * (change > ignored)
    middle = ignored + (ignored - 0.75).clamp(min=0) * 4 * ramp
    return margin * (0.5 + (change - middle) / (2 * ramp)).clamp(0, 1)


def content_loss(predicted: Tensor, content: Tensor) -> Tensor:
    """Mean squared error of what a linear layer tells of the untransformed picture, whatever the descriptor.

    Args:
        predicted: (n, M), from the features of views.
        content: (n, M), see :func:`core.pretraining.content.content_of`.
    """
    return (predicted - content).square().mean()


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


def erasure_loss(anchor: Tensor, positive: Tensor, shift: Tensor, descriptor: Tensor, metric: Tensor) -> Tensor:
    """What a linear reader of the feature change still learns about the factor change, weighted by i_k.

    Half the squared norm of the covariance between feature change and standardised factor change,
    summed over axes: at i_k = 1, the R2 with which the factor can be read linearly. It is estimated
    without bias by leaving out the products of a pair with itself, as the linear-kernel HSIC does
    (Song et al., JMLR 13, 2012, Eq. 5, for centred variables); the plain estimate would be of order
    D / b for pure noise. InfoNCE shrinks such directions; this term empties them.

    Args:
        anchor, positive: (b, D), standardised.
        shift: (b, K), position of the positive minus position of the anchor, in [-1, 1].
        descriptor: (K,).
        metric: (D, D), see :func:`precision`.
    """
    count = len(anchor)
    change = positive - anchor
    change = change - change.mean(0)
    shift = shift - shift.mean(0)
    shift = shift / shift.square().mean(0).clamp(min=1e-3).sqrt()
    together = shift.T @ change  # (K, D)
    everything = ((together @ metric) * together).sum(1)
    themselves = shift.square().T @ ((change @ metric) * change).sum(1)
    return 0.5 * (descriptor * (everything - themselves)).sum() / (count * (count - 1))
