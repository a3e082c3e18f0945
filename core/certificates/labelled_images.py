"""Certify a model on labelled images: choose the descriptor on one half, certify on the other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from ..adaptation.head import evidence
from ..axes.descriptor import corners
from ..backbones import Prepared
from ..bounds.certificate import Certificate, certify
from ..bounds.checks import check_count
from ..bounds.gibbs import gibbs_risk
from ..measures.response import Images, in_batches
from ..model.amortised import AmortisedExtractor

Progress = Callable[[float], None]


@dataclass(frozen=True)
class CertifiedFit:
    """A descriptor (K numbers) that was chosen among ``candidates``, with the certificate of the head on it.

    ``about``: further sentences on what it is about.
    """

    descriptor: tuple[float, ...]
    candidates: int
    certificate: Certificate
    about: tuple[str, ...] = ()

    def held_out(self, model: AmortisedExtractor, images: Images, labels: Tensor) -> float:
        """Error of the certified stochastic classifier on other images: the risk that the bound is about, estimated."""
        features = in_batches(lambda piece: model.features(piece, self.descriptor), images).to(labels.device)
        return gibbs_risk(*self.certificate.outputs(features), labels)


def halves(count: int, seed: int, share: float = 0.5) -> tuple[Tensor, Tensor]:
    """Random, disjoint indices of the prior images (a share of all) and of the certified ones.

    Raises:
        ValueError: fewer than four images, or a share that leaves one side empty.
    """
    check_count("The number of labelled images", count, 4)
    first = round(count * share)
    if not 0 < first < count:
        raise ValueError(f"A share of {share} leaves one half of {count} images empty. Take one in (0, 1).")
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    return order[:first], order[first:]


def choose_descriptor(
    model: AmortisedExtractor,
    images: Images,
    labels: Tensor,
    classes: int,
    candidates: Tensor | None = None,
    progress: Progress | None = None,
) -> tuple[float, ...]:
    """The candidate whose head has the largest evidence on these images.

    Args:
        images: (N, 3, H, W), or prepared. labels: (N,).
        candidates: (m, K) in [0, 1]; default: all corners.
        progress: called with the share done.
    """
    candidates = corners(len(model.transforms)) if candidates is None else candidates
    targets, prepared = F.one_hot(labels, classes).double(), _prepared(model, images)
    scores = []
    for number, point in enumerate(candidates):
        features = in_batches(partial(model.features, descriptor=point), prepared).to(labels.device)
        scores.append(float(evidence(features, targets)))
        if progress:
            progress((number + 1) / len(candidates))
    return tuple(candidates[scores.index(max(scores))].tolist())


def certify_images(
    model: AmortisedExtractor,
    images: Images,
    labels: Tensor,
    classes: int,
    *,
    prior: str = "half",
    candidates: Tensor | None = None,
    delta: float = 0.05,
    seed: int = 0,
    parts: tuple[Tensor, Tensor] | None = None,
    progress: Progress | None = None,
) -> CertifiedFit:
    """Choose a descriptor, fit a head and certify both.

    Args:
        images: (N, 3, H, W) or prepared, independent draws that the model was not trained on. labels: (N,).
        prior: "half": a random half of the images chooses descriptor and prior, which costs nothing, and
            the other half is certified. "initial": all images do both, and ln m nats are paid for the choice.
        candidates: (m, K), fixed beforehand; default: all corners.
        seed: of the halves.
        parts: indices of the prior images and of the certified ones, instead of random halves; they must not
            depend on what the certified images show.

    Raises:
        ValueError: too few images, labels out of range, or an unknown prior.
    """
    if prior not in ("half", "initial"):
        raise ValueError(f'The prior must be "half" or "initial"; got {prior!r}.')
    candidates = corners(len(model.transforms)) if candidates is None else candidates
    inputs = _prepared(model, images)

    def features(rows: Tensor, point: tuple[float, ...]) -> Tensor:
        return in_batches(partial(model.features, descriptor=point), inputs[rows]).to(labels.device)

    if prior == "initial":
        every = torch.arange(len(images))
        point = choose_descriptor(model, inputs, labels, classes, candidates, progress)
        nats = math.log(len(candidates))
        found = certify(None, None, features(every, point), labels, classes, descriptor_nats=nats, delta=delta)
    else:
        first, second = parts or halves(len(images), seed)
        point = choose_descriptor(model, inputs[first], labels[first], classes, candidates, progress)
        found = certify(
            features(first, point), labels[first], features(second, point), labels[second], classes, delta=delta
        )
    return CertifiedFit(point, len(candidates), found)


def _prepared(model: AmortisedExtractor, images: Images) -> Prepared:
    return images if isinstance(images, Prepared) else model.prepare(images)
