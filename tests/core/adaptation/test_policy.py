"""The augmentation policy of a fit: only what the labels decide, and as far as the classifier ignores it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core import AXES, AmortisedExtractor
from core.adaptation import Adapted
from core.adaptation.head import Head
from core.adaptation.policy import policy_of
from core.adaptation.preferences import Slice
from core.backbones import Prepared
from core.tasks import Split, Task
from tests.core.conftest import TINY

HEIGHTS: dict[str, tuple[float, ...]] = {
    "ignore": (0, 5, 30), "keep": (30, 5, 0), "untold": (0, 0.5, 1), "between": (0, 30, 0),
}  # fmt: skip
ROTATION, HUE, BRIGHTNESS = (next(n for n, axis in enumerate(AXES) if axis.name == name) for name in (
    "rotation", "hue", "brightness",
))  # fmt: skip


class Mean(AmortisedExtractor):
    """Its features are the mean of all pixels: it ignores hue, and notices brightness, whatever its descriptor is."""

    def __init__(self) -> None:
        super().__init__(TINY)

    def weights(self, descriptor: torch.Tensor) -> dict[str, torch.Tensor]:
        """None."""
        return {}

    def extract(self, prepared: Prepared, weights: dict[str, torch.Tensor]) -> torch.Tensor:
        """(N, D)."""
        return prepared.parts[0].mean((1, 2, 3))[:, None].repeat(1, TINY.features)


def grey(levels: torch.Tensor) -> Split:
    return Split(levels[:, None, None, None].repeat(1, 3, 32, 32), (levels > 0.4).long())


TASK = Task(
    "grey", "Is it light?", grey(torch.linspace(0.3, 0.5, 20)), grey(torch.linspace(0.31, 0.51, 6)),
    grey(torch.linspace(0.3, 0.5, 9)), ("dark", "light"),
)  # fmt: skip


def fit(value: float) -> Adapted:
    weight = torch.zeros(TINY.features, 2)
    weight[0] = torch.tensor([-1.0, 1.0])
    point = (value,) * len(AXES)
    return Adapted(point, point, Head(weight, torch.tensor([0.4, -0.4]), 1.0), 0.0, 1.0, 1, 0.0)


def cuts(*wants: str) -> list[Slice]:
    found = [Slice(axis, np.linspace(0, 1, 3), np.array(HEIGHTS[want])) for axis, want in zip(AXES, wants, strict=True)]
    assert [each.wants for each in found] == list(wants)
    return found


def test_what_is_ignored_is_in_it_and_what_is_needed_or_not_told_is_not() -> None:
    wants = ["untold"] * len(AXES)
    wants[HUE], wants[ROTATION] = "ignore", "keep"
    policy = policy_of(Mean(), TASK, fit(0.8), cuts(*wants))
    assert policy.shares[HUE] == pytest.approx(0.8) and not any(policy.shares[:HUE] + policy.shares[HUE + 1 :])
    code = policy.code
    assert "v2.ColorJitter(hue=0.267),  # hue, 80% of its range\n" in code
    assert "# rotation is left alone: the task needs it" in code
    assert code.count("26 labels cannot tell whether it matters") == len(AXES) - 2
    assert code.count("v2.") == 3, "Compose, hue, ToDtype"


def test_a_range_ends_where_the_classifier_begins_to_notice() -> None:
    wants = ["keep"] * len(AXES)
    wants[BRIGHTNESS] = "ignore"
    policy = policy_of(Mean(), TASK, fit(1.0), cuts(*wants))
    assert policy.shares[BRIGHTNESS] == 0 and "does not ignore it" in policy.code
    assert "v2.ColorJitter(brightness" not in policy.code
    small = policy_of(Mean(), TASK, fit(0.0), cuts(*wants))
    assert small.shares[BRIGHTNESS] == 0


def test_small_changes_are_called_small() -> None:
    wants = ["keep"] * len(AXES)
    wants[HUE] = "between"
    policy = policy_of(Mean(), TASK, fit(0.25), cuts(*wants))
    assert policy.shares[HUE] == pytest.approx(0.25) and "# hue, 25% of its range: small changes only" in policy.code
