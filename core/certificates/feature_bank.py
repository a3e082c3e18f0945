"""Certificates of a head at i = 0.5 and of the fitted descriptor, for the first n images of a sample.

Features of all images under every candidate are computed once; then any n, and both priors, take about a second.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from threading import RLock
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..adaptation.head import evidence
from ..axes.descriptor import corners
from ..backbones import Prepared
from ..backbones.base import joined
from ..bounds.certificate import Certificate, certify
from ..bounds.gibbs import gibbs_risk
from ..bounds.operating_points import PRIORS, OperatingPoint, point_of
from ..bounds.posterior import Inputs, prior_head
from ..bounds.rademacher import margin_bound
from ..measures.response import in_batches
from ..model.amortised import AmortisedExtractor
from .independent_images import Sample

HEAD, OURS = "head", "fitted descriptor"
_BLOCK = 40


@dataclass(frozen=True)
class Row:
    """One method, certified.

    Attributes:
        labels: labelled images in all; with half of them behind the prior, the other half is certified.
        point: certified risk, fit and complexity.
        descriptor: K coordinates, or ``None`` where the extractor itself is fitted.
        held_out_bound: the yardstick: with the certified images as an ordinary test set, the error of the prior
            images' head is at most so much (Clopper and Pearson, at the same delta). ``None`` without prior images.
        conditions: under which the certificate holds, as sentences.
        uniform: the papers' kind of bound in its margin version, for an ordinary head fitted to all n images (see
            :func:`core.bounds.rademacher.margin_bound`); above 1 it says nothing. With an initial prior only.
    """

    labels: int
    point: OperatingPoint
    descriptor: tuple[float, ...] | None
    held_out_bound: float | None
    conditions: tuple[str, ...]
    uniform: float | None = None

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "point": self.point.document()}

    @classmethod
    def of(cls, document: dict[str, Any]) -> Row:
        """Back from JSON.

        Raises:
            KeyError, TypeError, ValueError: it is not the document of a row.
        """
        point = {name: document["point"][name] for name in OperatingPoint.__dataclass_fields__}
        where = document["descriptor"]
        return cls(
            int(document["labels"]),
            OperatingPoint(**point),
            None if where is None else tuple(map(float, where)),
            document["held_out_bound"],
            tuple(map(str, document["conditions"])),
            document["uniform"],
        )


class FeatureBank:
    """Features of a sample under i = 0.5 and under every candidate; computed as far as they are asked for.

    Safe to be shared by threads. A progress function may raise to interrupt; what is done is kept.

    Args:
        model: the amortised extractor.
        sample: whose images are looked at.
        candidates: (m, K) of the fitted descriptor, fixed beforehand; default: all corners.
    """

    def __init__(self, model: AmortisedExtractor, sample: Sample, candidates: Tensor | None = None) -> None:
        self.model, self.sample = model, sample
        axes = len(model.transforms)
        self.candidates = corners(axes) if candidates is None else candidates
        self._points = torch.cat([torch.full((1, axes), 0.5), self.candidates])
        self._blocks: list[Tensor] = []
        self._tests: dict[int, Tensor] = {}
        self._prepared: list[Prepared] = []
        self._lock = RLock()

    @property
    def ready(self) -> int:
        """For how many images everything is computed."""
        return min(_BLOCK * len(self._blocks), len(self.sample.labelled))

    @property
    def kept(self) -> tuple[Any, ...]:
        """What it holds that takes room: images and features."""
        return (self.sample, tuple(self._blocks), self._tests.copy(), tuple(self._prepared))

    def prepare(self, n: int, progress: Callable[[float], None] | None = None) -> None:
        """Compute what is missing for the first n images; progress is called with the share done."""
        labelled = self.sample.labelled
        with self._lock:
            while (done := _BLOCK * len(self._blocks)) < n:
                rows = torch.arange(done, min(done + _BLOCK, len(labelled)))
                piece, found = self.model.prepare(labelled.at(rows).pixels), []
                for number, point in enumerate(self._points):
                    found.append(self._features(piece, point))
                    if progress:
                        progress(min((done + len(piece) * (number + 1) / len(self._points)) / n, 1.0))
                self._blocks.append(torch.stack(found))

    def features(self, number: int, rows: Tensor) -> Tensor:
        """(len(rows), D) under a candidate; number 0 is i = 0.5."""
        self.prepare(int(rows.max()) + 1)
        return torch.cat([block[number] for block in self._blocks])[rows]

    def test(self, number: int) -> Tensor:
        """Features of the test images."""
        with self._lock:
            if number not in self._tests:
                self._tests[number] = self._features(self.prepare_tests(), self._points[number])
            return self._tests[number]

    def descriptor(self, number: int) -> tuple[float, ...]:
        """K coordinates of a candidate."""
        return tuple(self._points[number].tolist())

    def uniform(self, number: int, n: int) -> float:
        """See :class:`Row`."""
        targets, inputs = self.sample.labelled.targets[:n], Inputs()
        features = inputs(self.features(number, torch.arange(n)).double())
        head, _ = prior_head(features, targets, self.sample.classes)
        count = len(self.candidates) if number else 1
        return margin_bound(features, targets, head, self.sample.classes, count).value

    def best(self, rows: Tensor) -> int:
        """The candidate whose head has the largest evidence on these images."""
        targets = F.one_hot(self.sample.labelled.targets[rows], self.sample.classes).double()
        scores = [float(evidence(self.features(number + 1, rows), targets)) for number in range(len(self.candidates))]
        return 1 + scores.index(max(scores))

    def prepare_tests(self, progress: Callable[[int, int], None] | None = None) -> Prepared:
        """Prepare the test images; progress is called with how many are prepared, and with how many there are."""
        with self._lock:
            total, done = len(self.sample.test), sum(map(len, self._prepared))
            while done < total:
                if progress:
                    progress(done, total)
                piece = self.sample.test.at(slice(done, done + _BLOCK))
                self._prepared.append(self.model.prepare(piece.pixels))
                done += len(piece)
            self._prepared = [joined(self._prepared)]
            return self._prepared[0]

    def _features(self, images: Prepared, point: Tensor) -> Tensor:
        found = in_batches(lambda piece: self.model.features(piece, point), images)
        return found.to(self.sample.labelled.targets.device)


def exact_rows(bank: FeatureBank, n: int, delta: float = 0.05, priors: tuple[str, ...] = PRIORS) -> Iterator[Row]:
    """Certify head and fitted descriptor on the first n images of a bank's sample.

    With prior "half", one half of the images chooses descriptor and prior, which costs nothing, and the other is
    certified. With "initial", all n choose the descriptor, which costs ln m nats, and all are certified.

    Yields:
        For each prior, the head's row and then the fitted descriptor's.

    Raises:
        ValueError: see :meth:`core.certificates.independent_images.Sample.halves`.
    """
    first, second = bank.sample.halves(n)
    every = torch.arange(n)
    for prior in priors:
        half = prior == "half"
        for method in (HEAD, OURS):
            chosen = 0 if method == HEAD else bank.best(first if half else every)
            price = math.log(len(bank.candidates)) if chosen and not half else 0.0
            targets = bank.sample.labelled.targets
            found = certify(
                bank.features(chosen, first) if half else None,
                targets[first] if half else None,
                bank.features(chosen, second if half else every),
                targets[second if half else every],
                bank.sample.classes,
                descriptor_nats=price,
                delta=delta,
            )
            about = bank.sample.conditions(n, prior)
            yield _row(method, n, bank, chosen, found, about, None if half else bank.uniform(chosen, n))


def _row(
    method: str,
    n: int,
    bank: FeatureBank,
    chosen: int,
    found: Certificate,
    about: tuple[str, ...],
    uniform: float | None,
) -> Row:
    held_out = gibbs_risk(*found.outputs(bank.test(chosen)), bank.sample.test.targets)
    where = bank.descriptor(chosen)
    point = point_of(method, found, held_out, axes=len(where) if chosen else 0)
    return Row(n, point, where, found.held_out_exact, (*found.conditions, *about), uniform)
