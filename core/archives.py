"""Zip archives from outside: nothing is read before every name is checked, and nothing is written but images."""

from __future__ import annotations

import errno
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from torchvision.datasets.folder import IMG_EXTENSIONS

MAX_FILES = 50_000
MAX_BYTES = 1 << 30
MAX_DEPTH = 12
_CHUNK = 1 << 16
_DAMAGED = "{name} cannot be unpacked: it is damaged or of an unknown kind. Zip it again."


def clean_name(path: str) -> str:
    """The end of a file's name without anything that could be markup; for sentences on a screen."""
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    return re.sub(r"[^\w .-]", " ", name).strip()[-40:] or "The file"


@contextmanager
def opened(
    archive: Path | BinaryIO, name: str, most_files: int
) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """Open an archive whose entries are all harmless; reading them inside the block is watched too.

    Args:
        archive: path or content.
        name: of the archive, for sentences.
        most_files: entries allowed.

    Yields:
        The archive and its entries, without folders and what file managers add unasked.

    Raises:
        ValueError: not a zip archive, damaged, encrypted, with too many files, or with a name or a link
            that leads out of it; one sentence for a person.
    """
    try:
        with zipfile.ZipFile(archive) as file:
            entries = [info for info in file.infolist() if not info.is_dir()]
            if len(entries) > most_files:
                raise ValueError(
                    f"{name} holds {len(entries):,} files; at most {most_files:,} work. Use a part of them."
                )
            for info in entries:
                _check(info, name)
            yield file, [info for info in entries if not _hidden(info.filename)]
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ValueError(f"{name} cannot be unpacked: the disk is full. Make room and bring it again.") from error
        raise ValueError(_DAMAGED.format(name=name)) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        # Not the library's words: they can hold names from inside the archive.
        raise ValueError(_DAMAGED.format(name=name)) from error


def check_size(entries: Sequence[zipfile.ZipInfo], name: str, most_bytes: int) -> None:
    """Refuse entries that say they are too large together; they may lie, so reading has to count again."""
    if sum(info.file_size for info in entries) > most_bytes:
        raise ValueError(too_large(name, most_bytes))


def too_large(name: str, most_bytes: int) -> str:
    """The sentence for an archive that unpacks to more than ``most_bytes``."""
    return f"{name} unpacks to more than {most_bytes >> 20:,} MB; that is more than works. Use smaller or fewer images."


@contextmanager
def unpacked(archive: str | Path) -> Iterator[Path]:
    """Unpack the images of a zip archive into a folder of its own, which is removed afterwards.

    Args:
        archive: the file. One folder around everything is taken off.

    Raises:
        ValueError: see :func:`opened`, or too large.
    """
    path = Path(archive)
    name = clean_name(path.name)
    with tempfile.TemporaryDirectory(prefix="hyperinvariances-") as scratch:
        with opened(path, name, MAX_FILES) as (file, entries):
            images = [info for info in entries if info.filename.lower().endswith(IMG_EXTENSIONS)]
            check_size(images, name, MAX_BYTES)
            _write(file, images, name, Path(scratch))
        yield _innermost(Path(scratch))


def _write(file: zipfile.ZipFile, images: Sequence[zipfile.ZipInfo], name: str, target: Path) -> None:
    left = MAX_BYTES
    for info in images:
        place = target.joinpath(*PurePosixPath(info.filename).parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        with file.open(info) as source, place.open("wb") as sink:
            while chunk := source.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise ValueError(too_large(name, MAX_BYTES))
                sink.write(chunk)


def _check(info: zipfile.ZipInfo, name: str) -> None:
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    rooted = info.filename.startswith(("/", "\\")) or bool(PureWindowsPath(info.filename).drive)
    if rooted or ".." in parts:
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


def _hidden(path: str) -> bool:
    """What file managers add to a zip unasked."""
    return any(part == "__MACOSX" or part.startswith(".") for part in PurePosixPath(path).parts)


def _innermost(folder: Path) -> Path:
    """Take off folders that hold one folder and nothing else, unless that one is the only class."""
    entries = list(folder.iterdir())
    while len(entries) == 1 and entries[0].is_dir() and any(inner.is_dir() for inner in entries[0].iterdir()):
        folder = entries[0]
        entries = list(folder.iterdir())
    return folder
