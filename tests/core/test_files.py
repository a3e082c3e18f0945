"""Files appear whole or not at all, and can be read by others."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from core.files import save_bytes, save_text, whole
from tests.core.commands import ROOT

PROGRAM = """
import resource, sys, torch
from pathlib import Path
from safetensors.torch import save_file
from core.files import save_bytes, whole

resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

def save_tensors(path):
    with whole(path) as partial:
        save_file({"x": torch.ones(9999)}, partial)

for save, path in ((lambda path: save_bytes(path, bytes(9999)), sys.argv[1]), (save_tensors, sys.argv[2])):
    try:
        save(Path(path))
    except ValueError as error:
        print(error)
"""
"""A process that may not write more than 4096 bytes into a file: what it meets is what a full disk is like."""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_written_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c.txt"
    save_text(path, "Kätzchen\r\n")
    assert path.read_bytes() == "Kätzchen\r\n".encode() and [each.name for each in path.parent.iterdir()] == ["c.txt"]
    save_bytes(path, b"x")
    assert path.read_bytes() == b"x"
    save_text(tmp_path / ("ä" * 127), "a name as long as names can be")
    assert len(list(tmp_path.iterdir())) == 2


def test_after_a_failure_everything_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "c.txt"
    for before in ([], ["c.txt"]):
        with pytest.raises(KeyboardInterrupt), whole(path) as partial:
            partial.write_text("half", encoding="utf-8")
            raise KeyboardInterrupt
        assert [each.name for each in tmp_path.iterdir()] == before
        save_text(path, "whole")
    assert path.read_text(encoding="utf-8") == "whole"


def test_a_reader_never_finds_half_of_it(tmp_path: Path) -> None:
    path = tmp_path / "c.txt"
    save_text(path, "before")
    with whole(path) as partial:
        partial.write_text("after", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "before" and partial.parent == tmp_path
    assert path.read_text(encoding="utf-8") == "after"


def test_others_can_read_it_as_they_read_ordinary_files(tmp_path: Path) -> None:
    ordinary, path = tmp_path / "ordinary", tmp_path / "tensors"
    ordinary.touch()
    with whole(path) as partial:
        save_file({"x": torch.ones(2)}, partial)
    assert mode(path) == mode(ordinary)
    path.chmod(0o640)
    with whole(path) as partial:
        save_file({"x": torch.ones(2)}, partial)
    assert mode(path) == 0o640, "an earlier file's mode is kept"


def test_a_link_stays_and_what_is_no_file_is_written_to_directly(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "there" / "c.txt")
    save_text(tmp_path / "link", "through")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "there" / "c.txt").read_text(encoding="utf-8") == "through"
    reading, writing = os.pipe()
    save_text(Path(f"/dev/fd/{writing}"), "to a program")
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        assert file.read() == b"to a program"


def test_what_is_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "c.txt", tmp_path / ("x" * 300)):
        with pytest.raises(ValueError, match=r"cannot be written \(.*\)\. Give a file in a folder") as found:
            save_text(path, "x")
        assert str(path) in str(found.value)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_one_sentence_and_the_earlier_file_stays(tmp_path: Path) -> None:
    """Of bytes, and of tensors."""
    paths = [tmp_path / "c.txt", tmp_path / "c.safetensors"]
    for path in paths:
        path.write_bytes(b"before")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *paths], cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )
    for path, line in zip(paths, done.stdout.splitlines(), strict=True):
        assert f"{path} cannot be written (" in line and "too large" in line, done.stderr
        assert path.read_bytes() == b"before"
    assert sorted(tmp_path.iterdir()) == sorted(paths)
