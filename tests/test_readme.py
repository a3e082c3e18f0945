"""The README's promises: its example runs, and its map names every module."""

from __future__ import annotations

import ast
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

import core
from core.__main__ import app
from core.benchmark.bars import FILES, placed, table
from core.evaluation.tables import markdown, verdicts
from core.sharing import read_run
from tests.readme import EXAMPLES, README, ROOT


def test_the_example_runs_and_gives_what_its_comments_say() -> None:
    example, *_ = EXAMPLES
    names: dict[str, Any] = {}
    exec(example, names)
    assert names["images"].shape == names["turned"].shape == (8, 3, 96, 96)
    assert names["features"].shape == (8, names["model"].architecture.features)
    assert not any(parameter.requires_grad for parameter in names["plain"].parameters())


def test_the_guide_runs_step_by_step_and_gives_what_its_comments_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _, *steps = EXAMPLES
    assert [step.split(".")[0] for step in steps] == [f"# {number + 1}" for number in range(len(steps))]
    names: dict[str, Any] = {}
    for step in steps:
        exec(step, names)
    model, task, fitted = names["model"], names["task"], names["fitted"]
    assert names["before"].shape == names["after"].shape == (1, model.architecture.features)
    assert names["curves"]["hue=1"].area < names["curves"]["hue=0"].area
    assert names["control"].matrix.shape == (len(model.transforms),) * 2 and 0 <= names["control"].leakage <= 1
    assert len(task.labelled) == 8 * len(task.classes) and task.score_name == "accuracy"
    assert names["verdict"].startswith("This task") and 1 / len(task.classes) < names["score"] <= 1
    assert [axis.name for axis in model.transforms][3] == "hue" and names["losses"].shape == (3, 3)
    run, warnings = read_run((tmp_path / "run.json").read_bytes(), "run.json", model)
    assert warnings == () and run.adapted is not None and run.adapted.descriptor == fitted.descriptor
    assert names["network"](task.test.pixels[:2]).shape == (2, len(task.classes))


def test_the_commands_of_the_readme_are_there() -> None:
    """With options that they have."""
    lines = re.findall(r"^\./run\.sh +[a-z].*", README, re.M)
    known = typer.main.get_group(app).commands
    for line in lines:
        name, *words = shlex.split(line.partition("#")[0])[1:]
        if name in known:
            options = {option for each in known[name].params for option in each.opts}
            assert {word for word in words if word.startswith("--")} <= options, line
    assert {"look", "landscape", "walk", "route", "record", "report"} <= {line.split()[1] for line in lines}


MAPS = {
    house: dict(re.findall(r"^\| `(\w+)/` \| (.*) \|$", rows, re.M))
    for house, rows in re.findall(r"^\| `(core|dashboard)/`: .*\n\|---\|---\|\n((?:\|.*\n)+)", README, re.M)
}


@pytest.mark.parametrize("house", ["core", "dashboard"])
def test_the_map_names_every_folder_and_only_files_that_are_there(house: str) -> None:
    rows = MAPS[house]
    assert set(rows) == {init.parent.name for init in (ROOT / house).glob("*/__init__.py")}
    for folder, text in rows.items():
        files = {part for note in re.findall(r"\(((?:`\w+`(?:, )?)+)\)", text) for part in re.findall(r"\w+", note)}
        assert {file for file in files if not (ROOT / house / folder / f"{file}.py").exists()} == set(), folder


@pytest.mark.parametrize("house", ["core", "dashboard"])
def test_imports_go_up_the_map_and_never_down(house: str) -> None:
    """A reader who has come down to a folder has read all that it needs; modules beside the folders are for all."""
    order = [name for name in MAPS[house] if (ROOT / house / name).is_dir()]
    places = {name: place for place, name in enumerate(order)}
    seen = 0
    for path in (ROOT / house).glob("*/**/*.py"):
        own = path.relative_to(ROOT / house).parts[0]
        for name in _imported(path):
            _, folder, *_ = (*name.split("."), "", "")
            if name.startswith(f"{house}.") and folder in places and folder != own:
                seen += 1
                assert places[folder] < places[own], f"{path.relative_to(ROOT)} imports {name}"
    assert seen > 50


def _imported(path: Path) -> set[str]:
    """Full names of what a module imports, inside functions and for types too."""
    package, found = path.relative_to(ROOT).parent.parts, set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            found |= {".".join((*above, *filter(None, [node.module]), each.name)) for each in node.names}
    return found


def test_the_map_names_every_module_beside_the_folders_of_core() -> None:
    (named,) = re.findall(r"^Beside the folders: (.*?)\.$", README, re.M | re.S)
    assert set(re.findall(r"`(\w+)`", named)) == {each.stem for each in (ROOT / "core").glob("*.py")} - {"__init__"}


def test_what_contributing_names_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    names = set(re.findall(r"`((?:core|dashboard|tests)/[\w./]*)`", text))
    assert len(names) > 20 and [name for name in names if not (ROOT / name).exists()] == []
    lists = re.findall(r"`([A-Z]+)` in\s+`([\w./]+\.py)`", text)
    assert {"AXES", "PAGES", "PAIRS", "CONTENTS", "PUBLIC", "FORMATS"} <= {name for name, _ in lists}
    for name, path in lists:
        assert re.search(rf"^{name}\b", (ROOT / path).read_text(encoding="utf-8"), re.M), (name, path)


def test_the_script_runs_and_explains_exactly_the_commands_that_there_are() -> None:
    script = (ROOT / "run.sh").read_text(encoding="utf-8")
    known = set(typer.main.get_group(app).commands)
    passed_on = re.search(r"^  ([\w| -]+)\)\n    install requirements.txt\n    exec .* -m core \"\$@\"$", script, re.M)
    assert passed_on and set(passed_on[1].split(" | ")) == known and len(known) >= 15
    explained = re.findall(r"^\./run\.sh ([a-z][\w-]*)", script, re.M)
    assert known <= set(explained) and len(explained) == len(set(explained))


def test_the_figures_are_those_of_the_stored_evaluation_of_the_shipped_weights() -> None:
    stored = json.loads((ROOT / "assets" / "evaluation.json").read_text(encoding="utf-8"))
    assert stored["checkpoint"] == core.load_checkpoint().metadata["digest"]
    report = (ROOT / "assets" / "REPORT.md").read_text(encoding="utf-8")
    for text in (README, report):
        assert verdicts(stored) in text and stored["checkpoint"] in text
    assert markdown(stored) in report


def test_the_bars_are_those_of_the_stored_measurements() -> None:
    """Made again with ``./run.sh bars --readme README.md``."""
    files = {name: ROOT / "assets" / file for name, file in FILES.items()}
    stored = {name: json.loads(each.read_text(encoding="utf-8")) for name, each in files.items() if each.exists()}
    assert placed(README, table(stored)) == README


def test_no_figure_was_left_to_fill_in() -> None:
    for text in (README, (ROOT / "assets" / "REPORT.md").read_text(encoding="utf-8")):
        assert not re.search(r"^(FIGURES|MUSTS|CURVES|RANGES|LEGS|BENCH)$", text, re.M)
