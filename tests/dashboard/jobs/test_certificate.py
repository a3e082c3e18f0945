"""The certificate of the fit on the Adapt page: paid for, about the latest descriptor, or a sentence why not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.certificates.fit_certificate import LEVELS
from core.evaluation.controls import untrained
from core.tasks import known_tasks
from dashboard.jobs.certificate import CertificateJob
from tests.core.conftest import TINY
from tests.dashboard.harness import adapt_page, healthy, press, prose, wait, waited, worker


def promise(name: str, count: int = 40) -> CertificateJob:
    source = next(source for source in known_tasks() if source.name == name)
    return CertificateJob(untrained(TINY), source.draw(count, 0))


def test_the_latest_descriptor_is_certified_at_its_price() -> None:
    made = promise("digits despite rotation")
    assert made.ask((0.93,) * 6) is None and made.asked == (0.93,) * 6
    waited(lambda: not made.busy)
    found = made.ask((0.93,) * 6)
    assert found is not None and found.descriptor == (1.0,) * 6 and found.candidates == LEVELS**6
    assert not made.busy  # the same descriptor is not certified again
    assert made.ask((0.11,) * 6) is found  # the old one stays until the new one is there
    waited(lambda: not made.busy)
    again = made.ask((0.11,) * 6)
    assert again is not None and again.descriptor == pytest.approx((0.2,) * 6)


def test_a_quantity_gets_a_sentence() -> None:
    made = promise("rotation of digits")
    made.ask((0.5,) * 6)
    waited(lambda: bool(made.problem))
    assert "measures a quantity" in made.problem and made.ask((0.1,) * 6) is None and not made.busy


@pytest.fixture
def page() -> Iterator[AppTest]:
    with adapt_page() as app:
        yield app


def test_the_page_shows_it_with_the_price_and_the_conditions(page: AppTest) -> None:
    assert "What it can promise" not in prose(page) and "here is what it promises" in prose(page)
    page = healthy(page.selectbox(key="adapt.task").set_value("digits despite rotation").run())
    page = press(page, "step")
    page = wait(page, lambda: worker(page).snapshot().status == "paused")
    page = wait(page, lambda: worker(page).certificate_job.asked is not None and not worker(page).certificate_job.busy)
    text = prose(page)
    assert "What it can promise" in text and "46,656 is paid for: 10.8 nats" in text
    assert "named wrongly" in text and "This holds with probability 95\u00a0%." in text
    assert re.search(
        r"The yardstick is the hold-out bound.*, (lower than|higher than|the same as) the .* of the drawn", text
    )
    assert "What the drawn head has over it" in text
    assert "The 100 certified images are independent draws" in text
