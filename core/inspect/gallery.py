"""A person's own pictures: several files, or a zip of a folder, read with suspicion."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ..data.decode import Unreadable
from ..data.names import last
from ..data.pictures import Photograph, decode_image, square
from ..data.zip_files import Budget, check_size, opened

MOST_PICTURES = 24
"""Pictures that are used; each one is compared anew at every move of a slider."""

MOST_ENTRIES = 1000
MOST_BYTES = 200 * 2**20
"""Of all files together, unpacked."""


@dataclass(frozen=True)
class Gallery:
    """Square pictures with distinct names.

    Attributes:
        pictures: at most :data:`MOST_PICTURES`.
        digest: of the files.
        skipped: one sentence for each file that is no usable picture.
        surplus: further files that were not opened.
    """

    pictures: tuple[Photograph, ...] = field(compare=False)
    digest: str
    skipped: tuple[str, ...] = ()
    surplus: int = 0


def read_gallery(files: Sequence[tuple[str, bytes]]) -> Gallery:
    """Read files and zips of files.

    Nothing is written to disk, and sizes are checked before anything is unpacked. A file that is no
    picture is left out; so is a zip that looks like an attack, as a whole.

    Args:
        files: (name, content).

    Raises:
        ValueError: one sentence: no usable picture at all, or too much of something.
    """
    pictures: dict[str, Photograph] = {}
    skipped: list[str] = []
    surplus, total = 0, hashlib.sha256()
    for path, content in _unpacked(files):
        if len(pictures) == MOST_PICTURES:
            surplus += 1
            continue
        name = last(path)
        if isinstance(content, ValueError):
            skipped.append(str(content))
            continue
        try:
            pixels = square(decode_image(content, name)).contiguous()
        except ValueError as error:
            skipped.append(str(error))
            continue
        total.update(content)
        name = _distinct(PurePosixPath(name).stem or "picture", pictures)
        pictures[name] = Photograph(name, "your own", pixels)
    if not pictures:
        reason = skipped[0] if skipped else "They are empty."
        raise ValueError(f"No picture was found in these files. {reason}")
    return Gallery(tuple(pictures.values()), total.hexdigest()[:16], tuple(skipped), surplus)


def _unpacked(files: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, bytes | ValueError]]:
    """Names and contents, or what is wrong with one of them; a zip that looks like an attack is refused as a whole."""
    entries = size = 0
    for name, content in files:
        inside: Iterable[tuple[str, bytes | ValueError]] = [(name, content)]
        if zipfile.is_zipfile(io.BytesIO(content)):
            try:
                inside = list(_entries(name, content))
            except ValueError as error:
                inside = [(name, error)]
        for path, body in inside:
            entries, size = entries + 1, size + (len(body) if isinstance(body, bytes) else 0)
            if entries > MOST_ENTRIES:
                raise ValueError(f"There are more than {MOST_ENTRIES} files. Choose fewer.")
            if size > MOST_BYTES:
                raise ValueError(f"The files have more than {MOST_BYTES >> 20} MB in all. Choose fewer.")
            yield path, body


def _entries(name: str, content: bytes) -> Iterator[tuple[str, bytes | ValueError]]:
    shown = last(name)
    with opened(io.BytesIO(content), shown, MOST_ENTRIES) as (archive, entries, _):
        check_size(entries, shown, MOST_BYTES)
        budget = Budget(shown, MOST_BYTES)
        for path, info in entries:
            try:
                yield path, budget.read(archive, info)
            except Unreadable as error:
                yield path, error


def _distinct(name: str, taken: dict[str, Photograph]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free
