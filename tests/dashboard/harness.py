"""What tests in Streamlit's own harness share: a page without faults, and the Adapt page of a small model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from dashboard.adapt import runs


def healthy(app: AppTest) -> AppTest:
    """The same page, if its script has ended without an error."""
    assert not app.exception, [each.value for each in app.exception]
    return app


def page_of_a_small_model() -> None:
    """The script under test; it runs in its own namespace."""
    import core
    from core.evaluation.controls import untrained
    from dashboard.views import adapt

    sizes = core.Architecture(core.Compact((8,) * 6, 16), rank=4, hidden=8)
    adapt.render(untrained(sizes))


def element(app: AppTest, key: str) -> Element:
    """A widget of any kind by its key."""
    found = app.get_by_key(key)
    assert isinstance(found, Element)
    return found


@contextmanager
def adapt_page() -> Iterator[AppTest]:
    """The Adapt page; its fit ends with it."""
    app = AppTest.from_function(page_of_a_small_model, default_timeout=60)
    yield healthy(app.run())
    if run := runs.REGISTRY.get(app.session_state["adapt.key"]):
        run.worker.stop()
