"""Free memory is asked back from the C library where that can be, and nothing happens where it cannot."""

from __future__ import annotations

import gc
import platform
import tomllib
import weakref
from pathlib import Path

import pytest

from dashboard.jobs import memory


def test_the_c_library_is_asked_where_it_is_glibc(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (memory._trim() is not None) == (platform.libc_ver()[0] == "glibc")
    asked: list[int] = []

    def trim(kept: int) -> int:
        asked.append(kept)
        return 1

    monkeypatch.setattr(memory, "_trim", lambda: trim)
    memory.give_back()
    assert asked == [0]
    monkeypatch.setattr(memory, "_trim", lambda: None)
    memory.give_back()
    assert asked == [0]


class Ring:
    """Refers to itself, so that only a collection finds it."""

    def __init__(self) -> None:
        self.own = self


def test_garbage_is_collected_here_and_not_after_every_run_of_a_script() -> None:
    file = Path(__file__).parents[3] / ".streamlit" / "config.toml"
    assert tomllib.loads(file.read_text(encoding="utf-8"))["runner"]["postScriptGC"] is False
    gc.disable()
    try:
        kept = weakref.ref(Ring())
        assert kept() is not None
        memory.give_back()
        assert kept() is not None, "not in the midst of work"
        memory.give_back(garbage=True)
        assert kept() is None
    finally:
        gc.enable()
