"""Free memory is asked back from the C library where that can be, and nothing happens where it cannot."""

from __future__ import annotations

import platform

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
