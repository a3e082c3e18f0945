"""What commands print: names as they are, on one line, on any terminal."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.table import Table

from core.cli import terminal
from core.cli.terminal import Terminal, bar, complain, tolerate, visible
from tests.core.commands import ROOT
from tests.names import FILES, LETTERS, TEXTS


def screen(*, width: int = 400, force: bool = False) -> Terminal:
    """A console that keeps what it prints; with ``force``, as if it were a terminal."""
    return Terminal(file=io.StringIO(), width=width, force_terminal=force, color_system=None, _environ={})


def printed(console: Terminal) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("name", TEXTS)
def test_sentences_and_tables_hold_names_as_they_are(name: str) -> None:
    console = screen()
    console.print(f"Left out: {name}.")
    console.print(f"{name} is left out.")
    assert printed(console) == f"Left out: {name}.\n{name} is left out.\n"
    table = Table(name, title=f"title {name}", caption=f"caption {name}")
    table.add_row(f"cell {name}")
    console.print(table)
    rest = printed(console).split("\n", 2)[2]
    for part in (name, f"title {name}", f"caption {name}", f"cell {name}"):
        assert part in rest


@given(st.text(LETTERS, min_size=1, max_size=30))
def test_no_text_is_markup(text: str) -> None:
    console = screen()
    console.print(f"x {text} x")
    assert printed(console) == f"x {text} x\n"


def test_a_name_is_not_broken_over_lines_and_commands_no_terminal() -> None:
    console = screen(width=20)
    console.print(f"Left out: {'long name ' * 10}end.")
    assert printed(console).count("\n") == 1
    console = screen()
    console.print("a\x1b[31mb\a\x9bc\rd")
    assert printed(console) == "a\\x1b[31mb\\x07\\x9bc\\x0dd\n" and visible("a\tb\nc") == "a\tb\nc"


@pytest.mark.parametrize("name", TEXTS)
def test_progress_holds_names_as_they_are(name: str) -> None:
    console = screen(force=True)
    with bar(f"at first {name}", to=console) as advance:
        advance(f"then {name}", 1.0)
    assert f"then {name}" in printed(console)
    console = screen()
    with bar("at first", 4, "each: ", to=console) as advance:
        advance(name, 1)  # no line for every step in a log file
        advance(name, 4)
    assert printed(console) == f"each: {name}  100.0%\n"


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_wrong_is_said_as_it_is(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    complain(ValueError(f"There is no {name}."))
    assert capsys.readouterr() == ("", f"Error: There is no {name}.\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_what_a_terminal_cannot_show_is_replaced(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding))
    tolerate()
    table = Table("name")
    table.add_row("Kätzchen قطة")
    terminal.console.print(table)
    terminal.console.print("Kätzchen قطة \udcff ²")
    sys.stdout.flush()
    assert ("Kätzchen ???" if encoding == "latin-1" else "K?tzchen ???").encode(encoding) in raw.getvalue()


@pytest.mark.slow
def test_a_command_shows_the_names_of_a_folder(tmp_path: Path) -> None:
    """With an output that cannot encode all of them."""
    noise, root = np.random.default_rng(0), tmp_path / "pets [draft] Kätzchen"
    for name in FILES[:2]:
        (root / name).mkdir(parents=True)
        for number in range(4):
            pixels = noise.integers(0, 256, (40, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    (root / FILES[0] / "[copy] *1*.png").write_bytes(b"x")
    words = ["--data", str(root), "--shots", "2", "--seeds", "1"]
    words += ["--baselines", "none", "--steps", "1", "--restarts", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "core", "fit", *words], cwd=ROOT, capture_output=True, timeout=300,
        env=os.environ | {"PYTHONIOENCODING": "ascii", "COLUMNS": "200", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    out = done.stdout.decode("ascii")
    assert done.returncode == 0, done.stderr.decode()
    assert f"{FILES[0]}/[copy] *1*.png" in out and "pets [draft] K?tzchen" in out
