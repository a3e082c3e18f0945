"""Zip archives from outside: unpacked so that nothing is written but images, and only where it may be."""

from __future__ import annotations

import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from torchvision.datasets.folder import IMG_EXTENSIONS

MAX_FILES = 50_000
MAX_BYTES = 1 << 30
MAX_DEPTH = 12
_CHUNK = 1 << 16


@contextmanager
def unpacked(archive: str | Path) -> Iterator[Path]:
    """Unpack the images of a zip archive into a folder of its own, which is removed afterwards.

    All names are checked before anything is written. Sizes are counted while unpacking, because an
    archive may lie about them.

    Args:
        archive: the file. One folder around everything is taken off.

    Raises:
        ValueError: not a zip archive, damaged, encrypted, too large, or with a name or a link that
            leads out of it; one sentence for a person.
    """
    path = Path(archive)
    with tempfile.TemporaryDirectory(prefix="hyperinvariances-") as scratch:
        try:
            with zipfile.ZipFile(path) as file:
                _unpack(file, path.name, Path(scratch))
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise ValueError(f"{path.name} cannot be unpacked ({error}). Make the zip archive anew.") from None
        yield _innermost(Path(scratch))


def _unpack(file: zipfile.ZipFile, name: str, target: Path) -> None:
    members = [info for info in file.infolist() if not info.is_dir()]
    if len(members) > MAX_FILES:
        raise ValueError(f"{name} holds {len(members):,} files; at most {MAX_FILES:,} work. Use a part of them.")
    for info in members:
        _check(info, name)
    images = [info for info in members if _wanted(info)]
    declared = sum(info.file_size for info in images)
    if declared > MAX_BYTES:
        raise ValueError(_too_large(name))
    left = MAX_BYTES
    for info in images:
        place = target.joinpath(*PurePosixPath(info.filename).parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        with file.open(info) as source, place.open("wb") as sink:
            while chunk := source.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise ValueError(_too_large(name))
                sink.write(chunk)


def _check(info: zipfile.ZipInfo, name: str) -> None:
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    rooted = info.filename.startswith(("/", "\\")) or bool(PureWindowsPath(info.filename).drive)
    if rooted or ".." in parts:
        raise ValueError(
            f"{name} holds a file that would be written outside its folder ({info.filename[:80]!r}). "
            "Nothing was unpacked; make the archive from inside the folder of images."
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ValueError(
            f"{name} holds a link ({info.filename[:80]!r}). Nothing was unpacked; put the images themselves into it."
        )
    if info.flag_bits & 1:
        raise ValueError(f"{name} is encrypted. Make it again without a password.")
    if len(parts) > MAX_DEPTH:
        raise ValueError(f"{name} has folders nested {len(parts)} deep; use one folder per class.")


def _wanted(info: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(info.filename).parts
    return (
        info.filename.lower().endswith(IMG_EXTENSIONS)
        and parts[0] != "__MACOSX"
        and not any(part.startswith(".") for part in parts)
    )


def _too_large(name: str) -> str:
    return f"{name} unpacks to more than {MAX_BYTES >> 30} GB; that is more than works. Use smaller or fewer images."


def _innermost(folder: Path) -> Path:
    """Take off folders that hold one folder and nothing else, unless that one is the only class."""
    entries = list(folder.iterdir())
    while len(entries) == 1 and entries[0].is_dir() and any(inner.is_dir() for inner in entries[0].iterdir()):
        folder = entries[0]
        entries = list(folder.iterdir())
    return folder
