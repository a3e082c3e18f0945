"""One door for pictures: every kind of file gives the same pixels to everybody, and a damaged one a sentence."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.adaptation.export import predict_text
from core.data import decode, load_folder
from core.data.decode import ENOUGH, Unreadable, central_square, endings, read_picture
from core.data.pictures import decode_image, square

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
    image = image if isinstance(image, Image.Image) else Image.fromarray(np.ascontiguousarray(image))
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int) -> Image.Exif:
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


@pytest.mark.parametrize("name", PHONES)
def test_a_photo_stands_upright_whatever_else_its_exif_block_holds(name: str) -> None:
    seen = np.asarray(read_picture(PHONES[name])).astype(int)
    assert np.abs(seen - SKY)[[2, 20, 28, 45]].max() <= 12, "sky above"


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("boxed", [True, False])
def test_a_heic_photo_stands_upright_by_its_box_or_by_its_tag(orientation: int, boxed: bool) -> None:
    """As bytes the encoder also writes a box that turns the picture; as an object it leaves the tag alone."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    tag = exif(orientation)
    content = encoded(STORED[orientation](SKY), "HEIF", quality=90, exif=tag.tobytes() if boxed else tag)
    assert (b"irot" in content or b"imir" in content) == (boxed and orientation > 1)
    seen = np.asarray(read_picture(content)).astype(int)
    assert np.abs(seen - SKY)[[2, 20, 28, 45]].max() <= 12


def frames(kind: str, **options: Any) -> bytes:
    pictures = [Image.new("RGB", (40, 40), colour) for colour in ("red", "lime", "blue")]
    return encoded(pictures[0], kind, save_all=True, append_images=pictures[1:], **options)


def palette(**options: Any) -> bytes:
    image = Image.new("P", (16, 16), 0)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.paste(1, (8, 0, 16, 16))
    return encoded(image, "PNG", **options)


def depths() -> np.ndarray:
    values = np.tile(np.linspace(2, 6, 40, dtype=np.float32), (24, 1))
    values[:4], values[4:8, :9], values[8:12, 30:] = np.nan, -np.inf, np.inf
    return values


def heic() -> bytes:
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


def seen(name: str) -> np.ndarray:
    return np.asarray(read_picture(KINDS[name], name)).astype(int)


STUB = """
import numpy as np
FED = []
class InferenceSession:
    def __init__(self, *a, **k): pass
    def run(self, names, feed):
        FED.append(next(iter(feed.values()))[0])
        np.save("fed.npy", np.stack(FED))
        return [np.zeros((1, 1), np.float32)]
"""


