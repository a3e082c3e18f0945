"""A task's images as a model's tail takes them: prepared once for all steps, methods and descriptors."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from ..measures.response import Images, in_batches
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Split, Task


def prepared(model: AmortisedExtractor, task: Task, *, test: bool = True) -> Task:
    """The task with its images prepared; the same task if they are, by the model's backbone.

    Whoever runs several things on one task asks once and hands the result on.

    Args:
        test: also those of the test split, which nothing but the final score looks at.
    """
    splits = {name: getattr(task, name) for name in ("train", "validation", *(["test"] if test else []))}
    missing = {name: split for name, split in splits.items() if not _ready(model, split)}
    if not missing:
        return task
    return replace(
        task, **{name: replace(split, prepared=model.prepare(split.pixels)) for name, split in missing.items()}
    )


def labelled_alone(model: AmortisedExtractor, task: Task) -> Task:
    """The task prepared, and without its test images: all that a fit looks at, and no more to send to a cluster."""
    return prepared(model, replace(task, test=task.test.at(slice(0))), test=False)


def inputs_of(model: AmortisedExtractor, split: Split) -> Images:
    """What a model's features are computed from: the prepared images, or the pixels where there are none."""
    return split.prepared if split.prepared is not None and _ready(model, split) else split.pixels


def features_of(model: AmortisedExtractor, split: Split, descriptor: tuple[float, ...]) -> Tensor:
    """Features (N, D) of a split, in batches; where its images are."""
    weights = model.frozen_weights(descriptor)
    found = in_batches(lambda images: model.features_with(images, weights), inputs_of(model, split))
    return found.to(split.images.device)


def _ready(model: AmortisedExtractor, split: Split) -> bool:
    return split.prepared is not None and split.prepared.by == model.prepares
