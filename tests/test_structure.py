"""A rule that keeps the tests readable: none leans on another."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "tests").rglob("*.py")}


def imported(source: str) -> set[str]:
    """Names of the modules, and of what is taken from them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{'tests.' * bool(node.level)}{node.module or ''}.{each.name}" for each in node.names}
    return found


def leaning(names: set[str]) -> set[str]:
    """Names that lie in modules of tests."""
    return {name for name in names if name.startswith("tests.") and ".test_" in name}


def test_no_module_of_the_tests_imports_a_test() -> None:
    """Shared helpers lie in modules of their own, such as ``tests/core/samples.py``."""
    found = {name: leaning(imported(path.read_text(encoding="utf-8"))) for name, path in MODULES.items()}
    assert len(found) > 100 and {name: tests for name, tests in found.items() if tests} == {}


@pytest.mark.parametrize(
    ("source", "breaks"),
    [
        ("from tests.core.test_markdown import read", True),
        ("from tests.core import test_markdown", True),
        ("import tests.core.test_markdown", True),
        ("from .test_markdown import read", True),
        ("from . import test_markdown", True),
        ("from tests.core.samples import normal", False),
        ("from unittest.test_cases import each", False),
    ],
)
def test_the_rule_sees_every_way_to_import(source: str, breaks: bool) -> None:
    assert bool(leaning(imported(source))) == breaks


def test_modules_of_the_tests_are_short_enough_to_read_at_once() -> None:
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: count for name, count in lines.items() if count > 300} == {}
