"""What a command has found, as a JSON file and as rows of a CSV file."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ..model.amortised import AmortisedExtractor


def stamped(model: AmortisedExtractor, **found: Any) -> dict[str, Any]:
    """A document with what made it: digest of the checkpoint and date."""
    return {**found, "checkpoint": model.metadata.get("digest"), "date": date.today().isoformat()}


def save_json(path: Path | None, document: Mapping[str, Any]) -> None:
    """Write a document; nothing without a path.

    Raises:
        ValueError: the file cannot be written.
    """
    if path:
        _write(path, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def save_csv(path: Path | None, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows with the columns of the first one; nothing without a path. ``None`` is an empty cell.

    Raises:
        ValueError: the file cannot be written.
    """
    if path:
        _write(path, "")
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]) if rows else [])
            writer.writeheader()
            writer.writerows(rows)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{path} cannot be written ({error.strerror}). Give a file in a folder that exists.") from None
