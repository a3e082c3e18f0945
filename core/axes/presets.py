"""Descriptors with names, made from what each axis does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .descriptor import Descriptor
from .transforms import Axis

Values = tuple[float, ...]


@dataclass(frozen=True)
class Preset:
    """A descriptor with a name and one sentence on what it is good for."""

    name: str
    purpose: str
    values: Values


def presets(axes: Sequence[Axis]) -> tuple[Preset, ...]:
    """Descriptors that answer common questions, made from what each axis does."""
    geometric = tuple(axis.warp is not None for axis in axes)
    return (
        Preset("Keep all", "Tells any two pictures apart: change detection, finding duplicates.", _where(axes, ())),
        Preset(
            "Ignore all",
            "Finds a picture again whatever was done to it; tells little else.",
            _where(axes, axes),
        ),
        Preset(
            "Where is it?",
            "Keeps place, size and angle and ignores the light: pose, tracking, docking.",
            tuple(0.0 if moves else 1.0 for moves in geometric),
        ),
        Preset(
            "What colour?",
            "Keeps light, colour and sharpness and ignores the pose: ripeness, dyes, photo quality.",
            tuple(1.0 if moves else 0.0 for moves in geometric),
        ),
        Preset("Half way", "Between keeping and ignoring: the curves say how far each counts.", (0.5,) * len(axes)),
    )


def named(text: str, axes: Sequence[Axis]) -> Descriptor:
    """Read the name of a preset, in any case, or whatever :meth:`core.axes.descriptor.Descriptor.parse` reads.

    Raises:
        ValueError: neither.
    """
    known = {preset.name.casefold(): preset.values for preset in presets(axes)}
    values = known.get(text.strip().casefold())
    if values is None and text.strip() and not any(sign in text for sign in "=,"):
        names = ", ".join(preset.name for preset in presets(axes))
        raise ValueError(f"There is no descriptor called {text!r}. Known: {names}; or write one: rotation=1, hue=0.25.")
    return Descriptor(values, tuple(axes)) if values else Descriptor.parse(text, axes=axes)


def _where(axes: Sequence[Axis], ignored: Sequence[Axis]) -> Values:
    return tuple(1.0 if axis in ignored else 0.0 for axis in axes)
