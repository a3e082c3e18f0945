"""Work on many things: the same results wherever they are computed, and none computed again that is in a log."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch

from core.log import Log, completed
from core.parallel import spread
from tests.core.cluster import cluster


class Squares(Log[tuple[int, int]]):
    """Numbers and their squares."""

    called = "squares"

    def read(self, document: Any) -> tuple[int, int]:
        """A number and its square from their line."""
        number, square = document
        return number, square

    def document(self, result: tuple[int, int]) -> Any:
        """The line of a number and its square."""
        return list(result)


def squared(asked: list[int] | None = None) -> Callable[[int], int]:
    def square(number: int) -> int:
        if asked is not None:
            asked.append(number)
        return number**2

    return square


def test_here_a_thing_is_only_taken_when_its_result_is_wanted() -> None:
    asked: list[int] = []
    found = spread(squared(asked), iter(range(5)), together=3)
    assert next(found) == 0 and asked == [0]
    assert list(found) == [1, 4, 9, 16] and asked == [0, 1, 2, 3, 4]


@pytest.mark.slow
@pytest.mark.parametrize("where", ["processes", "cluster"])
def test_results_come_in_order_from_elsewhere_each_process_with_one_thread(where: str) -> None:
    def told(number: int) -> tuple[int, int, int]:
        return number**2, os.getpid(), torch.get_num_threads()

    with cluster() if where == "cluster" else nullcontext() as scheduler:
        found = list(spread(told, iter(range(7)), 2, scheduler, together=3))
    assert [square for square, *_ in found] == [number**2 for number in range(7)]
    processes = [process for _, process, _ in found]
    assert os.getpid() not in processes and len(set(processes[:3])) == len(set(processes[3:6])) == 1, "sent together"
    assert {threads for *_, threads in found} == {1}


def test_what_is_in_the_log_is_not_computed_again(tmp_path: Path) -> None:
    log, shares = Squares(tmp_path / "log", {}), list[float]()

    def cut(share: float) -> None:
        shares.append(share)
        if share == 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        completed(squared(), range(4), log, cut)
    assert shares == [0.25, 0.5] and Squares(tmp_path / "log", {}).results == [(0, 0), (1, 1)]
    asked: list[int] = []
    again = Squares(tmp_path / "log", {})
    assert completed(squared(asked), (3, 1, 2, 0, 3), again, shares.append) == [9, 1, 4, 0, 9] and asked == [3, 2]
    assert again.results == Squares(tmp_path / "log", {}).results and len(again.results) == 4 and shares[-1] == 1
    assert completed(squared(asked), (2, 0), again, shares.append) == [4, 0] and asked == [3, 2] and shares[-1] == 1


def test_without_a_log_everything_is_computed() -> None:
    shares: list[float] = []
    assert completed(squared(), range(4), None, shares.append) == [0, 1, 4, 9] and shares == [0.25, 0.5, 0.75, 1]
