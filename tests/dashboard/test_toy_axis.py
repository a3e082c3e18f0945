"""An axis is one entry for the pages too: a slider, a curve, a coordinate in links and on every page."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from core import AmortisedExtractor
from dashboard import cache
from tests.core.conftest import TINY
from tests.dashboard.harness import component, healthy
from tests.toy_axis import MORE, TOY

APP = Path(__file__).parents[2] / "dashboard" / "app.py"


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> AmortisedExtractor:
    torch.manual_seed(0)
    found = AmortisedExtractor(TINY, MORE, {"digest": "one axis more"}).eval().requires_grad_(False)
    monkeypatch.setattr(cache, "model", lambda: found)
    return found


def test_explore_has_a_slider_and_a_curve_for_it() -> None:
    page = AppTest.from_file(str(APP), default_timeout=60)
    page.query_params.update({"axis": TOY.name, "a": "-".join(["0.5"] * 6 + ["1"])})
    healthy(page.run())
    assert not page.error
    sliders, curves = component(page, "sliders"), component(page, "curves")
    assert [each["name"] for each in sliders["axes"]] == [axis.name for axis in MORE] and sliders["values"][-1] == 1
    assert curves["chosen"] == TOY.name and len(curves["readings"]["A"]["movement"]) == len(MORE)
