"""Every text file that the project reads or writes is UTF-8, whatever the computer's locale says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("core", "dashboard", "tests")
MODE = re.compile(r"[rwaxt+]+")
TEXT = {"read_text": 0, "write_text": 1}
"""Methods of paths that are about text, with the place of their encoding."""
TEMPORARY = ("NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile")


def breaches(source: str) -> Iterator[int]:
    """Lines on which text is read or written in an encoding that depends on the computer."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (place := encoding_place(node)) is not None and not is_utf8(node, place):
            yield node.lineno


def encoding_place(call: ast.Call) -> int | None:
    """Where the encoding of a call stands among its arguments; ``None`` if the call is not about text."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else None
    name = call.func.id if isinstance(call.func, ast.Name) else method
    if method in TEXT:
        return TEXT[method]
    if name in TEMPORARY:
        return 2 if text_mode(argument(call, "mode", 1 if "Spooled" in name else 0), "w+b") else None
    if name == "fdopen" or (name == "open" and method is None):
        return 3 if text_mode(argument(call, "mode", 1), "r") else None
    if method == "open":  # a path's, if what is given is a mode; an archive's or a picture's otherwise
        mode = argument(call, "mode", 0)
        given = mode is None or (isinstance(mode, ast.Constant) and MODE.fullmatch(str(mode.value)))
        return 2 if given and len(call.args) < 2 else None
    return None


def text_mode(mode: ast.expr | None, usual: str) -> bool:
    """A mode that is no constant may be one of text."""
    return "b" not in (usual if mode is None else str(mode.value) if isinstance(mode, ast.Constant) else "")


def argument(call: ast.Call, name: str, place: int) -> ast.expr | None:
    """What a call is given under a name or at a place."""
    named = {each.arg: each.value for each in call.keywords}
    return named.get(name, call.args[place] if place < len(call.args) else None)


def is_utf8(call: ast.Call, place: int) -> bool:
    """The encoding is given and is UTF-8."""
    given = argument(call, "encoding", place)
    return isinstance(given, ast.Constant) and str(given.value).startswith("utf-8")


@pytest.mark.parametrize("folder", FOLDERS)
def test_text_is_utf8(folder: str) -> None:
    modules = sorted((ROOT / folder).rglob("*.py"))
    found = [
        f"{path.relative_to(ROOT)}:{line}" for path in modules for line in breaches(path.read_text(encoding="utf-8"))
    ]
    assert modules and not found, f'Give encoding="utf-8" in {", ".join(found)}.'


@pytest.mark.parametrize(
    "code",
    ["p.read_text()", "p.write_text(x)", "open(p)", "open(p, 'w')", "open(p, mode)", "p.open()", "p.open('a')",
     "p.open(mode='w')", "os.fdopen(n, 'w')", "NamedTemporaryFile('w')", "tempfile.NamedTemporaryFile(mode='w+')",
     "p.read_text('latin-1')", "open(p, encoding=locale)"],
)  # fmt: skip
def test_a_breach_is_found(code: str) -> None:
    assert list(breaches(code)) == [1]


@pytest.mark.parametrize(
    "code",
    ["p.read_text('utf-8')", "p.write_text(x, encoding='utf-8')", "open(p, 'rb')", "open(p, encoding='utf-8-sig')",
     "p.open('wb')", "p.open('a', encoding='utf-8')", "Image.open(p)", "archive.open('a.txt')", "archive.open(n, 'r')",
     "NamedTemporaryFile()", "safe_open(p, 'pt')", "p.read_bytes()", "NamedTemporaryFile('w', encoding='utf-8')"],
)  # fmt: skip
def test_what_is_no_breach_is_not_found(code: str) -> None:
    assert list(breaches(code)) == []
