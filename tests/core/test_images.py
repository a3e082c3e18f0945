"""Single pictures: every odd file a person may bring, and the photographs that need no network."""

from __future__ import annotations

import io
import socket
import struct
import zlib
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.images import decode_image, photographs, probe_images, square, to_tensor

RANDOM = np.random.default_rng(0).integers(0, 256, (24, 40, 3), dtype=np.uint8)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pixels(content: bytes) -> np.ndarray:
    """Decoded as (H, W, 3) in 0..255."""
    decoded = decode_image(content)
    assert decoded.dtype == torch.float32 and float(decoded.min()) >= 0 and float(decoded.max()) <= 1
    return (decoded * 255).round().numpy().astype(int).transpose(1, 2, 0)


@pytest.mark.parametrize("kind, options", [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("WEBP", {"lossless": True})])
def test_lossless_formats_give_their_pixels_back(kind: str, options: dict[str, Any]) -> None:
    np.testing.assert_array_equal(pixels(encoded(Image.fromarray(RANDOM), kind, **options)), RANDOM)


@pytest.mark.parametrize("mode, ink", [("CMYK", (0, 255, 255, 0)), ("YCbCr", (76, 85, 255)), ("RGB", (255, 0, 0))])
def test_a_jpeg_in_any_colour_space_shows_its_colour(mode: str, ink: tuple[int, ...]) -> None:
    red = pixels(encoded(Image.new(mode, (40, 24), ink), "JPEG", quality=95))
    assert red.shape == (24, 40, 3) and np.abs(red - (255, 0, 0)).max() <= 8


def test_transparency_is_laid_on_white() -> None:
    layers = np.dstack([RANDOM, np.tile(np.linspace(0, 255, 40).astype(np.uint8), (24, 1))])
    alpha = layers[..., 3:] / 255
    expected = RANDOM * alpha + 255 * (1 - alpha)
    assert np.abs(pixels(encoded(Image.fromarray(layers), "PNG")) - expected).max() <= 1


def test_a_palette_with_a_transparent_entry_becomes_rgb_on_white() -> None:
    image = Image.new("P", (16, 16), 0)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.paste(1, (8, 0, 16, 16))
    assert pixels(encoded(image, "PNG"))[0, [0, 15]].tolist() == [[10, 20, 30], [200, 100, 50]]
    assert pixels(encoded(image, "PNG", transparency=0))[0, [0, 15]].tolist() == [[255, 255, 255], [200, 100, 50]]


def test_grey_and_two_level_pictures_become_rgb() -> None:
    grey = RANDOM[..., 0]
    np.testing.assert_array_equal(pixels(encoded(Image.fromarray(grey), "PNG")), np.repeat(grey[..., None], 3, 2))
    levels = Image.fromarray(grey).convert("1")
    np.testing.assert_array_equal(pixels(encoded(levels, "PNG"))[..., 0], np.asarray(levels) * 255)


def test_16_bit_greys_span_black_to_white() -> None:
    ramp = np.tile(np.linspace(1000, 3000, 40).astype(np.uint16), (24, 1))
    expected = np.round((ramp - 1000.0) / 2000 * 255).astype(int)
    for kind in ("PNG", "TIFF"):
        assert np.abs(pixels(encoded(Image.fromarray(ramp), kind))[..., 0] - expected).max() <= 1


@pytest.mark.parametrize("mode", ["LAB", "YCbCr", "CMYK", "LA", "F", "I"])
def test_a_tiff_in_any_colour_mode_works_or_is_refused_by_name(mode: str) -> None:
    content = encoded(Image.new(mode, (16, 16)), "TIFF")
    try:
        assert decode_image(content, "odd.tiff").shape == (3, 16, 16)
    except ValueError as error:
        assert "odd.tiff" in str(error)


def test_an_animation_shows_its_first_frame() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "lime", "blue")]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert np.abs(pixels(content) - (255, 0, 0)).max() <= 4


@pytest.mark.parametrize("orientation, turns, mirrored", [(3, 2, False), (6, -1, False), (8, 1, False), (2, 0, True)])
def test_a_picture_is_turned_as_its_exif_tag_says(orientation: int, turns: int, mirrored: bool) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    expected = np.rot90(RANDOM[:, ::-1] if mirrored else RANDOM, turns)
    np.testing.assert_array_equal(pixels(encoded(Image.fromarray(RANDOM), "PNG", exif=exif)), expected)


