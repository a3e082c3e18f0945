"""What a fitted classifier says of new pictures, and whether its confidences can be believed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.adaptation import Adapted, Settings, adapt, predict
from core.adaptation.classifier import NEAREST, check_head, check_outputs, classifier_of, seen
from core.adaptation.confidence import Confidence, best_sharpness, confidence_of, reliability
from core.adaptation.head import Head
from tests.core.conftest import tiny_model
from tests.core.data.kinds import KINDS
from tests.core.samples import Blinds, blind_task


@pytest.fixture(scope="module")
def fit() -> Adapted:
    return adapt(Blinds(), blind_task(2), Settings(steps=3))


def test_a_labelled_picture_is_its_own_nearest_and_shares_sum_to_one(fit: Adapted) -> None:
    model, task = Blinds(), blind_task(2)
    fit = replace(fit, descriptor=(0.0,) * 6)
    found = classifier_of(model, task, fit).answers(model, task.labelled.pixels[:5])
    for row, answer in enumerate(found):
        assert answer.near[0].row == row and answer.near[0].similarity == pytest.approx(1, abs=1e-5)
        similar = [each.similarity for each in answer.near]
        assert len(answer.near) == NEAREST and similar == sorted(similar, reverse=True) and not answer.strange
        assert sum(answer.shares) == pytest.approx(1, abs=1e-5) and len(answer.outputs) == 2
    outputs = predict(model, fit, task.labelled.at(slice(5)))
    torch.testing.assert_close(torch.tensor([each.outputs for each in found]), outputs)


def test_a_quantity_has_outputs_and_no_shares() -> None:
    model, task = Blinds(), blind_task(2, classes=0)
    adapted = adapt(model, task, Settings(steps=2))
    (answer,) = classifier_of(model, task, adapted).answers(model, task.test.pixels[:1])
    assert answer.shares == () and len(answer.outputs) == 1 and len(answer.near) == NEAREST
    with pytest.raises(ValueError, match="is about a quantity"):
        confidence_of(model, task, adapted)


def test_a_picture_unlike_all_labelled_ones_is_strange(fit: Adapted) -> None:
    model = Blinds()
    task = blind_task(2)
    labelled = task.labelled.images.clone()
    labelled[:, 0, 0, :6] = 0.5 + 0.1 * (labelled[:, 0, 0, :6] - 0.5)
    labelled[:, 0, 0, 3] += 0.3  # all on one side, so that the other side is far from all
    labelled[::2, 0, 0, 4] += 0.3
    split = len(task.train)
    near = replace(
        task, train=replace(task.train, images=labelled[:split]),
        validation=replace(task.validation, images=labelled[split:]),
    )  # fmt: skip
    adapted = replace(fit, descriptor=(0.0,) * 6)
    found = classifier_of(model, near, adapted)
    far = torch.zeros(1, 3, 32, 32)
    far[0, 0, 0, :6] = torch.tensor([0.0, 1.0, 0.0, 0.0, 0.65, 1.0])
    assert found.answers(model, far)[0].strange
    assert sum(each.strange for each in found.answers(model, labelled)) == 0


def test_confidences_are_right_as_often_as_they_say() -> None:
    """Outputs that are noisy log-odds of a coin with known sides: the sharpness that made them is found."""
    generator = torch.Generator().manual_seed(0)
    outputs = torch.randn(4000, 3, generator=generator)
    targets = (outputs * 2.5).softmax(1).multinomial(1, generator=generator)[:, 0]
    found = best_sharpness(outputs[:2000], targets[:2000])
    assert found == pytest.approx(2.5, rel=0.1)
    told = reliability(Confidence(found), outputs[2000:], targets[2000:])
    assert told.mean == pytest.approx(told.accuracy, abs=0.03) and told.tests == 2000
    assert sum(each.count for each in told.bands) == 2000
    for band in told.bands:
        assert band.low - 0.05 < band.right / band.count < band.high + 0.05
    wrong = reliability(Confidence(20.0), outputs[2000:], targets[2000:])
    assert wrong.mean > wrong.accuracy + 0.15, "the measure sees a classifier that is too sure"


def test_few_labels_that_are_all_named_rightly_do_not_make_it_certain() -> None:
    for count in (4, 40, 400):
        targets = torch.arange(count) % 2
        outputs = torch.nn.functional.one_hot(targets, 2).float()
        sure = float(Confidence(best_sharpness(outputs, targets))(outputs)[0, 0])
        assert sure == pytest.approx((count + 1) / (count + 2), abs=2e-3)


def test_nothing_is_said_about_how_often_it_was_right_where_too_few_test_images_were_like_that() -> None:
    outputs = torch.tensor([[2.0, 0.0]] * 12 + [[0.1, 0.0]] * 3)
    told = reliability(Confidence(2.0), outputs, torch.zeros(15, dtype=torch.long))
    assert told.about(0.55) is None
    band = told.about(0.95)
    assert band is not None and (band.count, band.right) == (12, 12)


def test_a_head_of_another_network_is_refused(fit: Adapted) -> None:
    model, task = Blinds(), blind_task(2)
    outputs = predict(model, fit, task.test)
    check_outputs(model, task, fit, outputs)
    with pytest.raises(ValueError, match="fitted with another network"):
        check_outputs(model, task, fit, outputs + 0.5)
    longer = replace(fit, head=Head(torch.zeros(99, 2), torch.zeros(2), 1.0))
    for refused in (check_head, lambda m, a: classifier_of(m, task, a)):
        with pytest.raises(ValueError, match="fitted with another network"):
            refused(tiny_model(), longer)


@pytest.mark.parametrize("name", list(KINDS)[:4])
def test_a_file_is_seen_in_the_networks_size(name: str) -> None:
    pixels = seen(KINDS[name], name, 24)
    assert pixels.shape == (3, 24, 24) and 0 <= float(pixels.min()) <= float(pixels.max()) <= 1


def test_what_is_no_picture_is_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"^notes\.txt cannot be opened: it is not a picture"):
        seen(b"hello", "notes.txt", 24)
