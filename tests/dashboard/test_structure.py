"""Rules that keep the dashboard small: who may touch the session, the cache, the model, and the axes' names."""

from __future__ import annotations

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import core

DASHBOARD = Path(__file__).parents[2] / "dashboard"
MODULES = sorted(DASHBOARD.rglob("*.py"))


def names(path: Path) -> str:
    return path.relative_to(DASHBOARD).as_posix()


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def modules(path: Path) -> set[str]:
    """Full names of the dashboard's modules that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                place = DASHBOARD.parent / full.replace(".", "/")
                found.add(full if place.is_dir() or place.with_suffix(".py").is_file() else str(node.module))
    return found


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_module(path: Path) -> None:
    text, name = path.read_text(encoding="utf-8"), names(path)
    assert len(text.splitlines()) <= 300
    if name not in ("session/state.py", "adapt/runs.py", "classroom/session.py"):
        assert "session_state" not in text
    if name not in ("session/state.py", "live/route.py", "adapt/runs.py", "classroom/session.py"):
        assert "query_params" not in text
    if name != "session/settings.py" and not name.startswith("figures/"):  # charts have a "scale"
        assert not re.search(rf"[\"']({'|'.join(axis.name for axis in core.AXES)})[\"']", text), (
            "derive axes from the model"
        )
    if not name.startswith("cache/"):
        assert "st.cache" not in text
    if name != "widgets/charts.py":
        assert "st.plotly_chart" not in text, "a projector would not enlarge it"
    if name != "adapt/report.py":  # a command line
        assert "help=" not in text, "what a tooltip says has to be seen without pointing: use terms"
    if name.startswith("figures/"):
        assert imported(path).isdisjoint({"streamlit", "torch", "core"})
    assert "umap" not in imported(path)
    if name.startswith(("panels/", "views/")):
        others = {each for each in modules(path) if each.startswith(("dashboard.views.", "dashboard.panels."))}
        mine = {each for each in others if name.startswith("views/") and each.startswith("dashboard.panels.")}
        assert {each for each in others - mine if not each.endswith(".shown")} == set(), "parts of pages stand alone"


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Also inside functions, and for types alone: who reads one of them has to read all of a circle."""
    known = {".".join(path.relative_to(DASHBOARD.parent).with_suffix("").parts): path for path in MODULES}
    known = {name.removesuffix(".__init__"): path for name, path in known.items()}
    graph = {name: modules(path) & known.keys() for name, path in known.items()}
    assert "dashboard.jobs.snapshot" in graph["dashboard.jobs.fit_worker"], "the rule sees the modules"
    assert set(TopologicalSorter(graph).static_order()) == set(known)


class _Raw(ast.NodeVisitor):
    """Lines on which an error or a warning is shown that may hold a name, and is not made literal."""

    def __init__(self) -> None:
        self.lines: list[int] = []

    def visit_Call(self, node: ast.Call) -> None:
        if ast.unparse(node.func) in ("st.error", "st.warning") and any(self.raw(each) for each in node.args):
            self.lines.append(node.lineno)
        self.generic_visit(node)

    def raw(self, node: ast.AST) -> bool:
        """Whether there is anything but fixed words outside of ``literal``."""
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("literal", "title", "bullets"):
            return False
        if isinstance(node, ast.Name):
            return node.id not in ("labels", "words", "manifold", "theory", "explore")
        return any(self.raw(child) for child in ast.iter_child_nodes(node))


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_what_went_wrong_is_said_as_it_is(path: Path) -> None:
    found = _Raw()
    found.visit(ast.parse(path.read_text(encoding="utf-8")))
    assert found.lines == [], "names of files in it would be read as Markdown: use dashboard.text.markdown.literal"


@pytest.mark.parametrize("path", sorted((DASHBOARD / "component").glob("*.js")), ids=lambda path: path.name)
def test_scripts_are_small_and_stay_on_the_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert len(text.splitlines()) <= 300
    assert "http" not in text and "import " not in text and "eval(" not in text


def test_the_core_does_not_know_the_dashboard() -> None:
    for path in (DASHBOARD.parent / "core").rglob("*.py"):
        assert imported(path).isdisjoint({"dashboard", "streamlit", "plotly"}), path


TEST_IDS = {
    "dashboard/style.css": {
        "stMainBlockContainer", "stSidebarUserContent", "stCaptionContainer", "stHorizontalBlock", "stColumn",
    },
    "tests/browser.py": {"stApp"},
}  # fmt: skip
"""Streamlit's inner names, which change without notice: only where there is no key, role or tag; see there why."""

_INNER = re.compile(r"""data-testid\W+(st[A-Z]\w+)|get_by_test_id\(\W(\w+)|[\s,>("']\.(st[A-Z]\w+)""")


def test_inner_names_of_streamlit_are_used_in_two_places_only() -> None:
    root = DASHBOARD.parent
    found: dict[str, set[str]] = {}
    for path in (path for folder in (DASHBOARD, root / "tests") for path in folder.rglob("*")):
        if path.suffix in (".py", ".css", ".js"):
            text = path.read_text(encoding="utf-8")
            names = _INNER.findall(text)
            if names:
                found[path.relative_to(root).as_posix()] = {name for each in names for name in each if name}
    assert found == TEST_IDS, "use a container's key, a role or a tag instead"
