"""Single pictures: decoding what a person uploads, and the photographs that the dependencies ship."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from core.model import to_input

MAX_BYTES = 20 * 2**20
MAX_PIXELS = 40_000_000
MIN_SIDE = 8
LONGEST_SIDE = 512
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")


@dataclass(frozen=True)
class Photograph:
    """A picture with a name and where it comes from; ``pixels`` (3, H, W), float, in [0, 1]."""

    name: str
    source: str
    pixels: Tensor


def decode_image(content: bytes, name: str = "the file") -> Tensor:
    """Decode an image file as a person means it.

    Rotated by its EXIF tag, first frame of an animation, transparency on white, any colour mode
    (CMYK, 16-bit, palette) as RGB, longest side at most 512 pixels. The size is checked before any
    pixel is decoded.

    Returns:
        (3, H, W), float32, in [0, 1].

    Raises:
        ValueError: not an image of a known format, broken, too large or too small; one sentence for a person.
    """
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"{name} has {len(content) / 2**20:.0f} MB; at most {MAX_BYTES >> 20} MB work. Shrink it first."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise ValueError(
                    f"{name} has {width} x {height} pixels; at most {MAX_PIXELS // 10**6} megapixels work. "
                    "Shrink it first."
                )
            if min(width, height) < MIN_SIDE:
                raise ValueError(
                    f"{name} has {width} x {height} pixels; each side needs at least {MIN_SIDE}. "
                    "Choose a larger picture."
                )
            if max(width, height) > 20 * min(width, height):
                raise ValueError(f"{name} is a strip of {width} x {height} pixels. Crop it to a picture first.")
            image.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))
            image = ImageOps.exif_transpose(image)
            return to_tensor(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError(f"{name} has too many pixels; at most {MAX_PIXELS // 10**6} megapixels work.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, EOFError) as error:
        known = ", ".join(FORMATS)
        detail = (
            "it is not a picture of a known format" if isinstance(error, UnidentifiedImageError) else "it is damaged"
        )
        raise ValueError(f"{name} cannot be opened: {detail}. Choose a whole file in one of: {known}.") from None


def to_rgb(image: Image.Image) -> Image.Image:
    """A Pillow image of any mode as RGB, transparency on white, 16-bit greys from their darkest to their brightest."""
    if image.mode.startswith(("I", "F")):  # 16-bit and float greys: their own range becomes black to white
        values = np.asarray(image, dtype=np.float32)
        span = float(np.ptp(values)) or 1.0
        image = Image.fromarray(np.round((values - values.min()) / span * 255).astype(np.uint8))
    layers = image.convert("RGBA")
    canvas = Image.new("RGBA", layers.size, "white")
    canvas.alpha_composite(layers)
    return canvas.convert("RGB")


def to_tensor(image: Image.Image) -> Tensor:
    """A Pillow image of any mode as RGB, longest side at most 512 pixels; (3, H, W) in [0, 1]."""
    rgb = to_rgb(image)
    rgb.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.asarray(rgb).copy()).permute(2, 0, 1).float() / 255


def square(pixels: Tensor) -> Tensor:
    """The central square of (..., H, W)."""
    height, width = pixels.shape[-2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[..., top : top + side, left : left + side]


@cache
def photographs() -> tuple[Photograph, ...]:
    """The photographs that scikit-image and scikit-learn ship, cut to squares; no network is used.

    Read once: everyone gets the same tensors, which must not be changed.
    """
    from skimage import data as skimage_data  # the two imports take a second: only those who look pay
    from sklearn.datasets import load_sample_image

    pictures = []
    for name, function in (("cat", "chelsea"), ("astronaut", "astronaut"), ("coffee", "coffee"), ("rocket", "rocket")):
        pictures.append((name, f"scikit-image, {function}", getattr(skimage_data, function)()))
    for name, file in (("flower", "flower.jpg"), ("temple", "china.jpg")):
        pictures.append((name, f"scikit-learn, {file}", load_sample_image(file)))
    return tuple(
        Photograph(name, source, to_tensor(ImageOps.fit(Image.fromarray(pixels), (min(pixels.shape[:2]),) * 2)))
        for name, source, pixels in pictures
    )


def probe_images(count: int = 64, seed: int = 0) -> Tensor:
    """Different pieces of the shipped photographs as (count, 3, 32, 32): the background for bands and null lines."""
    generator = torch.Generator().manual_seed(seed)
    sources = photographs()
    pieces = []
    for number in range(count):
        pixels = sources[number % len(sources)].pixels
        side = pixels.shape[-1]
        size = int(side * (0.25 + 0.45 * float(torch.rand((), generator=generator))))
        top, left = (int(torch.randint(side - size + 1, (), generator=generator)) for _ in range(2))
        pieces.append(to_input(pixels[None, :, top : top + size, left : left + size])[0])
    return torch.stack(pieces)
