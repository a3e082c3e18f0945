"""Rows of a sample: against the plain functions, with the descriptor that the fit returns, paid for."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from core import AmortisedExtractor
from core.adaptation import Settings, adapt
from core.bounds import Grid, certify, descriptor_alone
from core.bounds.certificate import held_out_bound
from core.certificates.feature_bank import EXACT, FIXED, HEAD, LEVELS, OURS, FeatureBank, Row, exact_rows
from core.certificates.fit_certificate import certify_fit
from core.certificates.independent_images import LOOKS, sample_of
from core.tasks import Task
from core.tasks.task import divide
from tests.core.certificates.samples import red_or_blue
from tests.core.conftest import tiny_model

FEW = Settings(steps=3)


@pytest.fixture(scope="module")
def bank() -> FeatureBank:
    return FeatureBank(tiny_model(), sample_of(red_or_blue(48), 3), FEW)


def test_rows_are_what_the_plain_functions_say(bank: FeatureBank) -> None:
    rows = {(row.point.prior, row.point.method): row for row in exact_rows(bank, 40)}
    assert set(rows) == {(prior, method) for prior in ("initial", "half") for method in EXACT}
    first, second = bank.sample.halves(40)
    images, labels = bank.sample.labelled.images, bank.sample.labelled.targets
    ours, nats = rows["half", OURS], 6 * math.log(LEVELS)
    assert ours.descriptor is not None
    features = [bank.model.features(images[part], ours.descriptor) for part in (first, second)]
    again = certify(features[0], labels[first], features[1], labels[second], 2, descriptor_nats=nats)
    assert ours.point.bound == pytest.approx(again.bound) and ours.vote == min(1.0, 2 * ours.point.bound)
    alone = descriptor_alone(features[0], labels[first], features[1], labels[second], 2, nats=nats)
    assert ours.alone is not None and (ours.alone.bound, ours.alone.errors) == (alone.bound, alone.errors)
    paid = rows["initial", OURS]
    assert paid.point.descriptor == pytest.approx(nats) and paid.point.n == 40 and paid.held_out_bound is None
    assert paid.alone is None and rows["initial", HEAD].point.descriptor == 0
    for method, value in FIXED.items():
        fixed = rows["half", method]
        assert fixed.descriptor == (value,) * 6 and fixed.point.descriptor == 0 and fixed.returned is None
        assert fixed.alone is not None and fixed.alone.nats == 0
        features = [bank.model.features(images[part], fixed.descriptor) for part in (first, second)]
        again = certify(features[0], labels[first], features[1], labels[second], 2)
        assert fixed.point.bound == pytest.approx(again.bound) and fixed.held_out_bound == again.held_out_exact
    assert paid.uniform is not None and paid.uniform > 0.5
    fresh = [row.point.held_out for row in rows.values()]
    assert all(value is not None and 0 <= value <= 1 for value in fresh)


def test_the_certified_descriptor_is_the_rounded_one_that_the_fit_returns(bank: FeatureBank) -> None:
    rows = [row for row in exact_rows(bank, 40) if row.point.method == OURS]
    labelled = bank.sample.labelled.at(torch.arange(40))
    train, held = divide(labelled.targets, torch.Generator().manual_seed(FEW.seed), classes=2)
    task = Task("", "", labelled.at(train), labelled.at(held), bank.sample.test, ("no", "yes"))
    returned = adapt(bank.model, task, FEW).descriptor
    for row in rows:
        assert row.returned == pytest.approx(returned, abs=1e-4) and row.returned != (0.5,) * 6
        assert row.returned is not None and row.descriptor == Grid(LEVELS, 6).snap(row.returned)
        assert f"its choice cost {6 * math.log(LEVELS):.1f} nats" in " ".join(row.conditions)


def test_the_yardstick_is_about_what_the_first_half_alone_has_fitted(bank: FeatureBank) -> None:
    first, second = bank.sample.halves(40)
    labels = bank.sample.labelled.targets
    ours = next(row for row in exact_rows(bank, 40, priors=("half",)) if row.point.method == OURS)
    point = bank.fitted(first)
    features = [bank.features(point, part) for part in (first, second)]
    assert ours.held_out_bound == held_out_bound(features[0], labels[first], features[1], labels[second], 2)
    assert point != bank.fitted(torch.arange(40))


def test_a_bank_that_is_interrupted_goes_on_where_it_was() -> None:
    bank = FeatureBank(tiny_model(), sample_of(red_or_blue(90)), FEW)
    shares: list[float] = []

    def interrupt(share: float) -> None:
        shares.append(share)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bank.prepare(90, interrupt)
    assert bank.ready == 40 and len(shares) == 1
    bank.prepare(90, shares.append)
    assert bank.ready == 90 and shares == sorted(shares) and shares[-1] == 1.0 and len(shares) > 6
    fresh = FeatureBank(tiny_model(), bank.sample, FEW)
    rows = torch.arange(90)
    point = bank.fitted(rows)
    assert torch.allclose(bank.features(point, rows), fresh.features(point, rows), atol=1e-5)


def test_a_fit_that_used_all_labels_pays_for_its_descriptor(model: AmortisedExtractor) -> None:
    task = red_or_blue(60)
    found = certify_fit(model, task, (0.93, 0.5, 0.0, 1.0, 0.11, 0.29))
    assert found.descriptor == pytest.approx((1.0, 0.6, 0.0, 1.0, 0.2, 0.2))
    assert found.candidates == LEVELS**6 and found.certificate.kl.descriptor == pytest.approx(6 * math.log(LEVELS))
    assert found.certificate.n == found.certificate.seen == 30 and "cost 10.8 nats" in " ".join(
        found.certificate.conditions
    )


def test_rows_of_files_from_before_have_todays_names(bank: FeatureBank) -> None:
    row = next(iter(exact_rows(bank, 40)))
    document = row.document()
    assert Row.of(document) == row and row.point.method == HEAD
    document["point"]["method"] = "head"
    assert Row.of(document) == row


def test_without_test_images_nothing_is_measured_on_them(bank: FeatureBank) -> None:
    sample = replace(bank.sample, test=bank.sample.test.at(slice(0)))
    rows = list(exact_rows(FeatureBank(bank.model, sample, FEW), 40))
    assert [row.point.bound for row in rows] == pytest.approx([row.point.bound for row in exact_rows(bank, 40)])
    assert all(row.point.held_out is None and (row.alone is None or row.alone.fresh is None) for row in rows)


def test_a_look_that_is_not_paid_for_is_told_where_a_descriptor_is_paid_for(model: AmortisedExtractor) -> None:
    task = replace(red_or_blue(24), name="hand signs")
    (told,) = LOOKS["hand signs"]
    bank = FeatureBank(tiny_model(), sample_of(task), FEW)
    assert {row.point.method for row in exact_rows(bank, 24) if told in row.conditions} == {OURS}
    assert told in certify_fit(model, task, (0.5,) * 6).about
    assert told not in sample_of(red_or_blue(24)).conditions(24, paid=True)
