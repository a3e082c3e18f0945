"""What the tests of commands share: what a command answers, and that a mistake is one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
"""Where commands run that are processes of their own."""


class Result(NamedTuple):
    """What a command has come to: exit code, standard output, standard error."""

    code: int
    out: str
    error: str


Run = Callable[..., Result]


def squeezed(text: str) -> str:
    """In one line, however wide the terminal."""
    return " ".join(text.split())


def assert_one_sentence(result: Result, *parts: str) -> None:
    """The command failed, and said why in a sentence with these parts."""
    assert result.code == 1
    message = squeezed(result.error)
    assert message.startswith("Error: ") and message.endswith(".")
    assert "Traceback" not in result.error + result.out and 'File "' not in result.error
    for part in parts:
        assert part in message
