"""The README's promises: its example runs, and its map names every module."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import core
from core.tables import markdown, verdicts

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_example_runs_and_gives_what_its_comments_say() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.S)
    names: dict[str, Any] = {}
    exec(example, names)
    count = len(names["model"].transforms)
    assert names["images"].shape == names["turned"].shape == (8, 3, 32, 32)
    assert names["features"].shape == (8, names["model"].architecture.features)
    assert names["result"].matrix.shape == (count, count)
    assert not any(parameter.requires_grad for parameter in names["plain"].parameters())


def test_the_map_names_every_module() -> None:
    for module in (ROOT / "core").glob("*.py"):
        assert module.stem == "__init__" or f"core/{module.name}" in README or module.stem == "checks", module


def test_every_command_is_in_the_help_of_the_script() -> None:
    script = (ROOT / "run.sh").read_text()
    source = (ROOT / "core" / "__main__.py").read_text()
    commands = re.findall(r"@app\.command\(\)\ndef (\w+)|app\.command\(\)\((\w+)\)", source)
    commands = [own or imported for own, imported in commands]
    assert len(commands) >= 7 and "certify" in commands
    for command in commands:
        assert f"./run.sh {command}" in script and re.search(rf"\b{command}\b.*\)\n\s+install", script), command


def test_the_figures_are_those_of_the_stored_evaluation_of_the_shipped_weights() -> None:
    stored = json.loads((ROOT / "assets" / "evaluation.json").read_text())
    assert stored["checkpoint"] == core.load_checkpoint().metadata["digest"]
    report = (ROOT / "assets" / "REPORT.md").read_text()
    for text in (README, report):
        assert verdicts(stored) in text and stored["checkpoint"] in text
    assert markdown(stored) in report


def test_no_figure_was_left_to_fill_in() -> None:
    for text in (README, (ROOT / "assets" / "REPORT.md").read_text()):
        assert not re.search(r"^(FIGURES|MUSTS|CURVES|RANGES|LEGS|BENCH)$", text, re.M)
