"""What a training begins with: random weights, pretrained ones fitted to the images, or those of another model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from ..axes.transforms import Axis
from ..backbones.base import Prepared
from ..model.amortised import AmortisedExtractor
from .recipe import Recipe

CALIBRATION = 2048
"""Images that a tail is fitted to."""
DRAWS = 2
"""Of a strength on each axis, for each of them."""


def new_model(
    recipe: Recipe,
    axes: tuple[Axis, ...],
    images: Tensor,
    start: AmortisedExtractor | None = None,
    weights: Path | None = None,
) -> AmortisedExtractor:
    """A model to train.

    Args:
        recipe: whose seed and architecture count.
        axes: of the model.
        images: (N, 3, S, S), uint8; a pretrained backbone's tail is fitted to some of them.
        start: a model of the same architecture, all of whose weights are taken; or one whose backbone is a branch of
            the recipe's, see :attr:`core.backbones.base.Backbone.branches`, for which its weights are taken.
        weights: file of the backbone's pretrained weights.

    Raises:
        ValueError: see :func:`check_start` and :meth:`core.backbones.base.Backbone.calibrate`.
    """
    whole = start is not None and start.architecture == recipe.architecture
    model = AmortisedExtractor(recipe.architecture, axes, empty=whole, weights=weights)
    if start is not None and whole:
        model.load_state_dict(start.state_dict())
        return model
    if start is not None:
        model.hypernetwork.adopt(start.hypernetwork, f"{_branch(start, recipe)}.")
    model.calibrate(*shown_and_moved(model, images, recipe.seed))
    return model


def shown_and_moved(model: AmortisedExtractor, images: Tensor, seed: int) -> tuple[Prepared, Iterator[Prepared]]:
    """What :meth:`core.model.amortised.AmortisedExtractor.calibrate` takes, of some images (N, 3, S, S), uint8."""
    generator = torch.Generator().manual_seed(seed)
    some = images[torch.randperm(len(images), generator=generator)[:CALIBRATION]].float() / 255
    return model.prepare(some), _moved(model, some, generator)


def check_start(start: AmortisedExtractor, recipe: Recipe, axes: tuple[Axis, ...]) -> None:
    """Refuse a model that a run cannot begin with.

    Raises:
        ValueError: it has other axes, or another architecture whose backbone is no branch of the recipe's.
    """
    if start.transforms != axes or (start.architecture != recipe.architecture and not _branch(start, recipe)):
        names = ", ".join(axis.name for axis in start.transforms)
        raise ValueError(
            f"The model to start from has {start.architecture} and the axes {names}, which the run has not. "
            "Give the recipe its architecture, and the run its axes."
        )


def _branch(start: AmortisedExtractor, recipe: Recipe) -> str:
    """Name of the module that has the architecture of ``start``; empty: there is none."""
    mine, theirs = recipe.architecture, start.architecture
    if (mine.rank, mine.hidden) != (theirs.rank, theirs.hidden):
        return ""
    return next((name for name, each in mine.backbone.branches.items() if each == theirs.backbone), "")


def _moved(model: AmortisedExtractor, images: Tensor, generator: torch.Generator) -> Iterator[Prepared]:
    """The images along each axis alone, at strengths drawn from its whole range."""
    repeated = images.repeat_interleave(DRAWS, 0)
    for axis in model.transforms:
        magnitude = axis.low + axis.width * torch.rand(len(repeated), generator=generator)
        yield model.prepare(axis.apply(repeated, magnitude))
