"""What stands beside a score, against scikit-learn, SciPy and counting."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom
from sklearn.metrics import accuracy_score, balanced_accuracy_score, r2_score

from core.tasks.score import accuracy, determination, exact_interval


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_accuracy_and_balanced_accuracy_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, called = (torch.tensor(column) for column in zip(*pairs, strict=True))
    found = accuracy(F.one_hot(called, 4).float(), truth, 4)
    assert found.value == pytest.approx(accuracy_score(truth, called)) and found.tests == len(pairs)
    counts = np.bincount(truth)
    assert found.majority == pytest.approx(counts.max() / len(pairs))
    uneven = counts.max() > 1.25 * counts[counts > 0].mean()
    assert (found.balanced is not None) == uneven
    if found.balanced is not None:
        recalls = [np.mean(called[truth == c].numpy() == c) for c in np.unique(truth)]
        assert found.balanced == pytest.approx(np.mean(recalls))
        if set(called.tolist()) <= set(truth.tolist()):
            assert found.balanced == pytest.approx(balanced_accuracy_score(truth, called))


@given(st.integers(1, 400), st.data())
def test_the_interval_is_that_of_the_binomial_tails(count: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, count))
    found = exact_interval(right / count, count)
    assert found is not None
    low, high = found
    assert low == pytest.approx(0 if right == 0 else beta.ppf(0.025, right, count - right + 1), abs=1e-9)
    assert high == pytest.approx(1 if right == count else beta.ppf(0.975, right + 1, count - right), abs=1e-9)
    assert right == 0 or binom.sf(right - 1, count, low) == pytest.approx(0.025, abs=1e-6)


def test_nobody_knows_the_interval_of_a_score_on_no_images() -> None:
    assert exact_interval(0.5, 0) is None


def test_a_quantity_has_a_number_of_images_only() -> None:
    truth, guess = torch.randn(50), torch.randn(50)
    found = determination(guess[:, None], truth)
    assert found.value == pytest.approx(r2_score(truth, guess), abs=1e-4)
    assert (found.tests, found.majority, found.balanced, found.interval) == (50, None, None, None)
    assert found.sentence("R²").endswith("on 50 test images.")


def test_naming_the_most_frequent_class_does_not_look_like_success() -> None:
    truth = torch.tensor([0] * 260 + [1] * 5)
    found = accuracy(F.one_hot(torch.zeros(265, dtype=torch.int64), 2).float(), truth, 2)
    assert found.value == found.majority == pytest.approx(260 / 265) and found.balanced == 0.5
    assert found.sentence("accuracy") == (
        "Accuracy 0.981 [95 % interval 0.957 to 0.994] on 265 test images; naming their most frequent class every time "
        "would score 0.981; balanced accuracy, each class counting the same: 0.500."
    )
