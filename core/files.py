"""Files that appear whole or not at all: whoever reads one never finds half of it, whatever happened to its writer."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

_LONGEST = 60
"""Letters of a temporary file's name that say whose it is; a name has at most 255 bytes."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write a file that takes its place, and an earlier one's, only once it is complete.

    The folder is made if it is missing. The file can be read by whom the person's other files can be read by, or by
    whom the earlier one could; a link stays a link. What is no file, such as ``/dev/stdout``, is written to directly.

    Args:
        path: the file.

    Returns:
        A context with the path to write to; after an exception in it, everything is as it was.

    Raises:
        ValueError: the folder is closed, the disk is full, or a folder has that name.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            yield path
            return
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        partial = target.with_name(f"{target.name[:_LONGEST]}.{secrets.token_hex(4)}.part")
        try:
            partial.touch(exist_ok=False)
            mode = (target if target.exists() else partial).stat().st_mode
            yield partial
            partial.chmod(mode)  # safetensors lets nobody else read what it writes
            _settle(partial)
            os.replace(partial, target)
        finally:
            partial.unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(
            f"{path} cannot be written ({reason}). Give a file in a folder that is open to you, on a disk with room."
        ) from None


def save_bytes(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all.

    Raises:
        ValueError: see :func:`whole`.
    """
    with whole(path) as partial:
        partial.write_bytes(content)


def save_text(path: Path, text: str) -> None:
    """Write a file of text as UTF-8, whole or not at all; ends of lines stay as they are.

    Raises:
        ValueError: see :func:`whole`.
    """
    save_bytes(path, text.encode("utf-8"))


def _settle(path: Path) -> None:
    """Wait until the content is on the disk: a name may be written before it, and the power may fail between."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
