"""What the hypernetwork costs: the lines say what times that are known come to, and the clock tells time."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import pytest
import torch

from core import AmortisedExtractor
from core.benchmark import speed


@pytest.mark.slow
def test_lines_say_what_the_times_come_to(model: AmortisedExtractor, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([[1.0, 8.0, 40.0, 32.0], [25.0], [300.0], [120.0, 100.0]])

    def read(seconds: float, *functions: Callable[[], None]) -> list[float]:
        for function in functions:
            function()
        times = next(clock)
        assert len(times) == len(functions)
        return times

    monkeypatch.setattr(speed, "_times", read)
    lines = [(cost.value, cost.unit, cost.milliseconds) for cost in speed.bench(model, torch.rand(3, 64, 64))]
    assert lines == [
        (0.125, "x", (1.0, 8.0)),
        (1.25, "x", (40.0, 32.0)),
        (1.2, "x", (120.0, 100.0)),
        (6400.0, "images/s", (40.0,)),
        (25.0, "ms", (25.0,)),
        (300.0, "ms", (300.0,)),
    ]


def test_times_are_milliseconds_of_each_function_and_functions_take_turns() -> None:
    calls: list[int] = []

    def waits(number: int, seconds: float) -> Callable[[], None]:
        def wait() -> None:
            calls.append(number)
            time.sleep(seconds)

        return wait

    short, long = speed._times(0.02, waits(0, 0.004), waits(1, 0.02))
    assert 4 <= short < 4_000 and 20 <= long < 20_000  # however busy the machine
    assert sum(one != other for one, other in pairwise(calls)) >= 9, "five rounds of both"
