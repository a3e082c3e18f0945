"""One word for one thing: the agreed terms, and no other word in their place where texts are written by these rules."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.text import terms
from dashboard.text.terms import TERMS

ROOT = Path(__file__).parents[3] / "dashboard"
AGREED = [
    *sorted((ROOT / "lessons").glob("*.toml")),
    *(ROOT / "text" / name for name in ("labels.py", "learn.py")),
    *sorted((ROOT / "classroom").glob("*.py")), *sorted((ROOT / "panels" / "learn").glob("*.py")),
    ROOT / "views" / "learn.py", ROOT / "lessons" / "pictures.py", ROOT / "lessons" / "fits.py",
]  # fmt: skip
"""Files whose words are held to the list."""


def sentences(path: Path) -> Iterator[str]:
    """Every text of a file that a person may read; docstrings are for programmers."""
    if path.suffix == ".toml":
        yield from _strings(tomllib.loads(path.read_text(encoding="utf-8")))
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.value


def _strings(table: object) -> Iterator[str]:
    if isinstance(table, str):
        yield table
    elif isinstance(table, dict):
        for each in (*table, *table.values()):
            yield from _strings(each)
    elif isinstance(table, list):
        for each in table:
            yield from _strings(each)


def others(text: str) -> list[str]:
    """Words in a text for which there is an agreed one."""
    return [
        f"{found[0]!r}: say {name!r}"
        for name, term in TERMS.items()
        for word in term.instead_of
        if (found := re.search(rf"\b(?:{word})\b", text, re.IGNORECASE))
    ]


@pytest.mark.parametrize("path", AGREED, ids=lambda path: path.name)
def test_only_agreed_words_are_used(path: Path) -> None:
    assert [found for text in sentences(path) for found in others(text)] == []


def test_other_words_are_found() -> None:
    assert others("Turn the dial: it does not care about hue.") == [
        "'dial': say 'slider'", "'does not care': say 'ignore'",
    ]  # fmt: skip
    assert others("Drag the slider until the extractor ignores hue.") == []


@pytest.mark.parametrize("name", TERMS)
def test_every_term_has_one_plain_definition(name: str) -> None:
    meaning = TERMS[name].meaning
    assert meaning.endswith(".") and 3 <= len(meaning.split()) <= 40
    assert not re.match(rf"(a |the )?{name}\b", meaning), "it does not explain itself"
    for word in TERMS[name].instead_of:
        assert not re.search(rf"^(?:{word})$", " ".join(TERMS), re.IGNORECASE)
    assert not others(meaning)


def test_the_glossary_takes_terms_from_the_list() -> None:
    assert terms.sentences("seed") == {"seed": TERMS["seed"].meaning}
    assert list(terms.sentences()) == list(TERMS)
    with pytest.raises(KeyError):
        terms.sentences("dial")
