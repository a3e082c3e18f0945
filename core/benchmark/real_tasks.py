"""Real tasks: the fitted descriptor beside fixed ones and the frozen backbone, all under one and the same head.

Scores are about features: whatever they come from, a ridge classifier on standardised features marks the test images,
its strength chosen by leave-one-out on the labelled ones. Nothing is chosen on test images.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from ..adaptation import Settings as FitSettings
from ..adaptation import features_of
from ..axes.transforms import Axis
from ..backbones import Prepared
from ..baselines import OURS, Outcome, run_method
from ..data import ImageSet
from ..measures.response import draw_magnitudes
from ..measures.shots import ridge_marks
from ..model.amortised import AmortisedExtractor
from ..tasks.draws import draw
from ..tasks.folders import grouped, read_labelled
from ..tasks.task import Split, Task

FROZEN = "frozen"
FIXED = {"i=0": 0.0, "i=0.5": 0.5, "i=1": 1.0}
"""Descriptors that nothing is fitted to, by the names that they have among the baselines."""

_PIECE = 256
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Settings:
    """How much is measured.

    Attributes:
        shots: labelled images a class.
        draws: of labelled images, each with a seed of its own; all other images are tested.
        corners: in how many of the draws all corners are searched, too.
        seed: of the first draw, and of the strengths by which images are moved.
    """

    shots: int = 20
    draws: int = 5
    corners: int = 5
    seed: int = 0


@dataclass(frozen=True)
class Pool:
    """The images of a task, each prepared once for all draws and methods.

    Attributes:
        name: of the task.
        data: the images, as they are tested: moved, if ``axis`` says so.
        groups: (N,), equal numbers for images that show the same picture.
        prepared: the N images as the model's tail takes them.
        axis: along which each image was moved at random, labelled and test alike; ``None``: not at all.
    """

    name: str
    data: ImageSet
    groups: Tensor
    prepared: Prepared
    axis: Axis | None = None

    def drawn(self, shots: int, seed: int) -> tuple[Task, Tensor, Tensor]:
        """A task as it is drawn from any folder, its images prepared already; rows of its labelled and test images."""
        numbered = replace(self.data, images=torch.arange(len(self.data.labels)))
        task = draw(numbered, self.groups, self.name, self.name, "", shots * len(self.data.classes), seed)
        labelled, tests = task.labelled.images, task.test.images
        train, validation, test = (self._split(each) for each in (task.train, task.validation, task.test))
        return replace(task, train=train, validation=validation, test=test), labelled, tests

    def features(self, model: AmortisedExtractor, descriptor: tuple[float, ...]) -> Tensor:
        """Features (N, D) of all images."""
        return features_of(model, Split(self.data.images, self.data.labels, self.prepared), descriptor)

    def _split(self, numbered: Split) -> Split:
        rows = numbered.images
        return Split(self.data.images[rows], numbered.targets, self.prepared[rows])


@dataclass(frozen=True)
class Marks:
    """What came out of one draw of one pool.

    Attributes:
        task: its name. axis: name of the axis along which the images were moved, or ``None``.
        draw: number, from 0. labels, tests: images.
        scores: accuracy on the test images by method, under the one ridge head.
        fit, corners: the fit, and the search of all corners if there was one, each with its own head and its seconds.
    """

    task: str
    axis: str | None
    draw: int
    labels: int
    tests: int
    scores: Mapping[str, float]
    fit: Outcome
    corners: Outcome | None = None


def measure(
    model: AmortisedExtractor, folder: Path, settings: Settings, progress: Progress = lambda text, share: None
) -> list[Marks]:
    """Every task of a folder, as it is and moved, in every draw.

    The images of task number n, by name, are moved along axis n, beginning again after the last axis.

    Args:
        model: any amortised extractor.
        folder: a folder of tasks, each a folder of classes.
        settings: how much.
        progress: called with what is done and the share that is done.

    Raises:
        ValueError: there is no task in the folder, or one cannot be drawn.
    """
    folders = tasks_in(folder)
    found: list[Marks] = []
    steps = 2 * len(folders) * settings.draws
    for number, each in enumerate(folders):
        progress(f"{each.name}: read and prepared", len(found) / steps)
        axis = model.transforms[number % len(model.transforms)]
        for pool in _pools(model, each, axis, settings.seed + number):
            features = {name: pool.features(model, (value,) * len(model.transforms)) for name, value in FIXED.items()}
            own = model.frozen_features(pool.prepared)
            if own is not None:
                features[FROZEN] = own.flatten(1)
            for place in range(settings.draws):
                found.append(_marks(model, pool, features, settings, place))
                progress(f"{each.name}{f', moved: {axis.name}' if pool.axis else ''}", len(found) / steps)
    return found


def _marks(
    model: AmortisedExtractor, pool: Pool, features: Mapping[str, Tensor], settings: Settings, place: int
) -> Marks:
    """One draw: the fit, and every method's features under the one head."""
    seed = settings.seed + place
    task, labelled, tests = pool.drawn(settings.shots, seed)
    fit = run_method(OURS, model, task, FitSettings(seed=seed))
    corners = run_method("corners", model, task, FitSettings(seed=seed)) if place < settings.corners else None
    assert fit.descriptor is not None
    scores = {}
    for name, each in {OURS: pool.features(model, fit.descriptor), **features}.items():
        right = ridge_marks(each[labelled], pool.data.labels[labelled], each[tests], pool.data.labels[tests])
        scores[name] = float(right.mean())
    axis = pool.axis.name if pool.axis else None
    return Marks(pool.name, axis, place, len(labelled), len(tests), scores, fit, corners)


def tasks_in(folder: Path) -> list[Path]:
    """The folders in a folder, by name.

    Raises:
        ValueError: there is none.
    """
    if not folder.is_dir():
        raise ValueError(f"There is no folder {folder}. Give a folder of tasks, each a folder of classes.")
    found = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    if not found:
        raise ValueError(f"{folder} has no task: no folder is in it. Give a folder of tasks, each a folder of classes.")
    return found


def moved_images(images: Tensor, axis: Axis, seed: int) -> Tensor:
    """Each of the images (N, 3, S, S), uint8, moved once along an axis, by strengths drawn over its whole range."""
    strengths = draw_magnitudes(axis, len(images), 1, seed)[:, 0]
    pieces = zip(images.split(_PIECE), strengths.split(_PIECE), strict=True)
    return torch.cat([(axis.apply(piece.float() / 255, t) * 255).round().byte() for piece, t in pieces])


def _pools(model: AmortisedExtractor, folder: Path, axis: Axis, seed: int) -> Iterator[Pool]:
    """As they are, then moved; one at a time, because prepared images are large."""
    data, groups, _ = grouped(read_labelled(folder, side=model.input_size), folder.name)
    yield Pool(folder.name, data, groups, _prepared(model, data.images))
    moved = moved_images(data.images, axis, seed)
    yield Pool(folder.name, replace(data, images=moved), groups, _prepared(model, moved), axis)


def _prepared(model: AmortisedExtractor, images: Tensor) -> Prepared:
    return model.prepare(images.float() / 255)