@pytest.mark.slow
def test_explore_a_folder_and_the_exported_program_see_the_same_pixels(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, content in enumerate(KINDS.values()):
        (folder / f"{number:03}.png").write_bytes(content)  # the ending promises nothing
    (tmp_path / "predict.py").write_text(predict_text(32), encoding="utf-8")
    (tmp_path / "labels.json").write_text("[]", encoding="utf-8")
    (tmp_path / "onnxruntime.py").write_text(STUB, encoding="utf-8")
    files = sorted(folder.iterdir())
    run = subprocess.run(
        [sys.executable, tmp_path / "predict.py", *files], cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    fed = np.load(tmp_path / "fed.npy") * 255
    loaded = load_folder(folder)
    assert len(fed) == len(KINDS) and loaded.skipped == ()
    for name, content, theirs, ours in zip(KINDS, KINDS.values(), fed, loaded.images.numpy(), strict=True):
        assert np.abs(theirs - ours).max() <= 1, name
        shown = square(decode_image(content, name))
        if shown.shape[-1] == 32:
            assert np.abs(shown.numpy() * 255 - ours).max() <= 1, name
        means = [float(each.mean()) for each in (shown * 255, torch.from_numpy(ours).float())]
        assert abs(means[0] - means[1]) < 6, name


def test_transparency_is_laid_on_white() -> None:
    alpha = CUT[..., 3:] / 255
    for name in ("RGBA", "RGBA in WEBP"):
        assert np.abs(seen(name) - (RANDOM * alpha + 255 * (1 - alpha))).max() <= 1
    assert seen("RGB with a clear colour")[0, 0].tolist() == [255] * 3
    assert np.abs(seen("RGB with a clear colour") - RANDOM)[1:].mean() < 1
    assert seen("palette")[0, [0, 15]].tolist() == [[10, 20, 30], [200, 100, 50]]
    assert seen("palette with a clear entry")[0, [0, 15]].tolist() == [[255, 255, 255], [200, 100, 50]]


def test_colours_of_print_and_of_lab_become_rgb() -> None:
    for name in ("CMYK", "CMYK in TIFF"):
        assert np.abs(seen(name) - (255, 0, 0)).max() <= 8
    red = seen("LAB")[0, 0]
    assert red[0] > 180 and red[1] < 120


def test_greys_of_any_depth_span_black_to_white() -> None:
    ramp = np.round((RAMP - 1000) / 2000 * 255)
    for name in ("16 bits", "16 bits in TIFF", "16 bits, big-endian", "32 bits"):
        assert np.abs(seen(name)[..., 0] - ramp).max() <= 1, name
    np.testing.assert_array_equal(seen("grey"), np.repeat(RANDOM[..., :1], 3, 2))
    assert set(np.unique(seen("1 bit"))) == {0, 255}


def test_values_that_are_missing_are_white_and_infinite_ones_the_ends() -> None:
    grey = seen("floats")[..., 0]
    assert (grey[:4] == 255).all() and (grey[4:8, :9] == 0).all() and (grey[8:12, 30:] == 255).all()
    assert grey[12, 0] == 0 and grey[12, -1] == 255 and (np.diff(grey[12]) > 0).all()


@pytest.mark.parametrize("empty", ["least", "tag"])
def test_what_stands_for_no_value_is_white_and_does_not_count(empty: str) -> None:
    values = np.tile(np.linspace(2, 6, 40, dtype=np.float32), (24, 1))
    values[:4] = -3.4028234663852886e38 if empty == "least" else -9999
    tags = {} if empty == "least" else {42113: "-9999"}
    grey = np.asarray(read_picture(encoded(values, "TIFF", tiffinfo=tags)))[..., 0].astype(int)
    assert (grey[:4] == 255).all() and grey[12, 0] == 0 and grey[12, -1] == 255 and (np.diff(grey[12]) > 0).all()


@pytest.mark.parametrize("name", ["animated GIF", "animated WEBP", "animated PNG", "TIFF of several pages", "MPO"])
def test_of_several_pictures_the_first_is_shown(name: str) -> None:
    assert np.abs(seen(name) - (255, 0, 0)).max() <= 4


@pytest.mark.parametrize("name", ["large JPEG", "large PNG over white", "large palette", "large 16 bits"])
def test_a_large_picture_is_shrunk_like_an_average(name: str) -> None:
    found = read_picture(KINDS[name])
    assert ENOUGH <= min(found.size) < 2 * ENOUGH
    small = {
        "large JPEG": RANDOM,
        "large palette": RANDOM,
        "large 16 bits": seen("16 bits"),
        "large PNG over white": seen("RGBA"),
    }
    blocks = np.asarray(found.resize((40, 24), Image.Resampling.BOX)).astype(int)
    limit = 45 if name == "large palette" else 12  # 256 colours for 960
    assert np.abs(blocks - small[name]).mean() < limit / 3 and np.abs(blocks - small[name]).max() <= 2 * limit


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
    found = subprocess.run(program, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
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


def test_every_ending_of_what_is_read_is_known() -> None:
    wanted = {".jpg", ".jpeg", ".jfif", ".png", ".gif", ".webp", ".avif", ".tif", ".tiff", ".bmp", ".ppm", ".heic"}
    assert wanted <= endings() and ".txt" not in endings() and ".ico" not in endings()


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


@given(st.integers(8, 90), st.integers(8, 90), st.integers(1, 48))
def test_the_square_is_the_middle_of_the_picture(width: int, height: int, side: int) -> None:
    red = Image.new("RGB", (width, height), "red")
    short = min(width, height)
    left, top = (width - short) // 2, (height - short) // 2
    red.paste("blue", (left, top, left + short, top + short))
    assert (central_square(red, side) == np.array([0, 0, 255])[:, None, None]).all()
