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
from core.pretraining import gates
from dashboard.text import evidence as words
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
    monkeypatch.setattr(gates, "STORED", tmp_path / "gates.json")


def test_it_shows_the_radar_and_every_measured_row() -> None:
    page = opened()
    assert not page.warning and "How good is it?" in page.title[0].value
    charts = [each.proto.spec for each in page.get("plotly_chart")]
    (radar,) = (spec for spec in charts if "Keep all" in spec)
    assert "plain SimCLR" in radar and charts.index(radar) == 5, "after those of the rivals"
    table = page.table[0].value
    digest = json.loads(asset("evaluation.json").read_text(encoding="utf-8"))["checkpoint"]
    documents = {name: found for name, found in bars.stored().items() if found["checkpoint"] == digest}
    measured = [row for row in bars.lines(documents) if row.mark != "–"]
    assert table["figure"].tolist() == [row.figure for row in measured] and len(measured) > 9
    assert table["reached"].tolist() == [words.MARKS[row.mark] for row in measured] and "**✗ missed**" in set(
        table["reached"]
    )
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


def test_what_the_gates_trade_stands_last_and_only_where_it_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation(tmp_path, monkeypatch)
    assert words.GATES not in [each.value for each in opened().header]
    labels = {"0": 0.7, "0.5": 0.6, "1": 0.5, "frozen": 0.65}
    names = (gates.AS_SHIPPED, "threshold x 2", "loudness 1")
    rows = [{"variant": name, "own": [4.0 - place] * 6, "labels": labels} for place, name in enumerate(names)]
    document = {"checkpoint": json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))["checkpoint"]}
    (tmp_path / "gates.json").write_text(json.dumps(document | {"findings": rows}), encoding="utf-8")
    page = opened()
    assert page.header[-1].value == words.GATES and page.caption[-1].value == words.GATES_HELP
    *_, chart = page.get("plotly_chart")
    assert "loudness 1" in chart.proto.spec and "4.0 times less" in page.markdown[-1].value
    (tmp_path / "gates.json").write_text(json.dumps(document | {"findings": [{}]}), encoding="utf-8")
    assert "comparison of gates cannot be read" in opened().warning[-1].value
