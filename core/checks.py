"""Every shape and range message of the package, written once.

A message says what was wrong, what was expected and what to do, because it may end up on a screen.
"""

from __future__ import annotations

import torch
from torch import Tensor


def check_images(images: Tensor, *, minimum: int = 1) -> Tensor:
    """Return ``images`` unchanged if they are float ``(N, 3, H, W)`` in [0, 1], N >= ``minimum``.

    Raises:
        TypeError: not a floating point tensor.
        ValueError: wrong shape, too few images, values outside [0, 1] or not finite.
    """
    if not isinstance(images, Tensor) or not images.is_floating_point():
        kind = f"{images.dtype} tensor" if isinstance(images, Tensor) else type(images).__name__
        raise TypeError(
            f"Images must be a float tensor of shape (N, 3, H, W) with values in [0, 1]; got a {kind}. "
            "Convert 8-bit pixels with images.float() / 255."
        )
    if images.ndim != 4 or images.shape[1] != 3 or min(images.shape[2:]) < 2:
        raise ValueError(
            f"Images must have shape (N, 3, H, W) with H, W >= 2; got {tuple(images.shape)}. "
            "Add a batch axis with images[None], or repeat a grey channel three times."
        )
    if len(images) < minimum:
        raise ValueError(f"At least {minimum} images are needed here; got {len(images)}. Add images.")
    low, high = images.aminmax()
    if not (low >= -1e-4 and high <= 1 + 1e-4):  # the negated form also catches NaN
        raise ValueError(
            f"Pixel values must lie in [0, 1]; got a range of {low:.3g} to {high:.3g}. "
            "Divide 8-bit pixels by 255 and undo any mean/std normalisation."
        )
    return images


def check_unit(name: str, values: Tensor) -> Tensor:
    """Return ``values`` unchanged if all are finite and in [0, 1]; ``ValueError`` otherwise."""
    if not bool(((values >= 0) & (values <= 1)).all()):
        raise ValueError(f"{name} must lie in [0, 1]; got {values.tolist()}. Clamp the values first.")
    return values


def check_magnitude(magnitude: Tensor | float, images: Tensor) -> Tensor:
    """Broadcast a magnitude to one finite value per image, shape ``(N,)``.

    Raises:
        ValueError: neither a scalar nor one value per image, or not finite.
    """
    values = torch.as_tensor(magnitude, dtype=images.dtype, device=images.device)
    if values.ndim == 0:
        values = values.expand(len(images))
    if values.shape != (len(images),):
        raise ValueError(
            f"A magnitude must be one number or one per image, shape ({len(images)},); got {tuple(values.shape)}."
        )
    if not bool(torch.isfinite(values).all()):
        raise ValueError("A magnitude must be finite; got NaN or infinity. Check how it was computed.")
    return values
