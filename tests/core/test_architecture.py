"""Which module may import which: core knows no dashboard, and its reading order is its import order."""

from __future__ import annotations

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import core

ROOT = Path(core.__file__).parent
MODULES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in ROOT.rglob("*.py")
}


class _Imports(ast.NodeVisitor):
    """Full names of everything a module imports when it runs, inside functions too."""

    def __init__(self, package: tuple[str, ...]) -> None:
        self.package = package
        self.names: set[str] = set()

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) == "TYPE_CHECKING":
            for other in node.orelse:
                self.visit(other)
        else:
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.names |= {alias.name for alias in node.names}

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        above = self.package[: len(self.package) - node.level + 1] if node.level else ()
        module = ".".join((*above, *([node.module] if node.module else [])))
        assert node.level or not module.startswith("core"), "the package is installed under another name: no 'core'"
        for alias in node.names:
            full = f"{module}.{alias.name}"
            self.names.add(full if full in MODULES else module)


def imports(path: Path) -> set[str]:
    visitor = _Imports(path.relative_to(ROOT.parent).parent.parts)
    visitor.visit(ast.parse(path.read_text(encoding="utf-8")))
    return visitor.names


GRAPH = {name: {other for other in imports(path) if other in MODULES} for name, path in MODULES.items()}


def reach(name: str) -> set[str]:
    """All core modules that a module needs, directly or not."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for other in GRAPH[waiting.pop()] - found:
            found.add(other)
            waiting.append(other)
    return found


def test_the_rules_see_the_package() -> None:
    assert {"core.axes.transforms", "core.model.amortised", "core.measures", "core.measures.control"} <= set(MODULES)
    assert (
        "core.model.hypernetwork" in GRAPH["core.model.amortised"]
        and "core.pretraining.losses" in GRAPH["core.pretraining.objective"]
    )


def test_core_knows_neither_the_dashboard_nor_what_draws_it() -> None:
    for name, path in MODULES.items():
        roots = {imported.split(".")[0] for imported in imports(path)}
        assert roots.isdisjoint({"streamlit", "plotly", "dashboard", "tests"}), name


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert set(TopologicalSorter(GRAPH).static_order()) == set(MODULES)


def test_a_module_only_needs_modules_that_come_before_it_in_the_reading_order() -> None:
    order = [name for name in re.findall(r":mod:`([\w.]+)`", core.__doc__ or "") if name in MODULES]
    assert order[0] == "core.axes.transforms" and len(order) == len(set(order)) >= 8
    for place, name in enumerate(order):
        assert reach(name).isdisjoint(order[place + 1 :]), name


def test_no_module_of_core_imports_the_package_as_a_whole() -> None:
    assert [name for name in MODULES if "core" in GRAPH[name]] == []


def test_one_module_knows_the_terminal() -> None:
    """Another console would take names for markup."""
    users = {name for name, path in MODULES.items() if imports(path) & {"rich.console.Console", "rich.console"}}
    assert users == {"core.cli.terminal"}
    bars = {name for name, path in MODULES.items() if any(each.startswith("rich.progress") for each in imports(path))}
    assert bars == {"core.cli.terminal"}


def test_modules_are_short_enough_to_read_at_once() -> None:
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: count for name, count in lines.items() if count > 300} == {}


def test_nothing_but_the_backbone_knows_its_size_and_its_layers() -> None:
    wired = re.compile(r"\b3, 32, 32\b|\b32 ?[x×] ?32\b|\b32 pixels|[\"']conv\d|\bIMAGE_SIZE\b|\bside=32\b")
    assert wired.search(MODULES["core.backbones.compact"].read_text(encoding="utf-8")), "the rule sees what it is about"
    dashboard = {path.as_posix(): path for path in (ROOT.parent / "dashboard").rglob("*.py")}
    others = {name: path for name, path in (MODULES | dashboard).items() if name != "core.backbones.compact"}
    found = {name: match[0] for name, path in others.items() if (match := wired.search(path.read_text("utf-8")))}
    assert found == {}
