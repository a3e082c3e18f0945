"""The loss of a step: groups of views, one descriptor each, and what their features must do.

Every random draw of a group comes from a generator seeded by (seed, step, group), so a run can be
resumed at any step without stored random states, and a group is the same whichever process works on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..axes.transforms import AXES, Axis
from ..model.amortised import AmortisedExtractor
from . import losses
from .pairs import Views, render, sample_axis, sample_descriptor, sample_views
from .recipe import Recipe


@dataclass(frozen=True)
class Group:
    """One descriptor (K,), its views and their pictures (3 b, 3, S, S)."""

    descriptor: Tensor
    views: Views
    pictures: Tensor


def draw_group(
    images: Tensor, recipe: Recipe, step: int, group: int, device: torch.device, axes: Sequence[Axis] = AXES
) -> Group:
    """Draw one group of a step from 8-bit images (N, 3, S, S); the same arguments give the same group."""
    pair = torch.Generator().manual_seed(_seed(recipe.seed, step, group // 2, 1))
    own = torch.Generator().manual_seed(_seed(recipe.seed, step, group, 0))
    axis, alone = sample_axis(recipe.views, pair, axes)
    descriptor = sample_descriptor(axis, recipe.views, pair, axes)
    if group % 2:  # opposite descriptors in one step: every axis is pulled both ways
        descriptor = 1 - descriptor
    chosen = torch.randint(len(images), (recipe.size,), generator=own)
    pictures = images[chosen].to(device).float() / 255
    views = sample_views(descriptor, recipe.size, recipe.views, own, axis if alone else None, axes)
    return Group(descriptor.to(device), views.to(device), render(pictures, views, own, axes))


def _seed(*parts: int) -> int:
    value = 0
    for part in parts:
        value = (value * 1_000_003 + part + 1) % 2**62
    return value


class Objective(nn.Module):
    """Model and factor reader; one forward is the loss of a step, so that it can be distributed."""

    def __init__(self, model: AmortisedExtractor, recipe: Recipe) -> None:
        super().__init__()
        self.model = model
        self.reader = nn.Linear(model.architecture.features, len(model.transforms))
        self.recipe = recipe

    def forward(self, groups: list[Group]) -> dict[str, Tensor]:
        """Loss terms averaged over groups; ``total`` is the one to minimise."""
        each = [self._terms(group) for group in groups]
        return {name: torch.stack([terms[name] for terms in each]).mean() for name in each[0]}

    def _terms(self, group: Group) -> dict[str, Tensor]:
        recipe, views, i = self.recipe, group.views, group.descriptor
        with torch.autocast(i.device.type, torch.bfloat16, enabled=fast_half(i.device)):
            features = self.model.extract(self.model.through_stem(group.pictures), self.model.weights(i))
        anchor, positive, negative = features.chunk(3)
        standard = losses.standardise(features)
        metric = losses.precision(standard)
        a, p, n = standard.chunk(3)
        scaled = [2 * u - 1 for u in (views.anchor, views.negative)]
        terms = {
            "contrastive": losses.contrastive_loss(
                anchor, positive, negative, views.weight, recipe.temperature, recipe.hardness
            ),
            "alignment": losses.alignment_loss(a, p, metric),
            "separation": losses.separation_loss(a, n, views.weight, metric, recipe.margin),
            "sensitivity": losses.factor_loss(
                (self.reader(anchor), self.reader(negative)), (scaled[0], scaled[1]), views.moved, i
            ),
            "variance": losses.variance_loss(torch.cat([anchor, positive])),
            "decorrelation": losses.decorrelation_loss(torch.cat([a, p])),
            "erasure": losses.erasure_loss(a, p, views.positive - views.anchor, i, metric),
        }
        terms["total"] = (
            recipe.contrastive * terms["contrastive"]
            + recipe.alignment * terms["alignment"]
            + recipe.separation * terms["separation"]
            + recipe.sensitivity * terms["sensitivity"]
            + recipe.variance * terms["variance"]
            + recipe.decorrelation * terms["decorrelation"]
            + recipe.erasure * terms["erasure"]
        )
        return terms


def fast_half(device: torch.device) -> bool:
    """Mixed precision where it is fast: CUDA, and CPUs with bfloat16 instructions."""
    return device.type == "cuda" or bool(torch.cpu.get_capabilities().get("avx512_bf16"))
