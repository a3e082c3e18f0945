"""The certificate of a fit: how often its head can be wrong on new images, at most, and under which conditions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .checks import check_at_least, check_delta, check_sample
from .holdout import chernoff, occam
from .pacbayes import Divergence
from .posterior import DEVIATIONS, Inputs, Posterior, best_around, best_from_zero, prior_head


@dataclass(frozen=True)
class Certificate:
    """An upper bound on the risk of a *stochastic* classifier: the head is drawn anew for each image.

    Attributes:
        bound: certified risk; with probability at least 1 - delta over the examples, the risk is no larger.
        gibbs: its empirical risk on the n certified examples.
        kl: nats from the prior to the posterior.
        n: certified examples. seen: examples that chose the prior.
        delta: probability that the bound fails.
        priors: J, the number of prior deviations that were paid for.
        chance: error on the certified examples of always naming their most frequent class.
        error: share of them that the centre of the posterior, an ordinary head, gets wrong; not certified.
        held_out, held_out_exact: the yardstick: Chernoff's and Clopper and Pearson's bounds for the ordinary
            head of the prior examples, with the certified ones as its test; where these had a say in the descriptor, it
            is paid for there, too (see :func:`core.bounds.holdout.occam`). ``None`` without prior examples.
        conditions: under which the bound holds, as sentences.
        head: centre of the posterior, (D + 1, C). deviation: of every weight. inputs: what the head acts on.
    """

    bound: float
    gibbs: float
    kl: Divergence
    n: int
    seen: int
    delta: float
    priors: int
    chance: float
    error: float
    held_out: float | None
    held_out_exact: float | None
    conditions: tuple[str, ...]
    head: Tensor
    deviation: float
    inputs: Inputs

    @property
    def vacuous(self) -> bool:
        """Whether naming the most frequent class every time would do as well as what is certified."""
        return self.bound >= self.chance

    @property
    def vote_bound(self) -> float:
        """Certified risk of the deterministic majority vote: twice the bound, at most 1 (Langford and Shawe-Taylor)."""
        return min(1.0, 2 * self.bound)

    def outputs(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Mean outputs (N, C) and their deviation (N,) for features (N, D), as :mod:`core.bounds.gibbs` takes them."""
        inputs = self.inputs(features.double())
        return inputs @ self.head, self.deviation * inputs.norm(dim=1)


def certify(
    features_prior: Tensor | None,
    labels_prior: Tensor | None,
    features_post: Tensor,
    labels_post: Tensor,
    classes: int,
    *,
    descriptor_nats: float = 0.0,
    delta: float = 0.05,
) -> Certificate:
    """Certify descriptor and head by PAC-Bayes (see :mod:`core.bounds.pacbayes`) with exact Gibbs risk.

    With prior examples the prior is centred at their head, and the bound is about the others. Without,
    it is centred at 0 and the bound is about all; that costs hundreds of nats for a head that separates
    many classes.

    Args:
        features_prior: (M, D) under the chosen descriptor, or ``None`` for a data-free prior.
        labels_prior: (M,), or ``None``.
        features_post: (N, D) under the same descriptor.
        labels_post: (N,), in [0, classes).
        classes: C.
        descriptor_nats: price of the descriptor: 0 if the prior examples or nothing at all chose it,
            ``Grid(q, K).nats`` or ln of the number of candidates if the certified ones had a say.
        delta: probability that the bound fails.

    Raises:
        ValueError: one half of the prior examples is missing, shapes that do not fit, labels or numbers
            out of range.
    """
    check_delta(delta)
    nats = check_at_least("descriptor_nats", descriptor_nats)
    post, labels = check_sample(features_post, labels_post, classes)
    if (features_prior is None) != (labels_prior is None):
        raise ValueError("Prior examples need both features and labels; one of the two is missing.")
    if features_prior is None or labels_prior is None:
        inputs = Inputs()
        chosen = best_from_zero(inputs(post), labels, classes, nats, delta)
        return _certificate(chosen, inputs, post, labels, nats, delta, seen=0, priors=1, wrong=None)
    prior, known = check_sample(features_prior, labels_prior, classes, "Prior features")
    if prior.shape[1] != post.shape[1]:
        raise ValueError(
            f"Prior features have {prior.shape[1]} numbers, the others {post.shape[1]}; use one extractor."
        )
    if len(known.unique()) < 2:
        raise ValueError("The prior examples have a single class, so no head can be fitted. Add examples of another.")
    inputs = Inputs.of(prior)
    centre, penalty = prior_head(inputs(prior), known, classes)
    chosen = best_around(centre, penalty, inputs(post), labels, nats, delta)
    wrong = int((inputs(post) @ centre).argmax(1).ne(labels).sum())
    return _certificate(chosen, inputs, post, labels, nats, delta, seen=len(prior), priors=len(DEVIATIONS), wrong=wrong)


