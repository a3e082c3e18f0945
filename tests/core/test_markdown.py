"""Plain text in Markdown, read back by a reader of Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.benchmark.markdown import report
from core.markdown import code, literal
from tests.markdown import READER, plain, read
from tests.names import LETTERS, TEXTS


@pytest.mark.parametrize("form", ["{}", "e.g. {}.", "# {}", "**{}**", "- {}"])
@pytest.mark.parametrize("text", TEXTS)
def test_text_is_read_as_it_was(text: str, form: str) -> None:
    shown, kinds = read(form.format(literal(text)))
    bare = form.strip("#*- ")
    assert plain(shown) == plain(bare.format(text.strip()))
    assert kinds - {"text_special"} == ({"strong_open", "strong_close"} if "**" in form else set())


@given(st.text(LETTERS + "\n\t\udcff", min_size=1, max_size=30).filter(str.strip))
def test_any_text_is_read_as_it_was(text: str) -> None:
    shown, kinds = read(f"x {literal(text)} x")
    assert plain(shown) == plain(f"x {text} x").replace("\udcff", "\\udcff") and kinds <= {"text_special"}


@pytest.mark.parametrize("text", TEXTS)
def test_cells_and_code(text: str) -> None:
    found = READER.parse(f"| a | b |\n|---|---|\n| {literal(text)} | end |\n")
    cells = [token for token in found if token.type == "inline"][2:]
    assert len(cells) == 2 and plain(read(cells[0].content)[0]) == plain(text)
    shown, kinds = read(f"Made by {code(text)}.")
    assert plain(shown) == plain(f"Made by {text}.") and kinds == {"code_inline"}


def test_a_report_holds_the_names_of_tasks_and_the_command_as_they_are() -> None:
    row = {
        "task": "<b>|*x*", "method": "fit", "interval": None, "accuracy": 0.5, "metric": "accuracy", "regret": None,
        "recovered": None, "seconds": 1.0, "parameters": 10, "seeds": [0], "tests": 9,
    }  # fmt: skip
    page = report([row], [], command="fit --data `x`", checkpoint="c", machine="one")
    assert "| \\<b\\>\\|\\*x\\* | fit |" in page and "Made by `` fit --data `x` `` (" in page
