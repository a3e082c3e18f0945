"""The files of a bank of views: rows of half precision, added at the end, and a header that counts them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from torch import Tensor

HEADER = "bank.json"


def read_header(folder: Path) -> dict[str, Any]:
    """What a folder says that it holds; empty where there is nothing.

    Raises:
        ValueError: the header is damaged, or something else.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file. Give a folder for the bank.")
    path = folder / HEADER
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read ({error}). Delete the folder to make the bank anew.") from None
    if not isinstance(found, dict) or not all(isinstance(found.get(each), int) for each in ("made", "shown", "seed")):
        raise ValueError(f"{path} is not the header of a bank. Delete the folder to make the bank anew.")
    return found


@contextmanager
def adding(path: Path, start: int) -> Iterator[BinaryIO]:
    """A file to which rows are added after its first ``start`` bytes, whatever a killed process left behind them."""
    with said(path.parent):
        path.touch()
        file = path.open("r+b")
    with file:
        file.seek(start)
        yield file


def add(file: BinaryIO, rows: Tensor, folder: Path) -> None:
    """Add rows to a file of a bank.

    Raises:
        ValueError: one does not fit half precision, or the disk is full.
    """
    half = rows.cpu().half()
    if not bool(half.isfinite().all()):
        raise ValueError("What the stem gives does not fit half precision, so there can be no bank. Leave out --bank.")
    with said(folder):
        file.write(half.contiguous().numpy().tobytes())


def settle(files: Sequence[BinaryIO], folder: Path) -> None:
    """Wait until what was added is on the disk."""
    with said(folder):
        for file in files:
            file.flush()
            os.fsync(file.fileno())


def read_rows(path: Path, shape: tuple[int, ...], rows: int | slice) -> Tensor:
    """Some rows of an array on disk, as single precision.

    Raises:
        ValueError: it is not there, or shorter.
    """
    try:
        array = np.memmap(path, np.float16, "r", shape=shape)
    except (OSError, ValueError) as error:
        raise ValueError(f"The bank in {path.parent} cannot be opened ({error}). Delete it to make it anew.") from None
    return torch.from_numpy(np.array(array[rows])).float()


@contextmanager
def said(folder: Path) -> Iterator[None]:
    """Failures to write, as sentences."""
    try:
        yield
    except OSError as error:
        raise ValueError(
            f"The bank in {folder} cannot be written ({error.strerror}). What it has is kept: make room, and run this "
            "again."
        ) from None


def free_bytes(folder: Path) -> int:
    """How much is free on the disk of a folder that need not be there yet."""
    existing = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    return shutil.disk_usage(existing).free


def gigabytes(count: int) -> str:
    """Bytes for a person."""
    return f"{count / 1e9:.1f} GB" if count >= 5e7 else f"{count / 1e6:.1f} MB"