def held_out_bound(
    features_prior: Tensor,
    labels_prior: Tensor,
    features_post: Tensor,
    labels_post: Tensor,
    classes: int,
    delta: float = 0.05,
) -> float:
    """The yardstick alone: Clopper and Pearson's bound for the ordinary head of the prior examples.

    Arguments as in :func:`certify`; the descriptor was chosen without the examples of ``features_post``.
    """
    prior, known = check_sample(features_prior, labels_prior, classes, "Prior features")
    post, labels = check_sample(features_post, labels_post, classes)
    inputs = Inputs.of(prior)
    centre, _ = prior_head(inputs(prior), known, classes)
    return occam(int((inputs(post) @ centre).argmax(1).ne(labels).sum()), len(labels), 0.0, delta)


def _certificate(
    chosen: Posterior,
    inputs: Inputs,
    features: Tensor,
    labels: Tensor,
    nats: float,
    delta: float,
    *,
    seen: int,
    priors: int,
    wrong: int | None,
) -> Certificate:
    n = len(labels)
    return Certificate(
        bound=chosen.bound,
        gibbs=chosen.gibbs,
        kl=Divergence(nats, max(chosen.kl - nats, 0.0)),
        n=n,
        seen=seen,
        delta=delta,
        priors=priors,
        chance=1 - float(torch.bincount(labels).max()) / n,
        error=float((inputs(features) @ chosen.centre).argmax(1).ne(labels).double().mean()),
        held_out=None if wrong is None else chernoff(wrong, n, delta * math.exp(-nats)),
        held_out_exact=None if wrong is None else occam(wrong, n, nats, delta),
        conditions=conditions_of(n, seen, nats, delta),
        head=chosen.centre,
        deviation=chosen.deviation,
        inputs=inputs,
    )


def conditions_of(
    n: int, seen: int, nats: float, delta: float, drawn: str = "head", descriptor: bool = True
) -> tuple[str, ...]:
    """Under which a certificate holds, as sentences.

    Args:
        n, seen, delta: see :class:`Certificate`. nats: paid for the descriptor.
        drawn: what is drawn anew for each image.
        descriptor: whether there is one.
    """
    if not descriptor:
        chosen: tuple[str, ...] = ()
    elif nats:
        chosen = (f"The descriptor is one of a finite set that was fixed beforehand; its choice cost {nats:.1f} nats.",)
    elif seen:
        chosen = (f"The descriptor was chosen without the {n:,} certified images.",)
    else:
        chosen = ("The descriptor was fixed before any of the images was seen.",)
    subject = "The extractor was not trained" if descriptor else "The weights it started from were not trained"
    return (
        f"The {n:,} certified images are independent draws; the bound is about images drawn in the same way.",
        f"{subject} on the certified images, nor was that training adjusted to them.",
        *chosen,
        f"The {seen:,} images behind the prior were set aside at random."
        if seen
        else f"The prior over {drawn}s was fixed before any of the images was seen.",
        f"It is about a {drawn} drawn anew for each image; the majority vote is only certified at twice the bound.",
        f"It fails for at most {share(delta)} of the samples that could have been drawn.",
    )


def share(value: float) -> str:
    """A rate in per cent, to a tenth at most; the space before the sign does not break."""
    return f"{round(100 * value, 1):g}\u00a0%"
