"""A file of every kind that is read, and photos as phones and cameras write them."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

RANDOM = np.random.default_rng(0).integers(0, 256, (24, 40, 3), dtype=np.uint8)
SKY = np.zeros((48, 48, 3), np.uint8)
SKY[:24] = (90, 160, 250)
ORIENTATION = 0x0112
# What a camera stores of an upright picture for each value of the tag.
STORED: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: np.rot90(p, 1),
    7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
    8: lambda p: np.rot90(p, -1),
}


def encoded(image: Image.Image | np.ndarray, kind: str, **options: Any) -> bytes:
    """The file that Pillow makes of a picture or of its pixels."""
    image = image if isinstance(image, Image.Image) else Image.fromarray(np.ascontiguousarray(image))
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int) -> Image.Exif:
    """An Exif block that says how the camera was held."""
    found = Image.Exif()
    found[ORIENTATION] = orientation
    return found


def with_block(photo: bytes, *tags: tuple[int, int, int, bytes], cut: int = 0) -> bytes:
    """A JPEG with an Exif block of these (tag, type, count, value), cut short by so many bytes."""
    entries = b"".join(struct.pack("<HHI", *tag[:3]) + tag[3].ljust(4, b"\0") for tag in sorted(tags))
    block = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4)
    block = block[: len(block) - cut]
    return photo[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + photo[2:]


TURN = (ORIENTATION, 3, 1, struct.pack("<H", 6))
TURNED = encoded(STORED[6](SKY), "JPEG", quality=95)
PHONES = {
    **{f"PNG {n}": encoded(STORED[n](SKY), "PNG", exif=exif(n)) for n in STORED},
    **{f"JPEG {n}": encoded(STORED[n](SKY), "JPEG", quality=95, exif=exif(n)) for n in STORED},
    "WEBP 6": encoded(STORED[6](SKY), "WEBP", lossless=True, exif=exif(6)),
    "TIFF 8": encoded(STORED[8](SKY), "TIFF", tiffinfo={ORIENTATION: 8}),
    "AVIF 6": encoded(STORED[6](SKY), "AVIF", quality=95, exif=exif(6)),
    "XMP as text": with_block(TURNED, TURN, (700, 2, 4, b"xmp\0")),
    "resolution as text": with_block(TURNED, TURN, (282, 2, 3, b"72\0")),
    "unit too large": with_block(TURNED, TURN, (296, 4, 1, struct.pack("<I", 70000))),
    "width as text": with_block(TURNED, TURN, (256, 2, 3, b"64\0")),
    "unknown type": with_block(TURNED, TURN, (282, 99, 3, b"72\0")),
    "value that lies nowhere": with_block(TURNED, TURN, (282, 5, 1, struct.pack("<I", 10**9))),
    "block cut off": with_block(TURNED, TURN, (282, 5, 1, bytes(4)), (283, 5, 1, bytes(4)), cut=20),
}


def frames(kind: str, **options: Any) -> bytes:
    """A file of three pictures: red, green, blue."""
    pictures = [Image.new("RGB", (40, 40), colour) for colour in ("red", "lime", "blue")]
    return encoded(pictures[0], kind, save_all=True, append_images=pictures[1:], **options)


def palette(**options: Any) -> bytes:
    """A picture of two colours by number."""
    image = Image.new("P", (16, 16), 0)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.paste(1, (8, 0, 16, 16))
    return encoded(image, "PNG", **options)


def depths() -> np.ndarray:
    """Numbers from 2 to 6 from left to right, some of which are missing or infinite."""
    values = np.tile(np.linspace(2, 6, 40, dtype=np.float32), (24, 1))
    values[:4], values[4:8, :9], values[8:12, 30:] = np.nan, -np.inf, np.inf
    return values


def heic() -> bytes:
    """A photo as a phone writes it."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    return encoded(STORED[6](SKY), "HEIF", quality=90, exif=exif(6))


RAMP = np.tile(np.linspace(1000, 3000, 40), (24, 1))
CUT = np.dstack([RANDOM, np.tile(np.linspace(0, 255, 40).astype(np.uint8), (24, 1))])
KINDS = {
    **PHONES,
    "RGBA": encoded(CUT, "PNG"),
    "RGBA in WEBP": encoded(CUT, "WEBP", lossless=True),
    "LA": encoded(Image.fromarray(CUT).convert("LA"), "PNG"),
    "palette": palette(),
    "palette with a clear entry": palette(transparency=0),
    "RGB with a clear colour": encoded(RANDOM, "PNG", transparency=tuple(map(int, RANDOM[0, 0]))),
    "CMYK": encoded(Image.new("CMYK", (40, 24), (0, 255, 255, 0)), "JPEG", quality=95),
    "CMYK in TIFF": encoded(Image.new("CMYK", (40, 24), (0, 255, 255, 0)), "TIFF"),
    "LAB": encoded(Image.new("LAB", (40, 24), (136, 208, 195)), "TIFF"),
    "1 bit": encoded(Image.fromarray(RANDOM[..., 0]).convert("1"), "PNG"),
    "grey": encoded(RANDOM[..., 0], "PNG"),
    "16 bits": encoded(RAMP.astype(np.uint16), "PNG"),
    "16 bits in TIFF": encoded(RAMP.astype(np.uint16), "TIFF"),
    "16 bits, big-endian": encoded(Image.fromarray(RAMP.astype(">u2")), "TIFF"),
    "32 bits": encoded(RAMP.astype(np.int32) * 1000, "TIFF"),
    "floats": encoded(depths(), "TIFF"),
    "animated GIF": frames("GIF"),
    "animated WEBP": frames("WEBP", lossless=True),
    "animated PNG": frames("PNG"),
    "TIFF of several pages": frames("TIFF"),
    "MPO": frames("MPO", quality=95),
    "BMP": encoded(RANDOM, "BMP"),
    "PPM": encoded(RANDOM, "PPM"),
    "JPEG 2000": encoded(RANDOM, "JPEG2000"),
    "HEIC": heic(),
    "large JPEG": encoded(np.kron(RANDOM, np.ones((110, 110, 1), np.uint8)), "JPEG"),
    "large PNG over white": encoded(np.kron(CUT, np.ones((90, 90, 1), np.uint8)), "PNG", compress_level=1),
    "large palette": encoded(Image.fromarray(np.kron(RANDOM, np.ones((90, 90, 1), np.uint8))).convert("P"), "PNG"),
    "large 16 bits": encoded(np.kron(RAMP, np.ones((90, 90))).astype(np.uint16), "PNG", compress_level=1),
}  # fmt: skip
