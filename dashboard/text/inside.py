"""The sentences about feature maps and about where a change is noticed."""

from __future__ import annotations

from core.axes.transforms import Axis
from dashboard.text import explore, labels

_NEARLY = 0.8
"""Correlation above which maps are called so."""


def moving_back(axis: Axis) -> str:
    """What the switch of the feature maps does."""
    if axis.warp is None:
        return f"There is nothing to move back: {axis.name} leaves everything in its place."
    return f"Undoes the {axis.name} on the maps: those that only moved with the picture become equal to the original's."


def maps(layer: str, axis: Axis, value: float, agreement: dict[str, tuple[float, float | None]]) -> str:
    """How alike the maps of a layer stay, as they are and moved back.

    Args:
        layer: its name.
        axis, value: what was done to the picture.
        agreement: label -> correlation with the original's maps, as they are and moved back (``None``: nothing moves).
    """
    if not agreement:
        return explore.NO_STATEMENT
    if value == 0:
        return "The picture is unchanged: choose another frame of the filmstrip to compare with."
    said = []
    for label, (still, back) in agreement.items():
        moved = "" if back is None else f", {explore.two(back)} once moved back"
        said.append(f"{explore.inked(label, label)} {explore.two(still)}{moved}{_kind_of_map(still, back)}")
    where = labels.strength(axis, value)
    layers = f"the maps of the layer “{layer}” agree with the original's by"
    return f"With the picture {where}, {layers} {'; '.join(said)}."


def _kind_of_map(still: float, back: float | None) -> str:
    if still > _NEARLY:
        return f" (above {_NEARLY:g}: nearly invariant)"
    if back is not None and back > _NEARLY:
        return f" (above {_NEARLY:g}: nearly equivariant)"
    return ""


def looks(axis: Axis, value: float, agreement: dict[str, float]) -> str:
    """How much the maps of where a change is noticed owe to the training."""
    said = " and ".join(f"{explore.inked(label, label)} by {explore.two(alike)}" for label, alike in agreement.items())
    alike = max(agreement.values())
    verdict = "so they tell little about the training" if alike > 0.6 else "so they tell about the training"
    where = labels.strength(axis, value)
    return f"With the picture {where}, the maps agree with that of random weights, {said}: {verdict}."
