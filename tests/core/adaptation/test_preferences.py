"""What a task is said to want, and the augmentation policy that says the same."""

from __future__ import annotations

from dataclasses import replace
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


def ended(*heights: float, at: float, here: float, axis: int = 0) -> Slice:
    return replace(cut(*heights, axis=axis), at=at, here=here)


def test_the_sentence_never_contradicts_where_the_fit_ended() -> None:
    a, b, c = (axis.name for axis in AXES[:3])
    right = ended(0, 9, 20, at=1, here=20)
    assert (right.end, right.missed, right.away) == (1, 0, False) and sentence([right], 9).endswith(f"ignore {a}.")
    near = ended(20, 20, 38, 39, 40, at=0.33, here=37, axis=1)
    assert near.away and not near.missed
    said = f"This task wants to ignore {b} (the fit ended at 0.33, and the labels cannot tell that from 1)."
    assert sentence([near], 9) == said
    short = ended(40, 20, 7, at=1, here=7, axis=2)
    assert (short.wants, short.missed, short.best) == ("keep", 33, 0)
    missed = f"The fit missed {c}: 0 explains the labels better than its 1.00, by 33 nats."
    assert sentence([short], 9) == missed
    assert sentence([right, short], 9) == f"This task wants to ignore {a}. {missed}"


def test_points_are_won_over_the_end_that_is_not_wanted() -> None:
    shown = replace(ended(0, 9, 20, at=0.9, here=19), scores=np.array([0.5, 0.7, 0.8]), score=0.75)
    assert shown.points_won == pytest.approx(25)
    assert replace(shown, evidence=shown.evidence[::-1].copy()).points_won == pytest.approx(-5)
    assert cut(0, 9, 20).points_won is None and ended(0, 0, 0, at=1, here=0).points_won is None


def test_slices_know_where_the_fit_is() -> None:
    task = blind_task(2)
    found = list(slices(Blinds(), task, (0.5, 0.5, 0.1, 0.5, 0.5, 0.5)))
    assert [each.at for each in found] == [0.5, 0.5, 0.1, 0.5, 0.5, 0.5]
    assert len({each.here for each in found}) == len({each.score for each in found}) == 1
    for each in found:
        assert each.here is not None and each.scores is not None
        assert each.evidence.min() - 1e-6 <= each.here, "it lies on the same curve"
        assert ((each.scores >= 0) & (each.scores <= 1)).all()
    assert found[0].evidence[2] == found[0].here, "the fit's own point is one of them"
