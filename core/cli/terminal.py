"""What the commands print: sentences and names as they are, and progress."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

Advance = Callable[[str, float], None]
"""Says what is done now, and how far it is."""

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


class Terminal(Console):
    """A console to which no text is markup: names of files and classes may hold brackets, colons and escapes."""

    def __init__(self, **options: Any) -> None:
        """Of sentences, no line is broken: a broken name cannot be copied. Cells of tables still are."""
        super().__init__(markup=False, emoji=False, highlight=False, soft_wrap=True, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Text as it is; what would command the terminal is shown instead of done."""
        return super().render_str(visible(text), **options)


console = Terminal()
errors = Terminal(stderr=True)


def visible(text: str) -> str:
    """Text whose control characters are written out."""
    return text.translate(_CONTROL)


def tolerate() -> None:
    """Let standard output replace what its encoding does not have, instead of failing; standard error does."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def complain(error: Exception) -> None:
    """Print what is wrong to standard error."""
    errors.print(Text.assemble(("Error:", "red"), f" {visible(str(error))}"))


@contextmanager
def bar(label: str, total: float = 1.0, prefix: str = "", to: Terminal = console) -> Iterator[Advance]:
    """A progress bar; where there is no terminal, a line from time to time.

    Args:
        label: what is said at first.
        total: what counts as done; more than 1 is a number of steps.
        prefix: before everything that is said later.
        to: where it is drawn.
    """
    if not to.is_terminal:
        yield _lines(prefix, total, to)
        return
    columns = [TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn()]
    if total > 1:
        columns.insert(2, MofNCompleteColumn())
    with Progress(*columns, console=to) as progress:
        task = progress.add_task(visible(label), total=total)
        yield lambda text, done: progress.update(task, description=visible(prefix + text), completed=done)


def _lines(prefix: str, total: float, to: Terminal, seconds: float = 30.0) -> Advance:
    """Progress for a log file: a line at most every ``seconds``, and one at the end."""
    last, ended = time.monotonic(), ""

    def advance(text: str, done: float) -> None:
        nonlocal last, ended
        end = done >= total and text != ended
        if end or (done < total and time.monotonic() - last >= seconds):
            last, ended = time.monotonic(), text if end else ended
            to.print(f"{prefix}{text}  {done / total:.1%}")

    return advance
