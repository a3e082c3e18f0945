"""The Evidence page: figures of the model in use, or a sentence where there are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.assets import asset
from core.benchmark import bars
from core.benchmark.standing import sentences, standing
from core.evaluation import stored
from dashboard.text.markdown import literal
from tests.dashboard.harness import healthy, prose


def page_of_the_shipped_model() -> None:
    """The script under test; it runs in its own namespace."""
    import core
    from dashboard.views import evidence

    evidence.render(core.load_checkpoint())


def opened() -> AppTest:
    """The page."""
    return healthy(AppTest.from_function(page_of_the_shipped_model, default_timeout=60).run())


def evaluation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Put an evaluation in the place of the shipped one, and no other measurement beside it."""
    document = json.loads(asset("evaluation.json").read_text(encoding="utf-8")) | changes
    (tmp_path / "evaluation.json").write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.setattr(stored, "STORED", tmp_path / "evaluation.json")
    monkeypatch.setattr(bars, "asset", lambda name: tmp_path / name)


def test_it_shows_the_radar_and_every_measured_row() -> None:
    page = opened()
    assert not page.warning and "How good is it?" in page.title[0].value
    *rivals, chart = page.get("plotly_chart")
    assert "Keep all" in chart.proto.spec and "plain SimCLR" in chart.proto.spec and len(rivals) == 5
    table = page.table[0].value
    digest = json.loads(asset("evaluation.json").read_text(encoding="utf-8"))["checkpoint"]
    documents = {name: found for name, found in bars.stored().items() if found["checkpoint"] == digest}
    measured = [row for row in bars.lines(documents) if row.mark != "–"]
    assert table["figure"].tolist() == [row.figure for row in measured] and len(measured) > 9
    assert table["reached"].tolist() == [row.mark for row in measured]
    assert f"of {len(measured)} measured rows" in prose(page) + "".join(each.value for each in page.caption)


def test_it_shows_the_comparisons_in_the_order_of_the_report() -> None:
    page = opened()
    heads = [each.value for each in page.subheader]
    text = asset("BENCHMARKS.md").read_text(encoding="utf-8")
    report = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")][:-1]
    assert len(heads) == len(report) == 6
    assert all(theirs.startswith(ours) for ours, theirs in zip(heads, report, strict=True))
    real = json.loads(asset("real_tasks.json").read_text(encoding="utf-8"))
    found = standing(real, "", real["settings"]["shots"][0])
    assert found is not None and literal(sentences(found, brief=True)) in [each.value for each in page.markdown]


def test_figures_of_another_checkpoint_are_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluation(tmp_path, monkeypatch, checkpoint="0123456789ab")
    page = opened()
    assert "is of checkpoint 0123456789ab" in page.warning[0].value
    assert not page.get("plotly_chart") and "No rival was compared" in page.info[0].value
    assert "Nothing was measured" in page.info[1].value


def test_a_damaged_file_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluation(tmp_path, monkeypatch, axes=3)
    page = opened()
    assert len(page.warning) == 2 and not page.get("plotly_chart")
