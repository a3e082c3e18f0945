"""Own pictures: files and zips that work, and hostile ones that give one sentence."""

from __future__ import annotations

import io
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from core.data import zip_files
from core.inspect import gallery
from core.inspect.gallery import MOST_PICTURES, read_gallery


def picture(seed: int = 0, kind: str = "PNG") -> bytes:
    values = np.random.default_rng(seed).integers(0, 255, (20, 30, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, kind)
    return buffer.getvalue()


def zipped(*entries: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def test_files_and_zips_become_square_pictures_with_distinct_names() -> None:
    archive = zipped(("pets/cat.png", picture(1)), ("wild/cat.png", picture(2)), ("wild/", b""))
    found = read_gallery([("dog.jpg", picture(3, "JPEG")), ("all.zip", archive)])
    assert [each.name for each in found.pictures] == ["dog", "cat", "cat 2"]
    assert all(each.pixels.shape == (3, 20, 20) for each in found.pictures)
    assert not found.skipped and not found.surplus


def test_what_is_no_picture_is_left_out_with_a_sentence() -> None:
    found = read_gallery(
        [("a.zip", zipped(("notes.txt", b"hello"), ("cat.png", picture()), ("__MACOSX/._cat.png", b"x")))]
    )
    assert [each.name for each in found.pictures] == ["cat"]
    assert len(found.skipped) == 1 and found.skipped[0].startswith("notes.txt cannot be opened")


def test_more_pictures_than_are_compared_are_counted() -> None:
    found = read_gallery([(f"{n}.png", picture(n)) for n in range(MOST_PICTURES + 3)])
    assert len(found.pictures) == MOST_PICTURES and found.surplus == 3


def test_galleries_are_equal_by_their_files() -> None:
    assert read_gallery([("a.png", picture(1))]) == read_gallery([("b.png", picture(1))])
    assert read_gallery([("a.png", picture(1))]) != read_gallery([("a.png", picture(2))])


def bomb() -> bytes:
    return zipped(*((f"{n}.png", b"\0" * (20 * 2**20)) for n in range(11)))


def locked() -> bytes:
    content = bytearray(zipped(("a.png", picture())))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(signature) + place
        content[at : at + 2] = struct.pack("<H", 1)
    return bytes(content)


HOSTILE = {
    "upwards": (zipped(("../a.png", picture())), "outside its folder"),
    "absolute": (zipped(("/etc/a.png", picture())), "outside its folder"),
    "windows": (zipped(("C:\\a.png", picture())), "outside its folder"),
    "bomb": (bomb(), "unpacks to more than 200 MB"),
    "many": (zipped(*((f"{n}.png", b"") for n in range(1001))), "holds 1,001 files; at most 1,000"),
    "locked": (locked(), "password"),
    "cut": (zipped(("a.png", picture()))[:-30] + b"PK\x05\x06" + b"\0" * 18, "No picture was found|cannot be unpacked"),
    "empty": (zipped(), "No picture was found"),
    "no pictures": (zipped(("a.txt", b"hello")), "No picture was found.*a.txt"),
}


@pytest.mark.parametrize(("content", "sentence"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_zip_gives_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        read_gallery([("my\nholiday.zip", content)])
    assert "\n" not in str(caught.value)


def test_a_lie_about_a_size_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    content = zipped(("a.png", b"\0" * 200_000), ("b.png", b"\0" * 200_000))
    lying = content.replace((200_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lying.count((100).to_bytes(4, "little")) >= 4
    monkeypatch.setattr(gallery, "MOST_BYTES", 150_000)
    with pytest.raises(ValueError, match=r"a\.zip unpacks to more than|No picture was found"):
        read_gallery([("a.zip", lying)])
    with pytest.raises(ValueError, match=r"a\.zip unpacks to more than"):
        read_gallery([("a.zip", content)])
    assert zip_files.MAX_BYTES >= gallery.MOST_BYTES


@given(some.binary(max_size=300), some.integers(0, 300))
def test_damaged_zips_never_raise_anything_but_a_sentence(noise: bytes, at: int) -> None:
    content = bytearray(zipped(("a.png", picture())))
    content[at : at + len(noise)] = noise
    try:
        assert read_gallery([("a.zip", bytes(content))]).pictures
    except ValueError as error:
        assert str(error).endswith(".")
