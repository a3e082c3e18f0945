"""What is no usable picture, is damaged or too large is refused with a sentence; the rest is read in little memory."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data import decode
from core.data.decode import Unreadable, read_picture
from tests.core.commands import ROOT
from tests.core.data.kinds import KINDS, RANDOM, encoded

MEMORY = """
import sys
from core.data.decode import read_picture
def kilobytes(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name))
read_picture(sys.argv[2])
before = kilobytes("VmRSS")
open("/proc/self/clear_refs", "w").write("5")
size = read_picture(sys.argv[1]).size
print(size[0], size[1], (kilobytes("VmHWM") - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="peak memory is read as Linux tells it")
def test_a_photo_of_108_megapixels_needs_little_memory(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "small.jpg")
    ramp = Image.linear_gradient("L").resize((12000, 9000))
    ramp.convert("RGB").save(tmp_path / "large.jpg", quality=90)
    program = [sys.executable, "-c", MEMORY, *(str(tmp_path / name) for name in ("large.jpg", "small.jpg"))]
    found = subprocess.run(program, capture_output=True, text=True, check=True, cwd=ROOT)
    width, height, megabytes = map(int, found.stdout.split())
    assert (width, height) == (1500, 1125) and megabytes < 200


def huge_png(width: int, height: int, colour: int = 2) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.slow
def test_a_picture_of_any_size_is_read_if_the_memory_suffices(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = Image.MAX_IMAGE_PIXELS
    picture = encoded(Image.new("1", (16_000, 16_000)), "PNG")  # more than Pillow would open
    for content in (picture, encoded(Image.new("1", (16_000, 16_000)), "TIFF", compression="group4")):
        assert read_picture(content).size == (1067, 1067)
    monkeypatch.setattr(decode, "_memory", lambda: 100 << 20)
    with pytest.raises(Unreadable, match=r"16000 x 16000 pixels, which take 0\.3 GB of memory; at most 0\.1 GB"):
        read_picture(picture)
    assert limit == Image.MAX_IMAGE_PIXELS, "the limit of others is untouched"


def wide() -> bytes:
    """A TIFF of 8 x 8 floats of 64 bits, which Pillow does not read."""
    tags = [(256, 8), (257, 8), (258, 64), (259, 1), (262, 1), (273, 8), (277, 1), (278, 8), (279, 512), (339, 3)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 520, 0)[:4] + bytes(512) + struct.pack("<H", len(tags)) + entries + bytes(4)


def planes() -> bytes:
    """A TIFF of 8 x 8 pixels whose three colours of 16 bits lie one behind the other, which Pillow mixes up."""
    tags = [
        (256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 3, 400), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 3, 408),
        (277, 3, 1, 3), (278, 4, 1, 8), (279, 4, 3, 420), (284, 3, 1, 2),
    ]  # fmt: skip
    head = b"II*\0" + struct.pack("<I", 432) + RANDOM.tobytes()[:384]
    head = head.ljust(400, b"\0") + struct.pack("<HHHHIIIIII", 16, 16, 16, 0, 8, 136, 264, 128, 128, 128)
    return head + struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)


WHOLE = encoded(RANDOM, "PNG")
REFUSED = {
    "text": (b"Dear reader, this is no picture.", "not a picture of a known format"),
    "empty": (b"", "it is empty"),
    "half a HEIC": (KINDS["HEIC"][:200], "damaged"),
    "64-bit floats": (wide(), "a TIFF of a rare kind"),
    "planes of 16 bits": (planes(), "a TIFF of a rare kind"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture of a known format"),
    "icon": (encoded(RANDOM, "ICO"), "not a picture of a known format"),
    "cut PNG": (WHOLE[: len(WHOLE) // 2], "damaged"),
    "cut JPEG": (encoded(RANDOM, "JPEG")[:700], "damaged"),
    "cut header": (WHOLE[:20], "cannot be opened"),
    "zeros at the end": (WHOLE[:1200] + bytes(len(WHOLE) - 1200), "damaged"),
    "one pixel": (encoded(Image.new("RGB", (1, 1)), "PNG"), "1 x 1 pixels.*at least 8"),
    "a strip": (encoded(Image.new("RGB", (400, 10)), "PNG"), "strip of 400 x 10"),
    "4 terapixels": (huge_png(2_000_000, 2_000_000), "GB of memory; at most"),
}  # fmt: skip


@pytest.mark.parametrize("content, sentence", REFUSED.values(), ids=REFUSED)
def test_what_is_no_usable_picture_is_refused_by_name(content: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=f"^holiday.png .*{sentence}.*\\.$") as caught:
        read_picture(content, "holiday.png")
    assert caught.value.why


def test_a_heic_photo_without_the_plug_in_names_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(Unreadable, match="pip install pillow-heif"):
        read_picture(KINDS["HEIC"], "IMG_1.HEIC")


DAMAGED = [encoded(RANDOM, kind) for kind in ("PNG", "JPEG", "WEBP", "TIFF", "BMP")] + [
    encoded(Image.fromarray(RANDOM).convert("P"), "GIF")
]
MANY = 5_000


def mutated(content: bytes, random: np.random.Generator) -> bytes:
    """The content with bytes changed, cut out, repeated, zeroed or cut off."""
    spoiled = bytearray(content)
    for _ in range(int(random.integers(1, 6))):
        place, length = int(random.integers(len(spoiled))), int(random.integers(1, 40))
        match random.integers(5):
            case 0:
                spoiled[place] = int(random.integers(256))
            case 1:
                del spoiled[place : place + length]
            case 2:
                spoiled[place:place] = spoiled[place : place + length]
            case 3:
                spoiled[place : place + length] = bytes(min(length, len(spoiled) - place))
            case _:
                spoiled = spoiled[: max(place, 1)]
        spoiled = spoiled or bytearray(1)
    return bytes(spoiled)


@pytest.mark.slow
def test_of_5000_damaged_files_each_is_read_or_refused_by_name() -> None:
    random = np.random.default_rng(0)
    read = 0
    for number in range(MANY):
        try:
            picture = read_picture(mutated(DAMAGED[number % len(DAMAGED)], random), "holiday.png")
            assert picture.mode == "RGB"
            read += 1
        except Unreadable as error:
            assert str(error).startswith("holiday.png ") and "\n" not in str(error)
    assert 0.05 * MANY < read < 0.95 * MANY, "some survive and some do not, or nothing was tried"
