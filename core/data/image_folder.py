"""Image sets for pretraining, evaluation and tasks: any folder or zip archive of images, as 8-bit tensors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..backbones import DEFAULT
from .copies import Mark
from .decode import HEIC_ENDINGS, Unreadable, central_square, endings, read_picture
from .layout import Part
from .listing import LINKED, Entry, Listing, listed

_EXAMPLES = 2
OF_TYPE = "of type "
ARCHIVES = {".zip", ".rar", ".7z", ".tar", ".gz", ".tgz"}


@dataclass(frozen=True)
class ClassCount:
    """What became of the files of one class.

    Attributes:
        name: of the class.
        used: images that were read.
        left_out: for each reason, in a few words, the files that it holds for.
        copies: of the images that were read, those that show the same picture as another one of the class.
    """

    name: str
    used: int
    left_out: tuple[tuple[str, tuple[str, ...]], ...] = ()
    copies: int = 0

    @property
    def found(self) -> int:
        """Files, without what computers add by themselves."""
        return self.used + sum(len(files) for _, files in self.left_out)

    @property
    def different(self) -> int:
        """Images that were read, without copies."""
        return self.used - self.copies

    @property
    def reasons(self) -> str:
        """Such as "2 damaged (cat/1.png, cat/7.png), 1 empty (cat/9.png)"; "" if nothing was left out."""
        return ", ".join(f"{len(files)} {why} ({_some(files)})" for why, files in self.left_out)

    def sentence(self) -> str:
        """The line of the class, as plain text."""
        text = f"{self.name}: {self.found:,} found, {self.different:,} used"
        if self.copies:
            text += f"; {self.copies:,} {'copy' if self.copies == 1 else 'copies'} of these"
        return f"{text}; left out: {self.reasons}." if self.left_out else f"{text}."


@dataclass(frozen=True)
class ImageSet:
    """Images with labels into ``classes``; one class if the folder is flat.

    Attributes:
        name: of the folder.
        images: (N, 3, S, S), uint8. labels: (N,), int64.
        classes: names; ``""`` for images that lie beside the folders of the others.
        skipped: files that should be pictures and could not be read.
        counts: what became of the files of each class; classes without a readable image too.
        paths: of the images below the folder; empty where they have none.
        marks: of the images, for finding copies; empty if they were not asked for.
        held_out: (N,), bool: whether the folder itself keeps the image for testing.
        parts: names of the folders ``train``, ``test``, ..., that the labelled and the test images come from.
        aside: what lies beside the folder of the classes and was not looked at.
        alike: classes whose subfolders are called alike, so that they could be parts of a split.
    """

    name: str
    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    counts: tuple[ClassCount, ...] = ()
    paths: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = field(default=(), repr=False)
    held_out: Tensor | None = None
    parts: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    aside: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()


def load_folder(
    path: str | Path, progress: Callable[[int, int], None] | None = None, side: int = DEFAULT.input_size
) -> ImageSet:
    """Read a folder or zip archive of images, flat or one subfolder per class (``ImageFolder`` layout).

    Args:
        path: of the folder or archive. Links that lead out of it are not followed.
        progress: called with (files read, files in all).
        side: S, pixels of a side of the central square that is kept of each image.

    Raises:
        ValueError: no such folder, or no readable image in it.
    """
    with listed(path) as found:
        return load(found, progress, side)


def load(
    found: Listing,
    progress: Callable[[int, int], None] | None = None,
    side: int = DEFAULT.input_size,
    *,
    parts: Sequence[Part] = (),
    copies: bool = False,
) -> ImageSet:
    """Read the images of a listing.

    Args:
        found: see :func:`core.data.listing.listed`.
        progress, side: see :func:`load_folder`.
        parts: of the listing, see :func:`core.data.layout.parts_of`; default: all of it is one part.
        copies: whether marks are made, by which copies are found.

    Raises:
        ValueError: no readable image.
    """
    parts = parts or [Part("", False, found)]
    entries = [(each, part.tested, part.name) for part in parts for each in part.files.entries]
    names = sorted({_class_of(each) for each, _, _ in entries} | {name for part in parts for name in part.files.top})
    reader = _Reader(side, copies)
    for number, (entry, tested, part) in enumerate(entries):
        reader.read(entry, tested, part)
        if progress:
            progress(number + 1, len(entries))
    counts = reader.counts(names)
    if not reader.images:
        raise ValueError(_nothing(found.name, counts))
    present = sorted(set(reader.labels))
    from_train, from_test = (
        tuple(part.name for part in parts if part.tested == tested and part.name) for tested in (False, True)
    )
    return ImageSet(
        found.name,
        torch.from_numpy(np.stack(reader.images)),
        torch.tensor([present.index(label) for label in reader.labels]),
        tuple(present),
        tuple(reader.skipped),
        counts,
        tuple(reader.paths),
        tuple(reader.marks),
        torch.tensor(reader.tested),
        (from_train, from_test),
    )  # fmt: skip


class _Reader:
    """Collects what comes out of files, and why what does not."""

    def __init__(self, side: int, copies: bool) -> None:
        self.side, self.copies, self.known = side, copies, endings()
        self.images: list[np.ndarray] = []
        self.labels: list[str] = []
        self.paths: list[str] = []
        self.marks: list[Mark] = []
        self.tested: list[bool] = []
        self.skipped: list[str] = []
        self.left_out: dict[str, dict[str, list[str]]] = {}

    def read(self, entry: Entry, tested: bool, part: str) -> None:
        """Take a file in, or note why not; ``part`` is the folder of a split that it lies in."""
        name, label = f"{part}/{entry.name}" if part else entry.name, _class_of(entry)
        try:
            picture = self._picture(entry, name)
        except Unreadable as error:
            self.left_out.setdefault(label, {}).setdefault(error.why, []).append(name)
            return
        self.images.append(central_square(picture, self.side))
        self.labels.append(label)
        self.paths.append(name)
        self.tested.append(tested)
        if self.copies:
            self.marks.append(Mark.of(picture))

    def _picture(self, entry: Entry, name: str) -> Image.Image:
        if entry.problem:
            raise Unreadable(name, entry.problem, f"is {entry.problem}.")
        if entry.ending and entry.ending not in self.known:
            raise Unreadable(name, f"{OF_TYPE}{entry.ending}", "is no picture.")
        try:
            content = entry.source if isinstance(entry.source, Path) else entry.source()
            if not (content.stat().st_size if isinstance(content, Path) else content):
                raise Unreadable(name, "empty", "is empty.")
            return read_picture(content, name)
        except Unreadable as error:
            if entry.ending or error.why != "of an unknown format":
                self.skipped.append(name)
            raise
        except OSError as error:
            self.skipped.append(name)
            raise Unreadable(name, "not readable", f"cannot be opened: {error.strerror}.") from None

    def counts(self, names: Sequence[str]) -> tuple[ClassCount, ...]:
        """What became of the files of each of these classes."""
        used = Counter(self.labels)
        found = []
        for name in names:
            reasons = self.left_out.get(name, {})
            found.append(ClassCount(name, used[name], tuple((why, tuple(files)) for why, files in reasons.items())))
        return tuple(found)


def _class_of(entry: Entry) -> str:
    return entry.parts[0] if len(entry.parts) > 1 else ""


def _some(files: Sequence[str]) -> str:
    named = ", ".join(file.rstrip("/") for file in files[:_EXAMPLES])
    return f"{named}, …" if len(files) > _EXAMPLES else named


def advice(counts: Iterable[ClassCount]) -> str:
    """What to do about files that were left out, as sentences after a space; "" if nothing can be."""
    reasons = {why for count in counts for why, _ in count.left_out}
    said = " Links are not followed out of the folder: copy the images themselves into it." if LINKED in reasons else ""
    packed = any(why.removeprefix(OF_TYPE) in ARCHIVES for why in reasons)
    return said + (" Archives in a folder are not opened: unpack them first." if packed else "")


def left_out_in_all(counts: Iterable[ClassCount]) -> str:
    """For each reason the number of files with examples, over all classes; "" if nothing was left out."""
    reasons: dict[str, list[str]] = {}
    for count in counts:
        for why, files in count.left_out:
            reasons.setdefault(why, []).extend(files)
    return ClassCount("", 0, tuple((why, tuple(files)) for why, files in reasons.items())).reasons


def _nothing(name: str, counts: Sequence[ClassCount]) -> str:
    reasons = left_out_in_all(counts)
    files = f"left out: {reasons}" if reasons else "no file was found"
    known = f" Known endings: {', '.join(sorted(endings() - {*HEIC_ENDINGS}))}."
    return f"No readable image in {name}; {files}.{advice(counts)}{known if not reasons or OF_TYPE in reasons else ''}"
