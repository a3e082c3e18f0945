"""What the hypernetwork costs: the lines say what times that are known come to, and the clock tells time."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from core import AmortisedExtractor
from core.benchmark import from_files, speed
from core.tasks import folder_task


@pytest.mark.slow
def test_lines_say_what_the_times_come_to(model: AmortisedExtractor, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([[1.0, 8.0, 40.0], [40.0, 32.0], [25.0, 50.0], [300.0], [120.0, 100.0]])

    def read(seconds: float, *functions: Callable[[], None]) -> list[float]:
        for function in functions:
            function()
        times = next(clock)
        assert len(times) == len(functions)
        return times

    monkeypatch.setattr(speed, "_times", read)
    monkeypatch.setattr(from_files, "milliseconds", lambda model: 1500.0)
    lines = {cost.key: (cost.value, cost.unit, cost.milliseconds) for cost in speed.bench(model, torch.rand(3, 64, 64))}
    assert lines == {
        "weights": (0.125, "x", (1.0, 8.0)),
        "plain": (1.25, "x", (40.0, 32.0)),
        "step": (1.2, "x", (120.0, 100.0)),
        "rate": (6400.0, "images/s", (40.0,)),
        "sweep": (25.0, "ms", (25.0,)),
        "new": (50.0, "ms", (50.0,)),
        "photo": (300.0, "ms", (300.0,)),
        "task": (1.5, "s", (1500.0,)),
    }


@pytest.mark.slow
def test_a_folder_of_pictures_is_written_and_fitted(
    model: AmortisedExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = from_files.write_folder(tmp_path / "all")
    source = folder_task(folder)
    assert len(source.classes) == 10 and sum(each.found for each in source.counts) == 200
    assert sum(each.different for each in source.counts) >= 190, "pieces are hardly ever taken for copies"
    small = from_files.write_folder(tmp_path / "few", classes=2, shots=6, side=40)
    monkeypatch.setattr(from_files, "write_folder", lambda root: small)
    begun = time.perf_counter()
    found = from_files.milliseconds(model, repeats=2)
    assert 0 < found <= 1000 * (time.perf_counter() - begun) / 2


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
