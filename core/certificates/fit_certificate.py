"""The certificate of a fit that used every label for its descriptor: the descriptor is paid for."""

from __future__ import annotations

from ..adaptation.inputs import features_of, prepared
from ..adaptation.reading import weighed
from ..bounds.certificate import certify
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Task
from .feature_bank import LEVELS, grid_of
from .independent_images import sample_of
from .labelled_images import CertifiedFit


def certify_fit(
    model: AmortisedExtractor, task: Task, descriptor: tuple[float, ...], *, delta: float = 0.05, seed: int = 0
) -> CertifiedFit:
    """Certify a descriptor that may have been fitted to all labelled images of a task.

    The descriptor is snapped to a grid that was fixed beforehand, and ln of the grid's size is paid for it; in
    return it may depend on the certified images in any way. The head is fitted anew at the snapped point: its prior
    to one half of the images, and the other half is certified.

    Args:
        descriptor: K numbers in [0, 1].
        seed: of the halves.

    Returns:
        The snapped descriptor and its certificate; its conditions say what it is about.

    Raises:
        ValueError: the task measures a quantity, or has fewer than two different images of a class.
    """
    sample = sample_of(prepared(model, task, test=False), seed)
    first, second = sample.halves(len(sample.labelled))
    grid = grid_of(model)
    point = grid.snap(descriptor)
    features = weighed(model, features_of(model, sample.labelled, point))
    targets = sample.labelled.targets
    found = certify(
        features[first], targets[first], features[second], targets[second], sample.classes,
        descriptor_nats=grid.nats, delta=delta,
    )  # fmt: skip
    return CertifiedFit(point, LEVELS ** len(point), found, sample.conditions(len(sample.labelled), paid=True))
