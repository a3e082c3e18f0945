"""Zip archives from anywhere: their names as they were meant, nothing written, nothing leads outside."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import listing as listing_module
from core.data import load_folder, zip_files
from core.data.listing import listed
from core.tasks import folder_task
from tests.core.pets import as_zip, pets, picture


def test_an_archive_in_an_archive_is_named(tmp_path: Path) -> None:
    inner = as_zip(pets(), tmp_path / "train.zip").read_bytes()
    with pytest.raises(ValueError, match=r"It holds another archive \(train\.zip\): unpack that first"):
        folder_task(as_zip({"train.zip": inner}, tmp_path / "all.zip"))


def named(name: bytes, flag: bool, content: bytes = b"x") -> bytes:
    """A zip archive whose only entry has these very bytes as its name, with or without the flag for UTF-8."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("n" * len(name), content)
    raw = bytearray(buffer.getvalue().replace(b"n" * len(name), name))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.index(signature) + place
        raw[at : at + 2] = (0x800 if flag else 0).to_bytes(2, "little")
    return bytes(raw)


NAMES = {
    "UTF-8 with the flag": ("Kätzchen/1.png".encode(), True, "Kätzchen/1.png"),
    "UTF-8 without the flag": ("Kätzchen/1.png".encode(), False, "Kätzchen/1.png"),
    "Chinese without the flag": ("猫/1.png".encode(), False, "猫/1.png"),
    "decomposed, as a Mac writes it": ("Ka\u0308tzchen/1.png".encode(), False, "Kätzchen/1.png"),
    "genuine cp437": (b"K\x84tzchen/1.png", False, "Kätzchen/1.png"),
    "backslashes": (rb"pets\cat\1.png", False, "pets/cat/1.png"),
    "a new line": (b"cat/1\n2.png", False, "cat/1\\n2.png"),
}


@pytest.mark.parametrize(("name", "flag", "said"), NAMES.values(), ids=NAMES)
def test_names_in_archives_are_read_as_they_were_meant(name: bytes, flag: bool, said: str) -> None:
    with listed(io.BytesIO(named(name, flag))) as found:
        (entry,) = found.entries
        assert entry.name == said and not isinstance(entry.source, Path) and entry.source() == b"x"


def test_a_name_that_breaks_its_own_promise_is_one_sentence() -> None:
    broken = io.BytesIO(named(b"K\xfftzchen.png", True))
    with pytest.raises(ValueError, match=r"my\.zip cannot be unpacked"), listed(broken, "my.zip"):
        pass


def test_messages_name_the_file_of_the_person() -> None:
    for content in (b"", b"no archive", named(b"cat/1.png", False)):
        with pytest.raises(ValueError, match=r"Urlaub \(2\)\.zip"):
            folder_task(io.BytesIO(content), "Urlaub (2).zip")


@pytest.mark.parametrize("name", ["../evil.png", "a/../../evil.png", "/evil.png", "C:\\evil.png", "..\\evil.png"])
def test_an_archive_that_leads_out_is_refused_whole(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "bad.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a/1.png", picture())
        file.writestr(zipfile.ZipInfo(name), picture())
    before = set(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match="outside its folder"):
        folder_task(archive)
    assert set(tmp_path.rglob("*")) == before


def test_an_archive_with_a_link_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("a/link.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as file:
        file.writestr(info, "/etc/passwd")
    with pytest.raises(ValueError, match="holds a link"):
        folder_task(tmp_path / "link.zip")


def test_a_zip_bomb_is_refused_by_what_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = as_zip(pets() | {"cat/large.png": bytes(3_000_000)}, tmp_path / "bomb.zip")
    content = archive.read_bytes()
    size = (3_000_000).to_bytes(4, "little")
    assert content.count(size) == 2
    monkeypatch.setattr(listing_module, "MAX_BYTES", 1_000_000)
    for written in (content, content.replace(size, (1000).to_bytes(4, "little"))):  # the second one lies
        archive.write_bytes(written)
        if written is content:
            with pytest.raises(ValueError, match=r"bomb\.zip unpacks to more than"):
                folder_task(archive)
        else:
            assert "1 damaged (cat/large.png)" in folder_task(archive).notes[0]
    monkeypatch.undo()
    monkeypatch.setattr(zip_files.Budget.__init__, "__defaults__", (1_000_000,))
    archive.write_bytes(content)
    assert "1 too large (cat/large.png)" in folder_task(archive).notes[0]
    monkeypatch.setattr(listing_module, "MAX_FILES", 3)
    with pytest.raises(ValueError, match="at most 3 work"):
        folder_task(archive)


def test_what_is_no_archive_is_a_sentence_and_a_damaged_entry_is_left_out(tmp_path: Path) -> None:
    fake = tmp_path / "fake.zip"
    fake.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ValueError, match=r"cannot be unpacked|is no zip archive"):
        folder_task(fake)
    noise = bytearray(as_zip(pets(5), fake).read_bytes())
    noise[60:120] = np.random.default_rng(0).bytes(60)
    fake.write_bytes(noise)
    source = folder_task(fake)
    assert source.counts[0].sentence() == "cat: 5 found, 4 used; left out: 1 damaged (cat/0.png)."


def test_nothing_is_written_while_an_archive_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = as_zip(pets(), tmp_path / "pets.zip")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    folder_task(archive)
    assert not list(scratch.iterdir()) and list(tmp_path.iterdir()).count(scratch) == 1


def _whole() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in pets():
            archive.writestr(name, picture(side=8))
    return buffer.getvalue()


WHOLE = _whole()


@given(st.binary(max_size=200), st.integers(0, 2000))
def test_damaged_archives_give_a_task_or_a_sentence(noise: bytes, at: int) -> None:
    content = bytearray(WHOLE)
    content[at : at + len(noise)] = noise
    try:
        assert len(folder_task(io.BytesIO(bytes(content)), "pets.zip").classes) >= 2
    except ValueError as error:
        assert str(error).endswith((".", ".)")) and "\n" not in str(error)


def test_an_archive_is_read_for_pretraining_too(tmp_path: Path) -> None:
    loaded = load_folder(as_zip(pets(3), tmp_path / "pets.zip"), side=24)
    assert loaded.images.shape == (6, 3, 24, 24) and loaded.classes == ("cat", "dog")
