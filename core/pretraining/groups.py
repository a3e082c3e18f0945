"""Groups of views under one descriptor each: what a training step sees.

Every random draw of a group comes from a generator seeded by (seed, step, group), so a run can be
resumed at any step without stored random states, and a group is the same whichever process works on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..axes.transforms import AXES, Axis
from ..backbones.base import Prepared
from ..model.amortised import AmortisedExtractor
from .half import fast_half
from .pairs import Views, render, sample_axis, sample_descriptor, sample_views
from .recipe import Recipe


@dataclass(frozen=True)
class Drawn:
    """What chance says about a group: descriptor (K,), rows (b,) of its images, and where its views lie."""

    descriptor: Tensor
    chosen: Tensor
    views: Views


@dataclass(frozen=True)
class Group:
    """One descriptor (K,), its views, their 3 b pictures as a tail takes them, and the rows (b,) of their images."""

    descriptor: Tensor
    views: Views
    prepared: Prepared
    chosen: Tensor


def draw(
    count: int, recipe: Recipe, step: int, group: int, axes: Sequence[Axis] = AXES
) -> tuple[Drawn, torch.Generator]:
    """Draw one group of a step among ``count`` images; the generator goes on with what remains to be drawn."""
    pair = torch.Generator().manual_seed(_seed(recipe.seed, step, group // 2, 1))
    own = torch.Generator().manual_seed(_seed(recipe.seed, step, group, 0))
    axis, alone = sample_axis(recipe.views, pair, axes)
    descriptor = sample_descriptor(axis, recipe.views, pair, axes)
    if group % 2:  # opposite descriptors in one step: every axis is pulled both ways
        descriptor = 1 - descriptor
    chosen = torch.randint(count, (recipe.size,), generator=own)
    views = sample_views(descriptor, recipe.size, recipe.views, own, axis if alone else None, axes)
    return Drawn(descriptor, chosen, views), own


def draw_group(images: Tensor, recipe: Recipe, step: int, group: int, model: AmortisedExtractor) -> Group:
    """Draw one group of a step from 8-bit images (N, 3, S, S), where the model is; always the same one."""
    return show(images, *draw(len(images), recipe, step, group, model.transforms), model)


def show(images: Tensor, drawn: Drawn, generator: torch.Generator, model: AmortisedExtractor) -> Group:
    """The views of what was drawn among 8-bit images (N, 3, S, S), through the stem, where the model is."""
    device = next(model.parameters()).device
    pictures = images[drawn.chosen.to(images.device)].to(device).float() / 255
    pictures = render(pictures, drawn.views, generator, model.transforms)
    with torch.autocast(device.type, torch.bfloat16, enabled=fast_half(device)):
        prepared = model.prepare(pictures)
    prepared = Prepared(tuple(part.float() for part in prepared.parts), prepared.by)
    return Group(drawn.descriptor.to(device), drawn.views.to(device), prepared, drawn.chosen)


def _seed(*parts: int) -> int:
    value = 0
    for part in parts:
        value = (value * 1_000_003 + part + 1) % 2**62
    return value
