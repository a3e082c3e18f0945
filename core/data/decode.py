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
from typing import BinaryIO

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
_ORIENTATION, _UNTURNED = 0x0112, "orientation that nobody has followed"
_HEAD = 1 << 16
_BYTES = {"1": 1, "L": 1, "P": 1}  # of memory for a pixel; every other mode: 4 at most
_LARGE = 256 << 20
_STRIP = 1 << 22
_BEYOND = 1e38  # the largest and the least float stand for no value too
_KNOWN = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC, JPEG 2000, PPM"
_alone, _counting = Lock(), Lock()
_within, _limit = 0, Image.MAX_IMAGE_PIXELS


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
    head = b""
    try:
        with warnings.catch_warnings(), _unlimited(), _file(source) as file:
            warnings.simplefilter("ignore")  # what Pillow says of odd tags
            head = file.read(_HEAD)
            file.seek(0)
            if not head:
                raise Unreadable(name, "empty", "cannot be opened: it is empty. Choose a whole file.")
            image = Image.open(file, formats=_formats(head, name))
            if _is_heic(head) and b"irot" not in head and b"imir" not in head:
                # The plug-in takes the tag away, because a HEIC should turn itself by a box of its own.
                image.info[_UNTURNED] = image.info.get("original_orientation")
            return upright(image, name)
    except Unreadable:
        raise
    except UnidentifiedImageError:
        raise _unknown(name, head) from None
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        text = f"cannot be opened: {error.strerror}. Check that you may read it."
        raise Unreadable(name, "not readable", text) from None
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
    tags = getattr(image, "tag_v2", {})
    if (tags.get(284), tags.get(259), max(tags.get(258, (8,)))) == (2, 1, 16):  # Pillow mixes such planes up
        raise _unknown(name, b"II*\0")
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


def _file(source: bytes | str | os.PathLike[str]) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb")


@contextmanager
def _unlimited() -> Iterator[None]:
    """Without Pillow's own limit, which is one for all threads and counts the pixels of a JPEG before it is shrunk."""
    global _within, _limit
    with _counting:
        if not _within:
            _limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        _within += 1
    try:
        yield
    finally:
        with _counting:
            _within -= 1
            if not _within:
                Image.MAX_IMAGE_PIXELS = _limit


def _formats(head: bytes, name: str) -> list[str]:
    Image.init()
    if not _is_heic(head):
        return [each for each in FORMATS if each in Image.OPEN]  # an older Pillow has fewer
    try:
        import pillow_heif
    except ImportError:
        why = f"HEIC, for which a plug-in is missing: {HEIC_PLUGIN}"
        text = f"cannot be opened: HEIC needs a plug-in; install it with: {HEIC_PLUGIN}."
        raise Unreadable(name, why, text) from None
    pillow_heif.register_heif_opener()
    return ["HEIF"]


def _is_heic(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _HEIC and b"avif" not in head[:64]


def _unknown(name: str, head: bytes) -> Unreadable:
    if _is_heic(head):
        return Unreadable(name, "damaged", "cannot be opened: it is damaged. Choose a whole file.")
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        text = "cannot be opened: it is a TIFF of a rare kind, or damaged. Save it with 8 or 16 bits, or 32-bit floats."
        return Unreadable(name, "a TIFF of a rare kind, or damaged", text)
    text = f"cannot be opened: it is not a picture of a known format. Choose a whole file in one of: {_KNOWN}."
    return Unreadable(name, "of an unknown format", text)


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
        return _TURNS.get(image.info.get(_UNTURNED) or image.getexif().get(_ORIENTATION))
    except Exception:  # a block that cannot be read says nothing
        return None


def _shrunk(image: Image.Image) -> Image.Image:
    """As RGB; a very large picture in strips, each shrunk at once, so that no second copy of it is needed."""
    factor = min(image.size) // ENOUGH
    span, missing = (0.0, 0.0), _no_data(image)
    if image.mode[0] in "IF":
        span = _span(image, missing)
    if factor < 2:
        return _rgb(image, span, missing)
    strips = [np.asarray(_rgb(each, span, missing).reduce(factor)) for each in _strips(image, factor)]
    return Image.fromarray(np.concatenate(strips))


def _strips(image: Image.Image, factor: int = 1) -> Iterator[Image.Image]:
    rows = factor * max(1, _STRIP // (image.width * factor))
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def _no_data(image: Image.Image) -> float | None:
    """The grey value that stands for no value: a clear one, or what GDAL calls NODATA (tag 42113 of a TIFF)."""
    try:
        found = image.info.get("transparency", getattr(image, "tag_v2", {}).get(42113))
        return None if found is None else float(str(found).strip("\0 "))
    except ValueError:
        return None


def _values(image: Image.Image, missing: float | None) -> np.ndarray:
    """Grey values, NaN where there is none."""
    values = np.asarray(image)
    if image.mode[0] == "F":
        return np.where((np.abs(values) >= _BEYOND) & np.isfinite(values) | (values == missing), np.nan, values)
    return values if missing is None else np.where(values == missing, np.nan, values.astype(np.float32))


def _span(image: Image.Image, missing: float | None) -> tuple[float, float]:
    """The least and the largest finite grey value."""
    low, high = np.inf, -np.inf
    for strip in _strips(image):
        values = _values(strip, missing)
        if len(values := values[np.isfinite(values)] if values.dtype.kind == "f" else values):
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    return (low, high) if low <= high else (0.0, 0.0)


def _rgb(image: Image.Image, span: tuple[float, float], missing: float | None) -> Image.Image:
    if image.mode[0] in "IF":
        values = _values(image, missing)
        grey = ((values - np.float32(span[0])) / np.float32(span[1] - span[0] or 1.0)).clip(0, 1) * 255
        return Image.fromarray(np.rint(np.nan_to_num(grey, nan=255.0)).astype(np.uint8)).convert("RGB")
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
        assert converted is not None  # it would be None if it were changed in place
        return converted
    if not image.has_transparency_data:
        return image.convert("RGB")
    layers = image.convert("RGBA")
    canvas = Image.new("RGBA", layers.size, "white")
    canvas.alpha_composite(layers)
    return canvas.convert("RGB")