def test_a_large_picture_is_shrunk_to_512_pixels() -> None:
    for kind in ("PNG", "JPEG"):
        assert decode_image(encoded(Image.new("RGB", (1200, 600), "teal"), kind)).shape == (3, 256, 512)


def huge_png(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


WHOLE = encoded(Image.fromarray(RANDOM), "PNG")
REFUSED = {
    "text": (b"Dear reader, this is no picture.", "not a picture of a known format"),
    "empty": (b"", "not a picture of a known format"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture of a known format"),
    "icon": (encoded(Image.fromarray(RANDOM), "ICO"), "not a picture of a known format"),
    "cut PNG": (WHOLE[: len(WHOLE) // 2], "damaged"),
    "cut JPEG": (encoded(Image.fromarray(RANDOM), "JPEG")[:700], "damaged"),
    "cut header": (WHOLE[:20], "cannot be opened"),
    "one pixel": (encoded(Image.new("RGB", (1, 1)), "PNG"), "1 x 1 pixels.*at least 8"),
    "a strip": (encoded(Image.new("RGB", (400, 10)), "PNG"), "strip of 400 x 10"),
    "41 megapixels": (huge_png(8200, 5000), "8200 x 5000 pixels; at most 40 megapixels"),
    "100 megapixels": (huge_png(10_000, 10_000), "at most 40 megapixels"),
    "4 gigapixels": (huge_png(65_000, 65_000), "at most 40 megapixels"),
    "21 megabytes": (b"\0" * (21 * 2**20), "21 MB; at most 20 MB"),
}


@pytest.mark.parametrize("content, sentence", REFUSED.values(), ids=REFUSED)
def test_what_is_no_usable_picture_is_refused_by_name(content: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^holiday.png .*{sentence}.*\\.$"):
        decode_image(content, "holiday.png")


FILES = [
    encoded(Image.fromarray(RANDOM), "PNG"),
    encoded(Image.fromarray(RANDOM), "JPEG"),
    encoded(Image.fromarray(RANDOM).convert("P"), "GIF"),
    encoded(Image.fromarray(RANDOM), "TIFF", compression="tiff_lzw"),
    encoded(Image.fromarray(RANDOM), "BMP"),
    encoded(Image.fromarray(RANDOM), "WEBP"),
]


@given(st.sampled_from(FILES), st.floats(0, 1), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=5))
def test_a_damaged_file_works_or_is_refused_by_name(
    content: bytes, length: float, changes: list[tuple[float, int]]
) -> None:
    spoiled = bytearray(content[: max(1, round(len(content) * length))])
    for place, value in changes:
        spoiled[int(place * (len(spoiled) - 1))] = value
    try:
        decoded = decode_image(bytes(spoiled), "holiday.png")
        assert decoded.ndim == 3 and len(decoded) == 3
    except ValueError as error:
        assert str(error).startswith("holiday.png ")


def test_an_image_object_becomes_a_tensor_of_the_same_pixels() -> None:
    expected = torch.from_numpy(RANDOM.transpose(2, 0, 1).copy()).float() / 255
    assert torch.equal(to_tensor(Image.fromarray(RANDOM)), expected)


@pytest.mark.parametrize("height, width", [(5, 9), (9, 5), (6, 6), (5, 8)])
def test_the_central_square_leaves_equal_margins(height: int, width: int) -> None:
    picture = torch.arange(height * width).view(1, height, width)
    side, top, left = min(height, width), (height - min(height, width)) // 2, (width - min(height, width)) // 2
    assert torch.equal(square(picture), picture[:, top : top + side, left : left + side])


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.usefixtures("offline")
def test_the_photographs_need_no_network() -> None:
    pictures = photographs()
    assert len({picture.name for picture in pictures}) == len(pictures) >= 2
    for picture in pictures:
        channels, height, width = picture.pixels.shape
        assert channels == 3 and 32 <= height == width <= 512 and picture.source
        assert float(picture.pixels.min()) >= 0 and float(picture.pixels.max()) <= 1 and picture.pixels.std() > 0.05


@pytest.mark.usefixtures("offline")
def test_probe_images_are_different_pieces_and_repeatable() -> None:
    first = probe_images(10, seed=3)
    assert first.shape == (10, 3, 32, 32) and float(first.min()) >= 0 and float(first.max()) <= 1
    assert torch.equal(first, probe_images(10, seed=3))
    assert not torch.equal(first, probe_images(10, seed=4))
    distances = torch.cdist(first.flatten(1), first.flatten(1)) + 100 * torch.eye(10)
    assert distances.min() > 1
