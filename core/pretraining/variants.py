"""What an ablation compares: changes of one thing in a recipe, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..backbones.efficientnet_network import INNER_CHANNELS, POOLED
from .recipe import Recipe


@dataclass(frozen=True)
class Variant:
    """A recipe's changes by name.

    Attributes:
        name: what is different.
        recipe: fields of the recipe.
        views: fields of how its views are drawn.
        backbone: fields of its backbone.
        rank: of the hypernetwork; ``None``: the recipe's.
        times: factors on fields of the recipe.
    """

    name: str
    recipe: Mapping[str, Any] = field(default_factory=dict)
    views: Mapping[str, Any] = field(default_factory=dict)
    backbone: Mapping[str, Any] = field(default_factory=dict)
    rank: int | None = None
    times: Mapping[str, float] = field(default_factory=dict)

    def of(self, recipe: Recipe) -> Recipe:
        """The recipe with these changes."""
        architecture = recipe.architecture
        backbone = replace(architecture.backbone, **self.backbone)  # type: ignore[type-var]  # every backbone is a dataclass
        rank = architecture.rank if self.rank is None else self.rank
        scaled = {name: factor * getattr(recipe, name) for name, factor in self.times.items()}
        architecture = replace(architecture, backbone=backbone, rank=rank)
        views = replace(recipe.views, **self.views)
        return replace(recipe, architecture=architecture, views=views, **scaled, **self.recipe)


VARIANTS = (
    Variant("the recipe"),
    Variant("without contrastive", {"contrastive": 0.0}),
    Variant("without alignment", {"alignment": 0.0}),
    Variant("without separation", {"separation": 0.0}),
    Variant("without sensitivity", {"sensitivity": 0.0}),
    Variant("without variance", {"variance": 0.0}),
    Variant("without decorrelation", {"decorrelation": 0.0}),
    Variant("without erasure", {"erasure": 0.0}),
    Variant("without content", {"content": 0.0}),
    Variant("contrastive behind a projection", {"projected": ("contrastive",)}),
    Variant(
        "contrastive, variance, decorrelation behind it", {"projected": ("contrastive", "variance", "decorrelation")}
    ),
    Variant("decorrelation x 10", times={"decorrelation": 10}),
    Variant("control x 2.5", times=dict.fromkeys(("alignment", "separation", "sensitivity", "erasure"), 2.5)),
    Variant("content x 4", times={"content": 4}),
    Variant("rate x 3", times={"rate": 3}),
    Variant("rate / 3", times={"rate": 1 / 3}),
    Variant("ramp of the separation x 2.5", times={"ramp": 2.5}),
    Variant("no axis varies alone", views={"alone": 0.0}),
    Variant("no third views within what is ignored", views={"inside": 0.0}),
    Variant("no axis is drawn more often", views={"emphasis": {}}),
    Variant("rank 8", rank=8),
    Variant("scale and shift only (rank 0)", rank=0),
    Variant("generated loudness for measured gates", backbone={"path": "scale"}),
    Variant("generated matrix for measured gates", backbone={"path": "matrix"}),
    Variant("nothing generated beside the branch", backbone={"path": "fixed"}),
    Variant("generated terms in pretrained blocks", backbone={"path": "blocks"}),
    Variant("generated terms in pretrained blocks, rate / 10", backbone={"path": "blocks"}, times={"rate": 0.1}),
    Variant("pooled features alone", backbone={"reads": POOLED}),
    Variant("pooled features and block 10", backbone={"reads": POOLED + 6 * INNER_CHANNELS}),
    Variant("64 components", backbone={"components": 64}),
    Variant("640 components", backbone={"components": 640}),
    Variant("64 features of the branch", backbone={"pixels": 64}),
    Variant("half the channels", backbone={"widths": (16, 16, 32, 64, 96, 96)}),
    Variant("64 features", backbone={"features": 64}),
    Variant("256 features", backbone={"features": 256}),
)
"""Those that change a part which a recipe's backbone does not have are not for that recipe."""
