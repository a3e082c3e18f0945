"""The files of a command: checked before the work begins, written whole, and read again."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ..files import save_bytes, save_text
from ..model.amortised import AmortisedExtractor
from ..version import PROGRAM


def check_places(*files: Path | None) -> None:
    """Refuse files that could not be written in the end, before the work begins.

    Raises:
        ValueError: the folder of a file does not exist or cannot be written to, or the file is a folder.
    """
    for file in filter(None, files):
        if file.is_dir():
            raise ValueError(f"{file} cannot be written: it is a folder. Give a file.")
        if file.exists() and not file.is_file():  # such as /dev/stdout
            continue
        folder = Path(os.path.realpath(file)).parent
        if not (folder.is_dir() and os.access(folder, os.W_OK)):
            raise ValueError(f"{file} cannot be written: there is no such folder, or it is closed. Give another file.")


def stamped(model: AmortisedExtractor, **found: Any) -> dict[str, Any]:
    """A document with what made it: digest of the checkpoint and date."""
    return {**found, "checkpoint": model.metadata.get("digest"), "date": today()}


def today() -> str:
    """The date, as 2031-12-31."""
    return date.today().isoformat()


def coordinates(model: AmortisedExtractor, point: Iterable[float]) -> dict[str, Any]:
    """The cells of a descriptor: its coordinates by the names of the axes."""
    return {axis.name: float(value) for axis, value in zip(model.transforms, point, strict=True)}


def command_line(program: str = PROGRAM) -> str:
    """The command that runs, to be repeated, without the folders of this machine."""
    return " ".join([program, *(shlex.quote(_without_folder(word)) for word in sys.argv[1:])])


def _without_folder(word: str) -> str:
    if Path(word).is_absolute():
        return Path(word).name
    name, at, folder = word.partition("@")  # a dataset and where its copy lies
    return f"{name}{at}{_without_folder(folder)}" if at else word


def save_json(path: Path | None, document: Mapping[str, Any]) -> None:
    """Write a document; nothing without a path. What is no number, infinite ones too, is ``null`` in it.

    Raises:
        ValueError: the file cannot be written.
    """
    if path:
        text = json.dumps(_finite(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        # A file's name may hold bytes that are no Unicode: written so, they are what JSON has for them.
        save_bytes(path, text.encode("utf-8", "backslashreplace"))


def save_csv(path: Path | None, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows with the columns of the first one; nothing without a path. ``None`` is an empty cell.

    Raises:
        ValueError: the file cannot be written.
    """
    if path:
        file = io.StringIO(newline="")
        writer = csv.DictWriter(file, list(rows[0]) if rows else [])
        writer.writeheader()
        writer.writerows(rows)
        save_text(path, file.getvalue())


def read_evaluation(path: Path) -> dict[str, Any]:
    """The document that ``evaluate --json`` has written.

    Raises:
        ValueError: it is not there, or no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} cannot be read as JSON ({error}). Make it with evaluate --json.") from None


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {name: _finite(each) for name, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value
