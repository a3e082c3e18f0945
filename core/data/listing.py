"""What is in a folder or a zip archive: every file with where it lies, before any picture is decoded."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from .names import added_by_computer, from_disk, last, readable, shown
from .zip_files import MAX_BYTES, MAX_FILES, Budget, opened

Parts = tuple[str, ...]
LINKED = "linked elsewhere"


@dataclass(frozen=True)
class Entry:
    """A file.

    Attributes:
        parts: folders and name below the root, as they can be said, e.g. ``("cat", "1.png")``.
        source: its path, or a function that gives its content.
        problem: why it must not be read, in a few words, or "".
    """

    parts: Parts
    source: Path | Callable[[], bytes]
    problem: str = ""

    @property
    def name(self) -> str:
        """Its path below the root."""
        return "/".join(self.parts)

    @property
    def ending(self) -> str:
        """Such as ``".jpg"``, lower case; "" if there is none."""
        return os.path.splitext(self.parts[-1])[1].lower()

    def below(self, depth: int) -> Entry:
        """The same file seen from a folder further in."""
        return Entry(self.parts[depth:], self.source, self.problem)


@dataclass(frozen=True)
class Listing:
    """All files and folders below a root, sorted, without what computers add by themselves.

    Attributes:
        name: of the root, for sentences.
        entries: the files.
        folders: all folders, also those without a file.
    """

    name: str
    entries: tuple[Entry, ...]
    folders: tuple[Parts, ...]

    @property
    def top(self) -> tuple[str, ...]:
        """Names of the folders at the top."""
        return tuple(sorted({parts[0] for parts in self.folders}))

    def inside(self, folder: str) -> Listing:
        """What is in one of the folders at the top."""
        entries = tuple(each.below(1) for each in self.entries if len(each.parts) > 1 and each.parts[0] == folder)
        return Listing(
            self.name, entries, tuple(parts[1:] for parts in self.folders if parts[0] == folder and parts[1:])
        )


@contextmanager
def listed(source: str | Path | BinaryIO, name: str = "") -> Iterator[Listing]:
    """List a folder, or a zip archive by its path or as an open file; its files can be read inside the block.

    Args:
        source: links in a folder that lead out of it are listed with a problem and never read.
        name: what to call it in sentences; default: its own name.

    Raises:
        ValueError: there is nothing, or the archive is damaged or dangerous (see
            :func:`core.data.zip_files.opened`); one sentence for a person.
    """
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        if path.is_dir():
            yield _folder(path.resolve(), name or shown(path.resolve().name))
            return
        if not path.is_file():
            raise ValueError(
                f"There is no folder {shown(str(source))}. Give a folder of images, flat or with one subfolder per "
                "class, or a zip archive of one."
            )
        source, name = path, name or last(str(path))
    with _zip(source, name or "The archive") as found:
        yield found


def _folder(root: Path, name: str) -> Listing:
    entries: list[Entry] = []
    folders: list[Parts] = []
    closed: list[OSError] = []
    for place, inner, files in os.walk(root, onerror=closed.append):
        above = Path(place).relative_to(root).parts
        inner[:] = sorted(each for each in inner if not added_by_computer((each,)))
        folders += [_on_disk(*above, each) for each in inner]
        for each in files:
            if not added_by_computer((each,)):
                path = Path(place, each)
                entries.append(Entry(_on_disk(*above, each), path, _problem(path, root)))
        for each in [each for each in inner if Path(place, each).is_symlink()]:
            entries.append(Entry(_on_disk(*above, each, ""), Path(place, each), LINKED))
    for error in closed:
        where = Path(error.filename)
        if where == root:
            raise ValueError(f"{name} cannot be read: {error.strerror}. Check that you may read it.")
        entries.append(Entry(_on_disk(*where.relative_to(root).parts, ""), where, "not readable"))
    return _sorted(name, entries, folders)


def _problem(path: Path, root: Path) -> str:
    try:
        if path.is_symlink() and (_in_a_circle(path) or not path.resolve().is_relative_to(root)):
            return LINKED
        return "" if path.is_file() else "not a file"
    except OSError:
        return "not readable"


def _in_a_circle(link: Path) -> bool:
    """Whether links lead to each other; what resolving them does then depends on the version of Python."""
    try:
        link.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


@contextmanager
def _zip(source: Path | BinaryIO, name: str) -> Iterator[Listing]:
    with opened(source, name, MAX_FILES) as (archive, files, folders):
        budget = Budget(name, MAX_BYTES)
        entries = [Entry(_in_zip(path), partial(budget.read, archive, info)) for path, info in files]
        above = {parts[:depth] for parts in (each.parts for each in entries) for depth in range(1, len(parts))}
        yield _sorted(name, entries, [*above, *map(_in_zip, folders)])


def _on_disk(*parts: str) -> Parts:
    return tuple(map(from_disk, parts))


def _in_zip(path: str) -> Parts:
    return tuple(map(readable, path.split("/")))


def _sorted(name: str, entries: list[Entry], folders: list[Parts]) -> Listing:
    return Listing(name, tuple(sorted(entries, key=lambda each: each.parts)), tuple(sorted(set(folders))))
