"""Names of files and folders: what computers add by themselves, and how a name is said."""

from __future__ import annotations

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


def added_by_computer(parts: Sequence[str]) -> bool:
    """Whether a path leads to something that no person put there, such as ``.ipynb_checkpoints`` or ``@eaDir``.

    Args:
        parts: names below the folder that was given, e.g. ``("cat", "Thumbs.db")``.
    """
    return any(part.startswith(".") or part.casefold() in _ADDED for part in parts)


def shown(name: str) -> str:
    """A name as it can be said on any screen: the same letters, without what would move the cursor or the text.

    It is plain text and may hold anything that means something to Markdown, HTML or a terminal's markup; whoever
    shows it escapes it for its medium. A name of more than 120 characters is shortened in its middle.
    """
    name = "".join(_printable(letter) for letter in unicodedata.normalize("NFC", name))
    if len(name) > _LONGEST:
        name = f"{name[: _LONGEST // 2]}…{name[-_LONGEST // 2 :]}"
    return name


def last(path: str) -> str:
    """The end of a path with either kind of separator, as it can be said; ``"The file"`` if it is empty."""
    return shown(path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]).strip() or "The file"


def _printable(letter: str) -> str:
    kind = unicodedata.category(letter)
    return "\N{REPLACEMENT CHARACTER}" if kind in ("Cc", "Cs", "Zl", "Zp") or letter in _TURNING else letter
