"""What gates, loudness and components trade: the same frozen network and branch, their gates measured anew."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..assets import asset
from ..backbones import Backbone, EfficientNetLite0, Prepared
from ..backbones.gated_tail import GATING, Gating
from ..model.amortised import AmortisedExtractor

STORED = asset("gates.json")


@dataclass(frozen=True)
class GateVariant:
    """One change of how the gates are measured.

    Attributes:
        name: what is different.
        gating: what is chosen.
        components: C behind gates; ``None``: as many as the checkpoint has.
        balanced: whether the branch is quieter while gates are open.
        threshold: the factor on the threshold; ``None``: it is no point of the curve of thresholds.
    """

    name: str
    gating: Gating = GATING
    components: int | None = None
    threshold: float | None = None
    balanced: bool = False


def _threshold(factor: float, name: str) -> GateVariant:
    """The threshold is the geometric mean of ``shut`` and of something measured, so ``shut`` has the square."""
    return GateVariant(name, replace(GATING, shut=GATING.shut * factor**2), threshold=factor)


AS_SHIPPED = "as shipped"
VARIANTS = (
    GateVariant(AS_SHIPPED, threshold=1.0),
    _threshold(1 / 4, "threshold / 4"),
    _threshold(1 / 2, "threshold / 2"),
    _threshold(2, "threshold x 2"),
    _threshold(4, "threshold x 4"),
    _threshold(math.inf, "gates never shut"),
    GateVariant("loudness 1", replace(GATING, loudness=1.0)),
    GateVariant("loudness 4", replace(GATING, loudness=4.0)),
    GateVariant("loudness 8", replace(GATING, loudness=8.0)),
    GateVariant("no branch is heard", replace(GATING, loudness=1e6)),
    GateVariant("64 components", components=64),
    GateVariant("256 components", components=256),
    GateVariant("640 components", components=640),
    GateVariant("eigenvectors of the summed movement", replace(GATING, turns=0)),
    GateVariant("quiet branch at open gates, 16", replace(GATING, open=16.0), balanced=True),
    GateVariant("quiet branch at open gates, 64", replace(GATING, open=64.0), balanced=True),
)
"""With the branch's 128 features the shipped backbone has 192, 384, 512 or 768 in all."""


def gated_backbone(backbone: Backbone) -> EfficientNetLite0:
    """The backbone, if gates can be measured for it.

    Raises:
        ValueError: it has none.
    """
    if not isinstance(backbone, EfficientNetLite0) or backbone.path != "gates":
        raise ValueError(
            f"The backbone {backbone.name} has no gates. Give a checkpoint with the backbone "
            f"{EfficientNetLite0().name}, which combine makes."
        )
    return backbone


def as_combined(model: AmortisedExtractor, weights: Path | None = None) -> AmortisedExtractor:
    """A new model whose frozen network is that of a checkpoint before it was stored in half precision.

    Gates were measured on it; directions that are nearly alike would be turned by the rounding.

    Args:
        model: from a checkpoint.
        weights: file of the pretrained weights, see :meth:`core.backbones.base.Backbone.initial`.

    Raises:
        ValueError: they are not those of the checkpoint, or cannot be had.
    """
    made = AmortisedExtractor(model.architecture, model.transforms, weights=weights)
    if made.prepares != model.prepares:
        raise ValueError("The pretrained weights are not those in the checkpoint. Give their file with --weights.")
    return made


def gated(
    model: AmortisedExtractor, variant: GateVariant, shown: Prepared, moved: Sequence[Prepared]
) -> AmortisedExtractor:
    """A combined model's frozen network and branch behind gates that are measured anew.

    Args:
        model: whose tail is a :class:`core.backbones.gated_tail.GatedTail`.
        variant: what is different.
        shown, moved: see :func:`core.pretraining.beginning.shown_and_moved`.

    Raises:
        ValueError: see :func:`gated_backbone`, or there are too few images for so many components.
    """
    own = gated_backbone(model.backbone)
    backbone = replace(own, components=variant.components or own.components, balanced=variant.balanced)
    made = AmortisedExtractor(replace(model.architecture, backbone=backbone), model.transforms, empty=True)
    made.stem.load_state_dict(model.stem.state_dict())
    for name in backbone.branches:
        made.hypernetwork.adopt(model.hypernetwork.part(f"{name}."), f"{name}.")
    made.begin(backbone.calibrate(shown.parts, (each.parts for each in moved), variant.gating))
    return made.eval().requires_grad_(False)


@dataclass(frozen=True)
class Trade:
    """What a variant controls and what it keeps.

    Attributes:
        variant: its name.
        control: geometric mean over axes of V(i_k = 0) / V(i_k = 1) in the own metric.
        open, half: points of accuracy with 20 labels a class above the frozen network's own features, at i = 0 and
            at i = 0.5.
        threshold: see :class:`GateVariant`.
    """

    variant: str
    control: float
    open: float
    half: float
    threshold: float | None = None


def trades(document: Mapping[str, Any]) -> list[Trade]:
    """Of what ``ablate-gates --json`` has written with labels, those of the curve of thresholds first, from the lowest.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    factors = {each.name: each.threshold for each in VARIANTS}
    found = []
    for row in document["findings"]:
        points = {place: 100 * (share - row["labels"]["frozen"]) for place, share in row["labels"].items()}
        control, factor = statistics.geometric_mean(row["own"]), factors.get(row["variant"])
        found.append(Trade(row["variant"], control, points["0"], points["0.5"], factor))
    return sorted(found, key=lambda trade: (trade.threshold is None, trade.threshold or 0))


def stored(digest: str) -> list[Trade]:
    """The :func:`trades` that were measured of a checkpoint, from :data:`STORED`; none: nobody has.

    Raises:
        ValueError: the file cannot be read, or see :func:`trades`.
    """
    if not STORED.is_file():
        return []
    document = json.loads(STORED.read_text(encoding="utf-8"))
    return trades(document) if document["checkpoint"] == digest else []
