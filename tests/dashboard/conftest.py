"""One server and one browser for all tests in a browser; each test has a context, so a session, of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import TIMEOUT_MS, Server, launched, served, watched


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that opens a browser or starts the server, by itself or through another fixture."""
    for item in items:
        if isinstance(item, pytest.Function) and {"browser", "server"} & set(item.fixturenames):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    expect.set_options(timeout=TIMEOUT_MS)
    with served() as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test on any fault; see :func:`tests.browser.watched`."""
    with watched(browser) as found:
        yield found
