"""Of fits: their classifiers at work, what they said of a person's pictures, and what is made of them to take home."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from core.adaptation import Adapted
from core.adaptation.classifier import Answer, Classifier, check_outputs, classifier_of, seen
from core.adaptation.preferences import Slice
from core.model.amortised import AmortisedExtractor
from dashboard.cache.bounded import Bounded
from dashboard.jobs.bundle import BundleJob, PolicyJob
from dashboard.jobs.preparing import Preparing

_classifiers, _answers = Bounded(16 << 20), Bounded(16 << 20)
_bundles, _policies = Bounded(96 << 20), Bounded(1 << 20)


def fit_key(model: AmortisedExtractor, task: Preparing, adapted: Adapted) -> str:
    """What tells fits apart: the network, the task, and every number that was fitted."""
    head = adapted.head
    found = hashlib.sha256(repr((model.metadata.get("digest"), task.task.name, adapted.descriptor)).encode())
    for part in (head.weight, head.bias):
        found.update(part.contiguous().numpy().tobytes())
    return found.hexdigest()


def classifier(model: AmortisedExtractor, task: Preparing, adapted: Adapted, outputs: Tensor) -> Classifier:
    """The classifier of a fit.

    Args:
        model, task, adapted: the fit.
        outputs: (M, C) on the test images, as the page shows them.

    Raises:
        ValueError: the fit was made with another network.
    """

    def make() -> Classifier:
        ready = task.labelled()
        check_outputs(model, ready, adapted, outputs)
        return classifier_of(model, ready, adapted)

    return _classifiers.get(fit_key(model, task, adapted), make)


def answer(
    model: AmortisedExtractor, key: str, classifier: Classifier, content: bytes, name: str
) -> tuple[Tensor, Answer]:
    """A picture file as the network gets it, (3, S, S), and what a classifier with this key says of it.

    Raises:
        ValueError: it is no picture; a sentence that begins with ``name``.
    """

    def make() -> tuple[Tensor, Answer]:
        pixels = seen(content, name, model.input_size)
        return pixels, classifier.answers(model, pixels[None])[0]

    return _answers.get((key, hashlib.sha256(content).hexdigest()), make)


def bundle(key: str) -> BundleJob | None:
    """The packing of a fit's classifier, if somebody has asked for it."""
    found: BundleJob | None = _bundles.find(key)
    return found


def pack(
    model: AmortisedExtractor,
    task: Preparing,
    adapted: Adapted,
    outputs: Tensor,
    cuts: Sequence[Slice],
    settings: dict[str, Any],
    name: str,
    idle: Callable[[], None] = lambda: None,
) -> None:
    """Begin to pack a fit's classifier, unless that goes on; see :class:`dashboard.jobs.bundle.BundleJob`."""
    key = fit_key(model, task, adapted)
    old = bundle(key)
    if old is None or not (old.running or old.found()):
        _bundles.put(key, BundleJob(model, task, adapted, outputs, cuts, settings, name, idle))


def policy(
    model: AmortisedExtractor,
    task: Preparing,
    adapted: Adapted,
    cuts: Sequence[Slice],
    idle: Callable[[], None] = lambda: None,
) -> PolicyJob:
    """The augmentation policy of a fit, which is begun if nobody has asked for it yet."""
    key = fit_key(model, task, adapted)
    found: PolicyJob = _policies.get(key, lambda: PolicyJob(model, task, adapted, cuts, idle))
    return found
