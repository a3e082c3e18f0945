"""Tables of the training report are those of the stored findings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.pretraining.ablation_table import read, table

ASSETS = Path(__file__).resolve().parent.parent / "assets"
FILES = ("ablation.json", "ablation_frozen.json", "gates.json")


@pytest.mark.parametrize("name", FILES)
def test_each_row_of_the_report_is_one_of_the_findings(name: str) -> None:
    """The report leaves out last columns, which only say what a run took."""
    text = (ASSETS / "REPORT.md").read_text(encoding="utf-8")
    (part,) = (each for each in text.split("\n## ") if f"table assets/{name}" in " ".join(each.split()))
    rows = table(read(json.loads((ASSETS / name).read_text(encoding="utf-8")))).splitlines()
    for row in [rows[0], *rows[2:]]:
        variant = row[: row.index("|", 1) + 1]
        (said,) = (line for line in part.splitlines() if line.startswith(variant))
        assert row.startswith(said.rstrip("| ")), variant


def test_no_findings_are_left_out() -> None:
    stored = {path.name for path in ASSETS.glob("ablation*.json")} | {"gates.json"}
    assert stored - {"ablation_seeds.json"} == set(FILES), "three seeds are told in a sentence"
