"""Zip archives from outside: nothing is read before every name is checked, and nothing is ever written."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from .decode import Unreadable
from .names import added_by_computer, last

MAX_FILES = 50_000
MAX_BYTES, MAX_FILE_BYTES = 64 << 30, 1 << 30
"""Of everything together, and of one file, unpacked. Files are read one after the other; none is kept."""

MAX_DEPTH = 12
_CHUNK = 1 << 16
_UTF8 = 0x800  # bit 11 of the flags: the name is UTF-8 (PKWARE APPNOTE 6.3.10, 4.4.4)
_DAMAGED = "{name} cannot be unpacked: it is damaged or of an unknown kind. Zip it again."

File = tuple[str, zipfile.ZipInfo]
"""Path inside the archive, with forward slashes, and where to read it."""


@contextmanager
def opened(
    archive: Path | BinaryIO, name: str, most_files: int
) -> Iterator[tuple[zipfile.ZipFile, list[File], list[str]]]:
    """Open an archive whose entries are all harmless; reading them inside the block is watched too.

    Args:
        archive: path or content.
        name: of the archive, for sentences.
        most_files: entries allowed.

    Yields:
        The archive, its files and its folders, without what computers add by themselves.

    Raises:
        ValueError: not a zip archive, damaged, encrypted, with too many files, or with a name or a link
            that leads out of it; one sentence for a person.
    """
    with _opened(archive, name) as file:
        entries = [(path_of(info), info) for info in file.infolist()]
        for path, info in entries:
            _check(path, info, name)
        wanted = [(path, info) for path, info in entries if not _added(path)]
        files = [(path, info) for path, info in wanted if not path.endswith("/")]
        if len(files) > most_files:
            raise ValueError(f"{name} holds {len(files):,} files; at most {most_files:,} work. Use a part of them.")
        yield file, files, [path.rstrip("/") for path, _ in wanted if path.endswith("/")]


def _opened(archive: Path | BinaryIO, name: str) -> zipfile.ZipFile:
    try:
        if isinstance(archive, Path):
            archive.open("rb").close()  # or the library would call it no archive
        known = zipfile.is_zipfile(archive)
    except OSError as error:
        raise ValueError(f"{name} cannot be read: {error.strerror}. Check that you may read it.") from None
    if not known:
        raise ValueError(f"{name} is no zip archive, or its end is missing. Give a folder, or zip it again.")
    try:
        return zipfile.ZipFile(archive)
    except Exception as error:  # damaged archives fail in many ways; and the library's words may hold names from inside
        raise ValueError(_DAMAGED.format(name=name)) from error


def path_of(info: zipfile.ZipInfo) -> str:
    """The path of an entry: bytes that are UTF-8 are read so whatever the flag says; backslashes separate too.

    Programs write UTF-8 without saying so; without the flag Python reads the bytes as cp437, which loses none.
    """
    name = info.filename
    if not info.flag_bits & _UTF8:
        with suppress(UnicodeError):  # genuine cp437 is none
            name = name.encode("cp437").decode("utf-8")
    name = name.replace("\\", "/")
    return (
        name
        if name.startswith("/")
        else "/".join(part for part in name.split("/") if part not in ("", ".")) + ("/" if name.endswith("/") else "")
    )


def check_size(entries: Sequence[File], name: str, most_bytes: int) -> None:
    """Refuse entries that say they are too large together; they may lie, so reading has to count again."""
    if sum(info.file_size for _, info in entries) > most_bytes:
        raise ValueError(too_large(name, most_bytes))


def too_large(name: str, most_bytes: int) -> str:
    """The sentence for an archive that unpacks to more than ``most_bytes``."""
    return f"{name} unpacks to more than {most_bytes >> 20:,} MB; that is more than works. Use smaller or fewer images."


class Budget:
    """How much of an archive may still be unpacked; counts what really comes out.

    Args:
        name: of the archive, for sentences.
        most_bytes: of everything together. most_each: of one file.
    """

    def __init__(self, name: str, most_bytes: int, most_each: int = MAX_FILE_BYTES) -> None:
        self.name, self.most, self.left, self.each = name, most_bytes, most_bytes, most_each

    def read(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
        """The content of an entry.

        Raises:
            Unreadable: that entry alone is damaged or too large.
            ValueError: more than is left.
        """
        pieces, size = [], 0
        for piece in self._pieces(archive, info):
            size, self.left = size + len(piece), self.left - len(piece)
            if self.left < 0:
                raise ValueError(too_large(self.name, self.most))
            if size > self.each:
                text = f"has more than {self.each >> 20:,} MB in {self.name}. Shrink it first."
                raise Unreadable(last(info.filename), "too large", text)
            pieces.append(piece)
        return b"".join(pieces)

    def _pieces(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
        try:
            with archive.open(info) as file:
                while piece := file.read(_CHUNK):
                    yield piece
        except NotImplementedError:
            text = f"is packed in {self.name} in a way that cannot be read. Zip it again with the usual settings."
            raise Unreadable(last(info.filename), "packed in an unknown way", text) from None
        except Exception:  # each way of packing fails in ways of its own
            raise Unreadable(last(info.filename), "damaged", f"cannot be unpacked from {self.name}.") from None


def _check(path: str, info: zipfile.ZipInfo, name: str) -> None:
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or PureWindowsPath(path).drive:
        raise ValueError(
            f"{name} holds a file that would be written outside its folder. "
            "Nothing was unpacked; make the archive from inside the folder of images."
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ValueError(f"{name} holds a link. Nothing was unpacked; put the images themselves into it.")
    if info.flag_bits & 1:
        raise ValueError(f"{name} is encrypted. Make it again without a password.")
    if len(parts) > MAX_DEPTH:
        raise ValueError(f"{name} has folders nested {len(parts)} deep; use one folder per class.")


def _added(path: str) -> bool:
    return added_by_computer(PurePosixPath(path).parts)
