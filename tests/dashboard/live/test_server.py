"""The server before its first visitor: what has been read is not looked through for garbage ever after."""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard import server


def test_what_stays_for_good_is_not_garbage_to_look_through(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[list[object]] = [[] for _ in range(1000)]
    monkeypatch.setattr(server, "_first_screen", lambda: read.extend([] for _ in range(1000)))

    async def up() -> tuple[int, int]:
        before = gc.get_freeze_count()
        async with server.warm_up(None):
            return before, gc.get_freeze_count()

    try:
        with ThreadPoolExecutor() as pool:  # a browser test may have a loop of its own in this thread
            before, after = pool.submit(asyncio.run, up()).result()
    finally:
        gc.unfreeze()
    assert len(read) == 2000 and after >= before + len(read)
