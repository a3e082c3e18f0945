"""Certificates of heads at i = 0.5 and at i = 0 and of the fitted descriptor, for the first n images of a sample.

The fitted descriptor is what gradient descent returns for all n labelled images (:func:`core.adaptation.adapt`),
rounded to a grid that was fixed beforehand; ln of the grid's size is paid for it, so all labels may have had a say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from threading import RLock
from typing import Any

import torch
from torch import Tensor

from ..adaptation import Fit, Settings
from ..adaptation.reading import weighed
from ..backbones import Prepared
from ..backbones.base import joined
from ..bounds.certificate import certify, held_out_bound
from ..bounds.gibbs import gibbs_risk
from ..bounds.nearest_mean import Alone, descriptor_alone
from ..bounds.operating_points import PRIORS, OperatingPoint, point_of
from ..bounds.pacbayes import Grid
from ..bounds.posterior import Inputs, prior_head
from ..bounds.rademacher import margin_bound
from ..measures.response import in_batches
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Split, Task, divide
from .independent_images import Sample

HEAD, KEPT, OURS = "head, i = 0.5", "head, i = 0", "fitted descriptor"
FIXED = {HEAD: 0.5, KEPT: 0.0}
"""Methods whose descriptor was fixed beforehand, so that nothing is paid for it, with the value of every coordinate."""
EXACT = (*FIXED, OURS)
"""Methods that are certified exactly, in the order of their rows; :data:`KEPT` is missing in files of before."""
_EARLIER = {"head": HEAD}
LEVELS = 6
"""Of a coordinate: 0, 0.2, ..., 1, so that corners are among them; the choice of K coordinates costs K ln 6 nats.
:data:`core.certificates.independent_images.LOOKS` says where another number was tried."""

_BLOCK = 40
_LOOKING = 0.3
"""Of the work: the images; the rest is fitting."""

Point = tuple[float, ...]


@dataclass(frozen=True)
class Row:
    """One method, certified.

    Attributes:
        labels: labelled images in all; with half of them behind the prior, the other half is certified.
        point: certified risk, fit and complexity.
        descriptor: K coordinates, or ``None`` where the extractor itself is fitted.
        held_out_bound: the yardstick: with the certified images as an ordinary test set, the error of what was fitted
            to the prior images alone, descriptor and head, is at most so much (Clopper and Pearson, at the same delta).
            ``None`` without prior images.
        conditions: under which the certificate holds, as sentences.
        uniform: the papers' kind of bound in its margin version, for an ordinary head fitted to all n images (see
            :func:`core.bounds.rademacher.margin_bound`); above 1 it says nothing. With an initial prior only.
        alone: the bound of the nearest class mean, which pays for the descriptor alone. With prior images only.
        returned: what gradient descent returned and ``descriptor`` is the rounding of; ``None`` if nothing was fitted.
    """

    labels: int
    point: OperatingPoint
    descriptor: tuple[float, ...] | None
    held_out_bound: float | None
    conditions: tuple[str, ...]
    uniform: float | None = None
    alone: Alone | None = None
    returned: tuple[float, ...] | None = None

    @property
    def vote(self) -> float:
        """Certified error of the majority vote, an ordinary classifier: twice that of the drawn head, at most 1."""
        return min(1.0, 2 * self.point.bound)

    def document(self) -> dict[str, Any]:
        """For JSON: the attributes with ``vote``."""
        return {**asdict(self), "point": self.point.document(), "vote": self.vote}

    @classmethod
    def of(cls, document: dict[str, Any]) -> Row:
        """Back from JSON.

        Raises:
            KeyError, TypeError, ValueError: it is not the document of a row.
        """
        point = {name: document["point"][name] for name in OperatingPoint.__dataclass_fields__}
        point["method"] = _EARLIER.get(point["method"], point["method"])
        alone = document.get("alone")  # files from before there were such certificates have none
        return cls(
            int(document["labels"]),
            OperatingPoint(**point),
            _numbers(document["descriptor"]),
            document["held_out_bound"],
            tuple(map(str, document["conditions"])),
            document["uniform"],
            None if alone is None else Alone(**alone),
            _numbers(document.get("returned")),
        )


def _numbers(values: Sequence[float] | None) -> tuple[float, ...] | None:
    return None if values is None else tuple(map(float, values))


def grid_of(model: AmortisedExtractor) -> Grid:
    """The descriptors that a certificate can be about."""
    return Grid(LEVELS, len(model.transforms))


class FeatureBank:
    """Images of a sample as the model's tail takes them, fits to them, and their features; made as they are asked for.

    Safe to be shared by threads. A progress function may raise to interrupt; what is done is kept.

    Args:
        model: the amortised extractor.
        sample: whose images are looked at.
        settings: of the fits.
    """

    def __init__(self, model: AmortisedExtractor, sample: Sample, settings: Settings | None = None) -> None:
        self.model, self.sample, self.settings = model, sample, settings or Settings()
        self.grid = grid_of(model)
        self._blocks: list[Prepared] = []
        self._tests: list[Prepared] = []
        self._fits: dict[tuple[int, ...], Point] = {}
        self._found: dict[Point, Tensor] = {}
        self._lock = RLock()

    @property
    def ready(self) -> int:
        """How many images are looked at."""
        return sum(map(len, self._blocks))

    @property
    def kept(self) -> tuple[Any, ...]:
        """What it holds that takes room: images and features."""
        return (self.sample, tuple(self._blocks), tuple(self._tests), self._found.copy())

    def prepare(self, n: int, progress: Callable[[float], None] | None = None) -> None:
        """Look at the first n images and fit to them; progress is called with the share done."""
        tell = progress or (lambda share: None)
        with self._lock:
            while self.ready < n:
                self._look()
                tell(_LOOKING * min(self.ready / n, 1.0))
            first, _ = self.sample.halves(n)
            for number, rows in enumerate((torch.arange(n), first)):
                share = _LOOKING + (1 - _LOOKING) * number / 2
                self.fitted(rows, lambda part, done=share: tell(done + part * (1 - _LOOKING) / 2))  # type: ignore[misc]
            tell(1.0)

    def _look(self) -> None:
        done = self.ready
        rows = torch.arange(done, min(done + _BLOCK, len(self.sample.labelled)))
        self._blocks.append(self.model.prepare(self.sample.labelled.at(rows).pixels))

    def fitted(self, rows: Tensor, progress: Callable[[float], None] | None = None) -> Point:
        """What gradient descent returns for these labelled images; not rounded."""
        with self._lock:
            key = tuple(rows.tolist())
            if key not in self._fits:
                fit = Fit(self.model, self._task(rows), self.settings)
                most = self.settings.steps * self.settings.restarts
                while not fit.done:
                    fit.advance()
                    if progress:
                        progress(min(fit.state.total / most, 1.0))
                self._fits[key] = fit.finish().descriptor
            return self._fits[key]

    def _task(self, rows: Tensor) -> Task:
        labelled, names = self._labelled(rows), self.sample.names
        generator = torch.Generator().manual_seed(self.settings.seed)
        train, validation = divide(labelled.targets, generator, classes=len(names))
        return Task("", "", labelled.at(train), labelled.at(validation), self.sample.test, names)

    def _labelled(self, rows: Tensor) -> Split:
        while self.ready <= int(rows.max()):
            self._look()
        kept = self.sample.labelled
        return Split(kept.images[rows], kept.targets[rows], joined(self._blocks)[rows])

    def features(self, point: Point, rows: Tensor) -> Tensor:
        """(len(rows), D) under a descriptor."""
        with self._lock:
            prepared = self._labelled(rows).prepared
            assert prepared is not None
            return self._features(prepared, point)

    def test(self, point: Point) -> Tensor:
        """Features of the test images."""
        with self._lock:
            if point not in self._found:
                self._found[point] = self._features(self.prepare_tests(), point)
            return self._found[point]

    def uniform(self, point: Point, n: int, candidates: int) -> float:
        """See :class:`Row`; ``candidates`` is the number of descriptors that there were to choose from."""
        targets, inputs = self.sample.labelled.targets[:n], Inputs()
        features = inputs(weighed(self.model, self.features(point, torch.arange(n))).double())
        head, _ = prior_head(features, targets, self.sample.classes)
        return margin_bound(features, targets, head, self.sample.classes, candidates).value

    def prepare_tests(self, progress: Callable[[int, int], None] | None = None) -> Prepared:
        """Prepare the test images; progress is called with how many are prepared, and with how many there are."""
        with self._lock:
            total, done = len(self.sample.test), sum(map(len, self._tests))
            while done < total:
                if progress:
                    progress(done, total)
                piece = self.sample.test.at(slice(done, done + _BLOCK))
                self._tests.append(self.model.prepare(piece.pixels))
                done += len(piece)
            self._tests = [joined(self._tests)]
            return self._tests[0]

    def _features(self, images: Prepared, point: Point) -> Tensor:
        weights = self.model.frozen_weights(point)
        found = in_batches(lambda piece: self.model.features_with(piece, weights), images)
        return found.to(self.sample.labelled.targets.device)


def exact_rows(bank: FeatureBank, n: int, delta: float = 0.05, priors: tuple[str, ...] = PRIORS) -> Iterator[Row]:
    """Certify the methods of :data:`EXACT` on the first n images of a bank's sample.

    The fitted descriptor is that of all n images, and paid for. With prior "half", one half of the images gives the
    prior and the other is certified; with "initial", all are certified and no label gives the prior.

    Yields:
        For each prior, the rows in the order of :data:`EXACT`.

    Raises:
        ValueError: see :meth:`core.certificates.independent_images.Sample.halves`.
    """
    first, second = bank.sample.halves(n)
    every = torch.arange(n)
    targets, classes = bank.sample.labelled.targets, bank.sample.classes
    returned = bank.fitted(every)
    points = {method: (value,) * len(returned) for method, value in FIXED.items()} | {OURS: bank.grid.snap(returned)}
    tests, heard = bank.sample.test.targets, partial(weighed, bank.model)
    for prior in priors:
        half = prior == "half"
        for method, point in points.items():
            ours = method == OURS
            price = bank.grid.nats if ours else 0.0
            rows = second if half else every
            ahead, post = bank.features(point, first), bank.features(point, rows)
            found = certify(
                heard(ahead) if half else None, targets[first] if half else None, heard(post), targets[rows], classes,
                descriptor_nats=price, delta=delta,
            )  # fmt: skip
            fresh = (bank.test(point), tests) if len(tests) else None
            plain, alone, uniform = None, None, None
            if half:
                plain = _held_out(bank, first, second, delta) if ours else found.held_out_exact
                alone = descriptor_alone(
                    ahead, targets[first], post, targets[rows], classes, nats=price, delta=delta, fresh=fresh
                )
            else:
                uniform = bank.uniform(point, n, LEVELS ** len(point) if ours else 1)
            about = (*found.conditions, *bank.sample.conditions(n, prior, paid=ours))
            risk = gibbs_risk(*found.outputs(heard(fresh[0])), tests) if fresh else None
            measured = point_of(method, found, risk, axes=len(point) if ours else 0)
            yield Row(n, measured, point, plain, about, uniform, alone, returned if ours else None)


def _held_out(bank: FeatureBank, first: Tensor, second: Tensor, delta: float) -> float:
    """Of what the first half alone has fitted: its descriptor needs no rounding, because nothing is paid for it."""
    point, targets = bank.fitted(first), bank.sample.labelled.targets
    features = (weighed(bank.model, bank.features(point, rows)) for rows in (first, second))
    return held_out_bound(next(features), targets[first], next(features), targets[second], bank.sample.classes, delta)
