"""Pictures on their way in (uploads) and out (data URIs for the browser)."""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import dataclass, field

import numpy as np
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from core import decode_image
from core.data.names import last
from core.data.pictures import square
from dashboard.figures.image_grid import COARSE


@dataclass(frozen=True)
class Picture:
    """A square picture, identified by its digest.

    Attributes:
        name: for sentences, e.g. ``"cat"``.
        digest: of the pixels' source.
        pixels: (3, H, H), float, in [0, 1].
    """

    name: str
    digest: str
    pixels: Tensor = field(compare=False, repr=False)


@dataclass(frozen=True)
class Frame:
    """One picture of the filmstrip: its strength, the photograph and what the extractor sees, as data URIs."""

    strength: float
    photo: str
    seen: str


def read_upload(content: bytes, file_name: str) -> Picture:
    """Decode an uploaded file and cut it to its central square.

    Raises:
        ValueError: one sentence for the person who uploaded it.
    """
    pixels = square(decode_image(content, last(file_name))).contiguous()
    return Picture("picture", hashlib.sha256(content).hexdigest()[:16], pixels)


def shrunk(pixels: Tensor, side: int = 256) -> Tensor:
    """A square picture (3, H, H) with at most ``side`` pixels a side, for the screen."""
    if pixels.shape[-1] <= side:
        return pixels
    return F.interpolate(pixels[None], (side, side), mode="bilinear", antialias=True, align_corners=False)[0].clamp(
        0, 1
    )


def jpeg_uri(pixels: Tensor) -> str:
    """A picture (3, H, W) at its own resolution as a JPEG data URI."""
    return _uri(pixels, "JPEG", quality=85)


def png_uri(pixels: Tensor) -> str:
    """A small picture (3, H, W), every pixel exact, as a PNG data URI."""
    return _uri(pixels, "PNG")


def seen_uri(pixels: Tensor) -> str:
    """What a network sees, (3, S, S), as a data URI: exact where pixels are few enough to be seen one by one."""
    return png_uri(pixels) if pixels.shape[-1] <= COARSE else _uri(pixels, "JPEG", quality=95, subsampling=0)


def png(pixels: Tensor) -> bytes:
    """A picture (3, H, W) as a PNG file, every pixel exact."""
    return _encoded(pixels, "PNG")


def bytes_of(pixels: Tensor) -> np.ndarray:
    """A picture (3, H, W) in [0, 1] as (H, W, 3), uint8."""
    return (pixels.clamp(0, 1) * 255).round().permute(1, 2, 0).numpy().astype(np.uint8)


def _encoded(pixels: Tensor, kind: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(bytes_of(pixels)).save(buffer, kind, **options)
    return buffer.getvalue()


def _uri(pixels: Tensor, kind: str, **options: int) -> str:
    return f"data:image/{kind.lower()};base64,{base64.b64encode(_encoded(pixels, kind, **options)).decode()}"
