"""Folders and archives of small pictures of cats and dogs."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

_drawn = np.random.default_rng(7)


def picture(kind: str = "PNG", side: int = 40) -> bytes:
    """A new picture of noise, unlike any other."""
    buffer = io.BytesIO()
    Image.fromarray(_drawn.integers(0, 256, (side, side, 3), dtype=np.uint8)).save(buffer, kind)
    return buffer.getvalue()


Files = dict[str, bytes]


def pets(count: int = 4, **more: bytes) -> Files:
    """Names and contents: ``count`` pictures each of cats and of dogs, and more files."""
    files = {f"{name}/{number}.png": picture() for name in ("cat", "dog") for number in range(count)}
    return files | more


def as_folder(files: Files, root: Path) -> Path:
    """The files in a folder; a name that ends with a slash is an empty folder."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(content)
    return root


def as_zip(files: Files, path: Path) -> Path:
    """The files in an archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


BOTH = pytest.mark.parametrize("pack", ["folder", "zip"])


def packed(files: Files, place: Path, pack: str) -> Path:
    """The files as a folder, or as an archive, called pets."""
    return as_folder(files, place / "pets") if pack == "folder" else as_zip(files, place / "pets.zip")


SPLIT = {
    f"{part}/{name}/{number}.png": count
    for part, count in (("train", 6), ("val", 3), ("test", 4))
    for name in ("cat", "dog")
    for number in range(count)
}
