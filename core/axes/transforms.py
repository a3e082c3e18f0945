"""The axes of invariance: what may happen to an image, and how strongly.

An :class:`Axis` is a value. It says how one family of transformations acts on images; the tuple
:data:`AXES` is the only place that lists them, and its length is the K of the whole project.
Strengths are relative to the image (per cent of its width, degrees, octaves, stops), so the same
number means the same thing for a thumbnail and at full resolution.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..checks import check_images, check_magnitude

Matrix = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Axis:
    """One family of transformations with a scalar strength.

    Attributes:
        name: unique, lower case.
        unit: physical unit of the magnitude.
        low, high: range over which invariance is learned and measured, in ``unit``.
        description: what a person sees when the magnitude grows.
        warp: magnitudes (N,) -> sampling matrices (N, 3, 3) in homogeneous [-1, 1] coordinates,
            or ``None``. All warps of a composition are multiplied and resampled once.
        colour: magnitudes (N,) -> matrices (N, 3, 3) on RGB, or ``None``.
        filter: (images, magnitudes) -> images, or ``None``.
        moved: what has been done to a picture, as in "however it is turned".
        augmentation: the same changes at random in torchvision, see :mod:`core.axes.augmentation_code`; "" if it has
            no such thing.

    The magnitude 0 is the identity on every axis.
    """

    name: str
    unit: str
    low: float
    high: float
    description: str
    warp: Matrix | None = None
    colour: Matrix | None = None
    filter: Callable[[Tensor, Tensor], Tensor] | None = None
    moved: str = "changed"
    augmentation: str = ""

    @property
    def width(self) -> float:
        """Length of the range, in ``unit``."""
        return self.high - self.low

    def apply(self, images: Tensor, magnitude: Tensor | float) -> Tensor:
        """Transform each image by its own magnitude.

        Args:
            images: (N, 3, H, W), float, in [0, 1].
            magnitude: (N,) or a scalar, in ``unit``; values outside [low, high] are allowed.

        Returns:
            (N, 3, H, W) in [0, 1].

        Raises:
            TypeError, ValueError: see :mod:`core.checks`.
        """
        images = check_images(images)
        return _compose(images, check_magnitude(magnitude, images)[:, None], (self,))


def compose(images: Tensor, magnitudes: Tensor, axes: Sequence[Axis]) -> Tensor:
    """Apply all axes at once: one resampling for all warps, then filters, then one colour matrix.

    Args:
        images: (N, 3, H, W), float, in [0, 1].
        magnitudes: (N, K), one column per axis, in that axis' unit.
        axes: K axes.

    Returns:
        (N, 3, H, W) in [0, 1].

    Raises:
        TypeError, ValueError: see :mod:`core.checks`.
    """
    images = check_images(images)
    if magnitudes.shape != (len(images), len(axes)):
        raise ValueError(
            f"Magnitudes must have shape ({len(images)}, {len(axes)}): one row per image, one column per axis; "
            f"got {tuple(magnitudes.shape)}."
        )
    if not bool(torch.isfinite(magnitudes).all()):
        raise ValueError("A magnitude must be finite; got NaN or infinity. Check how it was computed.")
    return _compose(images, magnitudes, axes)


def _compose(images: Tensor, magnitudes: Tensor, axes: Sequence[Axis]) -> Tensor:
    columns = list(zip(axes, magnitudes.unbind(1), strict=True))
    if any(axis.warp for axis in axes):
        warp = _chain([axis.warp(t) for axis, t in columns if axis.warp])
        height, width = images.shape[-2:]
        # The sampling grid spans [-1, 1] both ways; in half widths both ways a rotation does not shear.
        square = torch.tensor([1.0, height / width, 1.0], dtype=warp.dtype, device=warp.device)
        warp = warp * square / square[:, None]
        grid = F.affine_grid(warp[:, :2], list(images.shape), align_corners=False)
        # Reflection, not zeros: black corners would tell a network the angle without looking at the picture.
        images = F.grid_sample(images, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    for axis, t in columns:
        if axis.filter:
            images = axis.filter(images, t)
    if any(axis.colour for axis in axes):
        colour = _chain([axis.colour(t) for axis, t in columns if axis.colour])
        images = torch.einsum("nij,njhw->nihw", colour, images)
    return images.clamp(0, 1)


def _chain(matrices: list[Tensor]) -> Tensor:
    product = matrices[0]
    for matrix in matrices[1:]:
        product = product @ matrix
    return product


def _affine(t: Tensor, *rows: Sequence[Tensor | float]) -> Tensor:
    entries = [torch.as_tensor(value, dtype=t.dtype, device=t.device).expand_as(t) for row in rows for value in row]
    return torch.stack(entries, 1).view(-1, 3, 3)


def _rotation(degrees: Tensor) -> Tensor:
    c, s = torch.cos(torch.deg2rad(degrees)), torch.sin(torch.deg2rad(degrees))
    return _affine(degrees, (c, s, 0.0), (-s, c, 0.0), (0.0, 0.0, 1.0))


def _translation(percent: Tensor) -> Tensor:
    # The sampling grid spans two units, so a shift by p per cent of the width moves it by 2p / 100.
    return _affine(percent, (1.0, 0.0, -percent / 50), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def _scale(octaves: Tensor) -> Tensor:
    zoom = torch.exp2(-octaves)
    return _affine(octaves, (zoom, 0.0, 0.0), (0.0, zoom, 0.0), (0.0, 0.0, 1.0))


def _hue(degrees: Tensor) -> Tensor:
    """Rotation of RGB about the grey axis (Rodrigues' formula): keeps greys and the mean of the channels.

    A matrix rather than a pass through HSV: it composes with brightness, is differentiable at grey,
    and costs a thirtieth (measured: 0.5 ms against 18 ms in kornia, 384 small images, two cores).
    """
    c, s = torch.cos(torch.deg2rad(degrees)), torch.sin(torch.deg2rad(degrees)) / math.sqrt(3)
    a, b, d = (1 + 2 * c) / 3, (1 - c) / 3 - s, (1 - c) / 3 + s
    return _affine(degrees, (a, b, d), (d, a, b), (b, d, a))


def _brightness(stops: Tensor) -> Tensor:
    gain = torch.exp2(stops)
    return _affine(stops, (gain, 0.0, 0.0), (0.0, gain, 0.0), (0.0, 0.0, gain))


def _blur(images: Tensor, percent: Tensor) -> Tensor:
    """Gaussian blur; sigma in per cent of the width, cut at three sigma.

    The kernels are made here because kornia's Gaussian cuts all of a batch at the same radius, and
    a picture must not depend on its neighbours.
    """
    from kornia.filters import filter2d_separable  # two seconds on a slow machine, for processes that blur

    sigma = percent.clamp(min=0) / 100 * images.shape[-1]
    moved = (sigma > 0.05).nonzero()[:, 0]  # a narrower kernel is the identity to 8-bit precision
    if not len(moved):
        return images
    shortest = min(images.shape[-2:])
    radius = min(math.ceil(3 * float(sigma.detach().max())), (shortest - 1) // 2, shortest - 1)
    size = 2 * max(radius, 1) + 1
    x = torch.arange(size, device=images.device) - size // 2
    sigma = sigma[moved, None]
    kernel = torch.exp(-0.5 * (x / sigma) ** 2) * (x.abs() <= torch.ceil(3 * sigma))
    kernel = kernel / kernel.sum(1, keepdim=True)
    blurred = filter2d_separable(images[moved], kernel, kernel, border_type="reflect")
    return images.index_copy(0, moved, blurred)


AXES: tuple[Axis, ...] = (
    Axis(
        "rotation", "°", -45.0, 45.0, "the picture turns clockwise about its centre", warp=_rotation,
        moved="turned", augmentation="v2.RandomRotation({most:.1f})",
    ),
    Axis(
        "translation", "% of width", -25.0, 25.0, "the picture shifts to the right", warp=_translation,
        moved="shifted", augmentation="v2.RandomAffine(0, translate=({fraction:.3f}, 0))",
    ),
    Axis(
        "scale", "octaves", -1.0, 1.0, "the picture is magnified, a factor of two per octave", warp=_scale,
        moved="magnified", augmentation="v2.RandomAffine(0, scale=({least_factor:.3f}, {most_factor:.3f}))",
    ),
    Axis(
        "hue", "°", -120.0, 120.0, "all colours turn around the colour wheel", colour=_hue,
        moved="tinted", augmentation="v2.ColorJitter(hue={turn:.3f})",
    ),
    Axis(
        "brightness", "stops", -1.0, 1.0, "the exposure grows, a factor of two per stop", colour=_brightness,
        moved="lit", augmentation="v2.ColorJitter(brightness=({least_factor:.3f}, {most_factor:.3f}))",
    ),
    Axis(
        "blur", "% of width", 0.0, 10.0, "fine detail disappears", filter=_blur,
        moved="blurred", augmentation="v2.GaussianBlur(2 * (SIZE // 8) + 1, (0.01, {fraction:.4f} * SIZE))",
    ),
)  # fmt: skip


def axis_named(name: str, axes: Sequence[Axis] = AXES) -> Axis:
    """Look an axis up by name; ``ValueError`` naming the known ones if there is none."""
    for axis in axes:
        if axis.name == name:
            return axis
    raise ValueError(f"There is no axis called {name!r}. Known axes: {', '.join(a.name for a in axes)}.")
