"""Rules that keep the dashboard small: who may touch the session, the cache, the model, and the axes' names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import core

DASHBOARD = Path(__file__).parents[2] / "dashboard"
MODULES = sorted(DASHBOARD.rglob("*.py"))


def names(path: Path) -> str:
    return path.relative_to(DASHBOARD).as_posix()


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_module(path: Path) -> None:
    text, name = path.read_text(), names(path)
    assert len(text.splitlines()) <= 300
    if name != "state.py":
        assert "session_state" not in text and "query_params" not in text
        assert not re.search(rf"[\"']({'|'.join(axis.name for axis in core.AXES)})[\"']", text), (
            "derive axes from the model"
        )
    if name != "cache.py":
        assert "st.cache" not in text
    if name.startswith("figures/"):
        assert imported(path).isdisjoint({"streamlit", "torch", "core"})
    assert "umap" not in imported(path)


def test_the_core_does_not_know_the_dashboard() -> None:
    for path in (DASHBOARD.parent / "core").rglob("*.py"):
        assert imported(path).isdisjoint({"dashboard", "streamlit", "plotly"}), path
