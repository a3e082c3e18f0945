"""What a task is said to want, and the augmentation policy that says the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core import AXES
from core.adaptation.preferences import Slice, sentence, slices
from core.axes.augmentation_code import policy_code
from tests.core.conftest import smooth_images
from tests.core.samples import Blinds, blind_task


def cut(*heights: float, axis: int = 0) -> Slice:
    return Slice(AXES[axis], np.linspace(0, 1, len(heights)), np.array(heights))


@pytest.mark.parametrize(
    ("heights", "wants"),
    [
        ((0, 5, 10), "ignore"),
        ((10, 5, 0), "keep"),
        ((0, 1, 2), "untold"),
        ((0, 20, 0), "between"),
        ((10, 0, 10), "untold"),
    ],
)
def test_a_slice_says_what_is_wanted(heights: tuple[float, ...], wants: str) -> None:
    assert cut(*heights).wants == wants


def test_the_sentence_names_every_axis_once() -> None:
    text = sentence([cut(0, 9, axis=0), cut(0, 9, axis=1), cut(9, 0, axis=2), cut(0, 0, axis=3)], 200)
    a, b, c, d = (axis.name for axis in AXES[:4])
    assert text == f"This task wants to ignore {a} and {b} and needs {c}; 200 labels cannot tell whether {d} matters."
    flat = [cut(0, 0, axis=0), cut(0, 0, axis=1)]
    assert sentence(flat, 40) == "40 labels cannot tell whether any of the changes matters to this task."
    assert sentence([*flat, cut(9, 0, axis=2)], 1200).endswith(f"1,200 labels cannot tell whether {a} and {b} matter.")
    assert "cannot tell" not in sentence([cut(9, 0)], 40)


def test_slices_find_the_needed_number() -> None:
    found = list(slices(Blinds(), blind_task(2), (0.5,) * 6))
    assert [each.wants == "keep" for each in found] == [k == 2 for k in range(6)]
    assert found[2].preference < 0


@pytest.mark.parametrize("descriptor", [(1.0,) * 6, (0.0,) * 6, (0.3, 0, 1, 0, 0.7, 0)])
def test_the_policy_runs_and_keeps_what_is_kept(descriptor: tuple[float, ...]) -> None:
    code = policy_code(descriptor, AXES)
    names: dict[str, Any] = {}
    exec(code.replace("SIZE = 224", "SIZE = 32"), names)
    pixels = (smooth_images(1)[0] * 255).byte()
    out = names["augment"](pixels)
    assert out.shape == pixels.shape and out.dtype == torch.float32
    if not any(descriptor):
        assert torch.equal((out * 255).round().byte(), pixels)
    assert code.count("v2.") - 2 == sum(value >= 0.05 for value in descriptor)
