"""The invariance descriptor: which share of each transformation's range an extractor ignores."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .transforms import AXES, Axis


@dataclass(frozen=True)
class Descriptor:
    """An immutable point of [0, 1]^K, one coordinate per axis.

    A coordinate is the *range* that is ignored: 0 keeps every difference, 1 ignores the axis
    altogether, and 0.5 is meant to ignore differences of up to half the axis' range (HyperInvariances,
    arXiv 2207.08304, Section 3, has the corners; the meaning in between is ours). How far a trained model
    keeps to that is measured: see :mod:`core.measures.onset`.

    >>> Descriptor.parse("rotation=1, hue=0.25", default=0.0)
    Descriptor('rotation=1, translation=0, scale=0, hue=0.25, brightness=0, blur=0')
    """

    values: tuple[float, ...]
    axes: tuple[Axis, ...] = AXES

    def __post_init__(self) -> None:
        if len(self.values) != len(self.axes):
            raise ValueError(
                f"A descriptor needs {len(self.axes)} numbers, one per axis "
                f"({', '.join(a.name for a in self.axes)}); got {len(self.values)}."
            )
        for axis, value in zip(self.axes, self.values, strict=True):
            if not (isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= 1):
                raise ValueError(f"The coordinate for {axis.name} must be a number in [0, 1]; got {value!r}.")
        object.__setattr__(self, "values", tuple(float(v) for v in self.values))

    @classmethod
    def of(cls, source: DescriptorLike, axes: Sequence[Axis] = AXES) -> Descriptor:
        """Make a descriptor from a descriptor, K numbers, a tensor of shape (K,) or a string.

        Raises:
            ValueError: not K numbers in [0, 1].
        """
        if isinstance(source, Descriptor):
            return source
        if isinstance(source, str):
            return cls.parse(source, axes=axes)
        values = source.detach().cpu().tolist() if isinstance(source, Tensor) else source
        if isinstance(source, Tensor) and source.ndim != 1:
            raise ValueError(f"A descriptor tensor must have shape (K,); got {tuple(source.shape)}.")
        return cls(tuple(float(v) for v in values), tuple(axes))

    @classmethod
    def parse(cls, text: str, default: float = 0.5, axes: Sequence[Axis] = AXES) -> Descriptor:
        """Read ``"rotation=1, hue=0.25"`` (the rest at ``default``) or ``"1, 0, 0, 0.25, 0, 0"``.

        Raises:
            ValueError: unknown or repeated axis, or something that is not a number in [0, 1].
        """
        parts = [part.strip() for part in text.split(",") if part.strip()]
        try:
            if not any("=" in part for part in parts):
                return cls(tuple(float(part) for part in parts), tuple(axes))
            pairs = [(name.strip(), float(value)) for name, value in (part.split("=") for part in parts)]
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"Could not read {text!r} as a descriptor ({error}). "
                'Write "rotation=1, hue=0.5" or one number per axis, separated by commas.'
            ) from None
        named = dict(pairs)
        unknown = named.keys() - {axis.name for axis in axes}
        if unknown or len(named) < len(pairs):
            wrong = f"unknown: {', '.join(sorted(unknown))}" if unknown else "an axis is named twice"
            raise ValueError(f"Could not read {text!r} ({wrong}). Known axes: {', '.join(a.name for a in axes)}.")
        return cls(tuple(named.get(axis.name, default) for axis in axes), tuple(axes))

    @classmethod
    def constant(cls, value: float, axes: Sequence[Axis] = AXES) -> Descriptor:
        """The same coordinate on every axis."""
        return cls((value,) * len(axes), tuple(axes))

    def replace(self, **coordinates: float) -> Descriptor:
        """A copy with some coordinates changed, by axis name; ``ValueError`` for an unknown name."""
        current = dict(zip((a.name for a in self.axes), self.values, strict=True))
        unknown = coordinates.keys() - current.keys()
        if unknown:
            raise ValueError(f"Unknown axis: {', '.join(sorted(unknown))}. Known axes: {', '.join(current)}.")
        return Descriptor(tuple((current | coordinates).values()), self.axes)

    def tensor(self) -> Tensor:
        """The coordinates as a float32 tensor of shape (K,)."""
        return torch.tensor(self.values)

    def __str__(self) -> str:
        return ", ".join(f"{axis.name}={value:g}" for axis, value in zip(self.axes, self.values, strict=True))

    @property
    def brief(self) -> str:
        """For people: two decimals each, the same wherever it is said, e.g. ``"rotation 0.05, hue 0.88"``."""
        return ", ".join(f"{axis.name} {value:.2f}" for axis, value in zip(self.axes, self.values, strict=True))

    def __repr__(self) -> str:
        return f"Descriptor({str(self)!r})"

    def __iter__(self) -> Iterator[float]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)


DescriptorLike = Descriptor | Sequence[float] | Tensor | str


def corners(count: int) -> Tensor:
    """All corners of the cube, shape (2 ** count, count), in binary counting order."""
    return torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * count).view(-1, count)
