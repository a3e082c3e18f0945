"""One picture file as pixels, for everybody in the same way: upright, in RGB, over white.

It needs numpy and Pillow alone, because an exported model carries this very text in its ``predict.py``.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "JPEG2000", "PPM")
"""Pillow's names of what is read; and HEIF, if the package pillow-heif is installed."""

MIN_SIDE, MOST_STRETCHED = 8, 20
ENOUGH = 1024
"""Pixels of the shorter side that are kept of a larger picture."""

HEIC_ENDINGS = (".heic", ".heif", ".hif")
HEIC_PLUGIN = "pip install pillow-heif"
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

# Orientation, Exif 2.32, section 4.6.4: what has to be done to see the picture upright.
_TURNS: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112
_BYTES = {"1": 1, "L": 1, "P": 1}  # of memory for a pixel; every other mode: 4 at most
_LARGE = 256 << 20
_STRIP = 1 << 22
_alone, _opening = Lock(), Lock()


class Unreadable(ValueError):
    """A file that gives no picture; ``why`` in a few words, e.g. ``"damaged"``."""

    def __init__(self, name: str, why: str, sentence: str) -> None:
        super().__init__(f"{name} {sentence}")
        self.why = why


def endings() -> frozenset[str]:
    """Endings of the files that may be pictures, such as ``".jpg"``; lower case."""
    Image.init()
    return frozenset(end for end, kind in Image.registered_extensions().items() if kind in (*FORMATS, "MPO")) | {
        *HEIC_ENDINGS
    }


def read_picture(source: bytes | str | os.PathLike[str], name: str = "The file") -> Image.Image:
    """Decode a picture file as a person means it.

    Turned by its orientation tag, whatever else its Exif block holds; the first frame of an animation, the first of
    several pictures; transparency and missing values over white; palettes, CMYK and LAB as RGB; the range of 16- and
    32-bit greys from black to white. Of a very large picture about 1,024 pixels of the shorter side are kept, and a
    JPEG is not even decoded beyond that.

    Args:
        source: path of a file, or its content.
        name: of the file, for sentences.

    Returns:
        An RGB image.

    Raises:
        Unreadable: no picture of a known format, damaged, too small, a strip, or too large for this machine's
            memory; one sentence for a person that begins with ``name``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow says of odd tags
            with _opened(source, name) as image:
                return upright(image, name)
    except Unreadable:
        raise
    except UnidentifiedImageError:
        known = ", ".join(FORMATS)
        text = f"cannot be opened: it is not a picture of a known format. Choose a whole file in one of: {known}."
        raise Unreadable(name, "of an unknown format", text) from None
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise Unreadable(
            name, "not readable", f"cannot be opened: {error.strerror}. Check that you may read it."
        ) from None
    except MemoryError:
        raise Unreadable(name, "too large", "takes more memory than there is. Shrink it first.") from None
    except Exception as error:  # decoders of damaged files fail in more ways than anyone can list
        raise Unreadable(name, "damaged", "cannot be opened: it is damaged. Choose a whole file.") from error


def upright(image: Image.Image, name: str = "The picture") -> Image.Image:
    """The same for an image that Pillow has opened.

    Raises:
        Unreadable: see :func:`read_picture`. Also whatever Pillow raises while it decodes.
    """
    _check_shape(image, name)
    image.draft("RGB", (ENOUGH, ENOUGH))
    size = image.width * image.height * _BYTES.get(image.mode, 4)
    if size > (most := _memory()):
        raise Unreadable(
            name,
            "too large",
            f"has {image.width} x {image.height} pixels, which take {size / 1e9:.1f} GB of memory; at most "
            f"{most / 1e9:.1f} GB are spent on one picture. Shrink it first.",
        )
    with _alone if size > _LARGE else nullcontext():
        image.load()
        turn = _turn(image)  # after loading: a TIFF has turned itself then
        rgb = _shrunk(image)
    return rgb if turn is None else rgb.transpose(turn)


def central_square(image: Image.Image, side: int) -> np.ndarray:
    """The central square of an RGB image, (3, side, side), uint8, anti-aliased."""
    short = min(image.size)
    left, top = (image.width - short) // 2, (image.height - short) // 2
    image = image.crop((left, top, left + short, top + short))
    return np.asarray(image.resize((side, side), Image.Resampling.BILINEAR)).transpose(2, 0, 1)


@contextmanager
def _opened(source: bytes | str | os.PathLike[str], name: str) -> Iterator[Image.Image]:
    with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as file:
        head = file.read(64)
        file.seek(0)
        Image.init()
        formats = [each for each in FORMATS if each in Image.OPEN]  # an older Pillow has fewer
        if head[4:8] == b"ftyp" and head[8:12] in _HEIC and b"avif" not in head:
            formats = _heif(name)
        with _opening:  # Pillow's own limit is for all threads, and counts pixels before a JPEG is shrunk
            limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
            try:
                image = Image.open(file, formats=formats)
            finally:
                Image.MAX_IMAGE_PIXELS = limit
        yield image


def _heif(name: str) -> list[str]:
    try:
        import pillow_heif
    except ImportError:
        raise Unreadable(
            name,
            f"HEIC, for which a plug-in is missing: {HEIC_PLUGIN}",
            f"cannot be opened: HEIC needs a plug-in; install it with: {HEIC_PLUGIN}.",
        ) from None
    pillow_heif.register_heif_opener()
    return ["HEIF"]


def _check_shape(image: Image.Image, name: str) -> None:
    width, height = image.size
    if min(width, height) < MIN_SIDE:
        text = f"has {width} x {height} pixels; each side needs at least {MIN_SIDE}. Choose a larger picture."
        raise Unreadable(name, "too small", text)
    if max(width, height) > MOST_STRETCHED * min(width, height):
        text = f"is a strip of {width} x {height} pixels, of which a square is next to nothing. Crop it first."
        raise Unreadable(name, "too narrow", text)


def _memory() -> int:
    """Bytes that one decoded picture may take: a quarter of the machine's memory."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4
    except (AttributeError, ValueError, OSError):  # Windows has no such function
        return 2 << 30


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION))
    except Exception:  # a block that cannot be read says nothing
        return None


