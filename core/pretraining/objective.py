"""The loss of a step: groups of views, one descriptor each, and what their features must do."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..backbones.base import Prepared
from ..model.amortised import AmortisedExtractor
from . import losses
from .content import reading_of
from .groups import Group
from .half import fast_half
from .pairs import Views
from .recipe import PROJECTABLE, Recipe

PROJECTION = 128
_LAST = torch.channels_last
READ = 2048
"""Images on which the teller begins."""


class Objective(nn.Module):
    """Model and what reads its features; one forward is the loss of a step, so that it can be distributed.

    Args:
        model: what is trained.
        recipe: weights of the terms.
        content: (N, M) of the images that groups are drawn from, see :func:`core.pretraining.content.content_of`;
            ``None``: no content term.
    """

    content: Tensor | None

    def __init__(self, model: AmortisedExtractor, recipe: Recipe, content: Tensor | None = None) -> None:
        super().__init__()
        self.model = model
        width = model.architecture.features
        self.reader = nn.Linear(PROJECTION if "sensitivity" in recipe.projected else width, len(model.transforms))
        self.projector = (
            nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, PROJECTION))
            if recipe.projected
            else None
        )
        self.teller = None if content is None or not recipe.content else nn.Linear(width, content.shape[1])
        self.register_buffer("content", content, persistent=False)
        self.recipe = recipe

    @torch.no_grad()
    def begin(self, images: Tensor) -> None:
        """Let the teller read what the model's features tell already, in mid-cube.

        Args:
            images: (N, 3, S, S), uint8, all those of ``content``.
        """
        if self.teller is None or self.content is None:
            return
        some = torch.linspace(0, len(images) - 1, min(READ, len(images))).long()
        device = self.content.device
        prepared = self.model.prepare(images[some.to(images.device)].to(device).float() / 255)
        middle = torch.full((len(self.model.transforms),), 0.5, device=device)
        features = self.model.extract(prepared, self.model.weights(middle))
        weight, bias = reading_of(features, self.content[some.to(device)])
        self.teller.weight.copy_(weight)
        self.teller.bias.copy_(bias)

    def forward(self, groups: list[Group]) -> dict[str, Tensor]:
        """Loss terms averaged over groups; ``total`` is the one to minimise."""
        if groups[0].descriptor.device.type == "cpu":
            each = [self._terms(*self._inputs(group)) for group in groups]
            return {name: torch.stack([terms[name] for terms in each]).mean() for name in each[0]}
        # A tail is too small to keep a graphics processor busy with one group after the other.
        descriptors, positions, parts, shown = zip(*map(self._inputs, groups), strict=True)
        terms = torch.func.vmap(self._terms)(
            torch.stack(descriptors),
            {name: torch.stack([each[name] for each in positions]) for name in positions[0]},
            tuple(torch.stack(part) for part in zip(*parts, strict=True)),
            torch.stack(shown),
        )
        return {name: each.mean() for name, each in terms.items()}

    def _inputs(self, group: Group) -> tuple[Tensor, dict[str, Tensor], tuple[Tensor, ...], Tensor]:
        """A group as tensors alone: descriptor, views, pictures as the tail takes them, content (b, M) or (b, 0)."""
        shown = group.descriptor.new_zeros(len(group.chosen), 0)
        if self.content is not None:
            shown = self.content[group.chosen.to(self.content.device)]
        # Grids as processors convolve them fastest.
        parts = (part.contiguous(memory_format=_LAST) if part.ndim == 4 else part for part in group.prepared.parts)
        return group.descriptor, dict(vars(group.views)), tuple(parts), shown

    def _terms(
        self, i: Tensor, positions: dict[str, Tensor], parts: tuple[Tensor, ...], shown: Tensor
    ) -> dict[str, Tensor]:
        recipe, views = self.recipe, Views(**positions)
        with torch.autocast(i.device.type, torch.bfloat16, enabled=fast_half(i.device)):
            weights = {name: weight[0] for name, weight in self.model.hypernetwork(i[None]).items()}
            features = self.model.extract(Prepared(parts, self.model.prepares), weights)
        seen = {"": _Seen(features)}
        if self.projector is not None:
            seen["projected"] = _Seen(self.projector(features))
        by = {name: seen["projected" if name in recipe.projected else ""] for name in PROJECTABLE}
        change = (views.negative - views.anchor).gather(1, views.moved[:, None])[:, 0].abs()
        ignored = i[views.moved]
        terms = {
            "contrastive": losses.contrastive_loss(
                *by["contrastive"].raw, views.weight, recipe.temperature, recipe.hardness
            ),
            "alignment": losses.alignment_loss(*by["alignment"].apart(1)),
            "separation": losses.separation_loss(
                *by["separation"].apart(2),
                views.compared,
                losses.target_distance(change, ignored, recipe.margin, recipe.ramp),
                views.compared & (change <= ignored),
            ),
            "sensitivity": losses.factor_loss(
                (self.reader(by["sensitivity"].raw[0]), self.reader(by["sensitivity"].raw[2])),
                (2 * views.anchor - 1, 2 * views.negative - 1),
                views.moved,
                i,
            ),
            "variance": losses.variance_loss(torch.cat(by["variance"].raw[:2])),
            "decorrelation": losses.decorrelation_loss(torch.cat(by["decorrelation"].standard[:2])),
            "erasure": losses.erasure_loss(
                *by["erasure"].standard[:2], views.positive - views.anchor, i, by["erasure"].standard_metric
            ),
        }
        if self.teller is not None:
            terms["content"] = losses.content_loss(self.teller(features), shown.repeat(3, 1))
        total = sum((getattr(recipe, name) * term for name, term in terms.items()), start=features.new_zeros(()))
        return terms | {"total": total}


class _Seen:
    """Features of a group (3 b, D) as the terms want them, in thirds: anchors, positives, third views."""

    def __init__(self, features: Tensor) -> None:
        self.raw = _thirds(features)
        whole = losses.standardise(features)
        self.standard, self.standard_metric = _thirds(whole), losses.precision(whole)
        self.all = features - features.mean(0)
        self.metric = losses.precision(self.all)

    def apart(self, view: int) -> tuple[Tensor, Tensor]:
        """Of anchors from another third, (b,) in two metrics; see :func:`core.pretraining.losses.distances`."""
        return losses.distances(self.raw[view] - self.raw[0], self.all, self.metric)


def _thirds(features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    first, second, third = features.chunk(3)
    return first, second, third
