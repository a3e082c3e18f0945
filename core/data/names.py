"""Names of files and folders: what computers add by themselves, and how a name is said."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence

_ADDED = {
    "__macosx",  # macOS, in zips
    "@eadir",  # Synology
    "#recycle",
    "$recycle.bin",  # Windows
    "system volume information",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "lost+found",  # Linux
}
# They turn the direction of what follows, so that a name could look like another sentence.
_TURNING = {chr(code) for code in (0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_LONGEST = 120
_ESCAPED = re.compile("[\udc80-\udcff]")  # bytes that were no text in the encoding of the system


def added_by_computer(parts: Sequence[str]) -> bool:
    """Whether a path leads to something that no person put there, such as ``.ipynb_checkpoints`` or ``@eaDir``.

    Args:
        parts: names below the folder that was given, e.g. ``("cat", "Thumbs.db")``.
    """
    return any(part.startswith(".") or part.casefold() in _ADDED for part in parts)


def readable(name: str) -> str:
    """A name with the same letters, without what would move the cursor or turn the text; different names stay so.

    It is plain text and may hold anything that means something to Markdown, HTML or a terminal's markup; whoever
    shows it escapes it for its medium.
    """
    raw = name.encode("utf-8", "surrogateescape" if _ESCAPED.search(name) else "backslashreplace")
    return _written(raw)


def from_disk(name: str) -> str:
    """:func:`readable` for a name that the system gave, whatever it takes the encoding of its disks to be."""
    return _written(os.fsencode(name))


def shown(name: str) -> str:
    """:func:`readable`; more than 120 characters are shortened in the middle."""
    name = readable(name)
    return f"{name[: _LONGEST // 2]}…{name[-_LONGEST // 2 :]}" if len(name) > _LONGEST else name


def last(path: str) -> str:
    """The end of a path with either kind of separator, as it can be said; ``"The file"`` if it is empty."""
    return shown(path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]).strip() or "The file"


def _written(raw: bytes) -> str:
    """Bytes of a name as letters: UTF-8 if they are that, otherwise as old Windows and Linux systems wrote them."""
    for encoding in ("utf-8", "cp1252", "latin-1"):
        try:
            name = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    return "".join(_printable(letter) for letter in unicodedata.normalize("NFC", name))


def _printable(letter: str) -> str:
    kind = unicodedata.category(letter)
    hidden = kind in ("Cc", "Cs", "Zl", "Zp") or letter in _TURNING
    return letter.encode("unicode_escape").decode("ascii") if hidden else letter