def _shrunk(image: Image.Image) -> Image.Image:
    """As RGB; a very large picture in strips, each shrunk at once, so that no second copy of it is needed."""
    factor = min(image.size) // ENOUGH
    span = _span(image) if image.mode[0] in "IF" else (0.0, 0.0)
    if factor < 2:
        return _rgb(image, span)
    return Image.fromarray(
        np.concatenate([np.asarray(_rgb(each, span).reduce(factor)) for each in _strips(image, factor)])
    )


def _strips(image: Image.Image, factor: int = 1) -> Iterator[Image.Image]:
    rows = factor * max(1, _STRIP // (image.width * factor))
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def _span(image: Image.Image) -> tuple[float, float]:
    """The least and the largest finite grey value."""
    low, high = np.inf, -np.inf
    for strip in _strips(image):
        values = np.asarray(strip)
        if len(values := values[np.isfinite(values)] if image.mode[0] == "F" else values):
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    return (low, high) if low <= high else (0.0, 0.0)


def _rgb(image: Image.Image, span: tuple[float, float]) -> Image.Image:
    if image.mode[0] in "IF":
        values = np.asarray(image)
        grey = ((values - np.float32(span[0])) / np.float32(span[1] - span[0] or 1.0)).clip(0, 1) * 255
        grey[np.isnan(grey)] = 255
        if isinstance(clear := image.info.get("transparency"), int):
            grey[values == clear] = 255
        return Image.fromarray(np.rint(grey).astype(np.uint8)).convert("RGB")
    if image.mode == "LAB":
        ends = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return image.point(ImageCms.buildTransform(*ends, "LAB", "RGB"))
    if not image.has_transparency_data:
        return image.convert("RGB")
    layers = image.convert("RGBA")
    canvas = Image.new("RGBA", layers.size, "white")
    canvas.alpha_composite(layers)
    return canvas.convert("RGB")
