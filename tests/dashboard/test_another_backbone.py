"""Every page with a model whose backbone is not the shipped one; see :mod:`tests.split_resnet`."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.model import checkpoints
from dashboard import cache, pages
from dashboard.adapt import runs
from dashboard.pages import PAGES
from dashboard.session.settings import PANELS
from tests.dashboard.harness import healthy
from tests.split_resnet import SplitResnet

pytestmark = pytest.mark.slow
APP = Path(__file__).parents[2] / "dashboard" / "app.py"
WAIT_S = 120.0


@pytest.fixture(autouse=True)
def shipped(other_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "SHIPPED", other_checkpoint)
    assert cache.model().backbone == SplitResnet()


def opened(monkeypatch: pytest.MonkeyPatch, name: str, **address: str) -> AppTest:
    """A page, by making it the first one."""
    first = next(page for page in PAGES if page.name == name)
    monkeypatch.setattr(pages, "PAGES", (first, *(page for page in PAGES if page is not first)))
    app = AppTest.from_file(str(APP), default_timeout=300)
    app.query_params.update(address)
    return healthy(app.run())


def prose(app: AppTest) -> str:
    return "\n".join(each.value for kind in (app.title, app.header, app.markdown, app.caption) for each in kind)


@pytest.mark.parametrize("panel", PANELS)
def test_explore(monkeypatch: pytest.MonkeyPatch, panel: str) -> None:
    app = opened(monkeypatch, "explore", panel=panel)
    assert not app.error and "Which changes does the network notice?" in prose(app)
    if panel == PANELS[0]:
        assert list(app.get_by_key("layer").options) == list(SplitResnet().layers)  # type: ignore[union-attr]


def test_adapt_fits_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(monkeypatch, "adapt", shots="4")
    run = runs.REGISTRY.get(app.session_state["adapt.key"])
    assert run is not None
    side = SplitResnet().input_size
    assert run.worker.task.train.images.shape[1:] == (3, side, side)
    try:
        run.worker.play(1)
        end = time.monotonic() + WAIT_S
        while not run.worker.snapshot().steps and time.monotonic() < end:
            time.sleep(0.1)
        assert len(run.worker.snapshot().steps) == 1 and not run.worker.snapshot().problem
        healthy(app.run())
    finally:
        run.worker.stop()


@pytest.mark.parametrize("name", [page.name for page in PAGES if page.name not in ("explore", "adapt")])
def test_other_pages(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What was computed for the shipped model is not shown for another one; the page says how it is made."""
    app = opened(monkeypatch, name)
    assert len(prose(app)) > 200 and not app.error
