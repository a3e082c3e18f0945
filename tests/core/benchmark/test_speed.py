"""The benchmark: every line is measured, and each ratio is that of its two times."""

from __future__ import annotations

import pytest
import torch

from core import AmortisedExtractor
from core.benchmark.speed import bench


@pytest.mark.slow
def test_every_line_is_measured_and_ratios_are_those_of_their_times(model: AmortisedExtractor) -> None:
    costs = bench(model, torch.rand(3, 64, 64), seconds=0.02)
    assert len(costs) == 6
    assert all(cost.value > 0 and min(cost.milliseconds) > 0 for cost in costs)
    for cost in costs:
        if cost.unit == "x":
            first, second = cost.milliseconds
            assert cost.value == pytest.approx(first / second)
