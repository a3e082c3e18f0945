"""The command ``table``: a stored evaluation as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..evaluation.tables import markdown, verdicts
from .output import read_evaluation


def table(
    json_file: Annotated[Path, typer.Argument(help="A file written by evaluate --json.")],
    bars: Annotated[bool, typer.Option(help="Each figure against what it must reach.")] = False,
) -> None:
    """Print the figures of an evaluation as a Markdown table."""
    try:
        print((verdicts if bars else markdown)(read_evaluation(json_file)))
    except (KeyError, TypeError, AttributeError):
        raise ValueError(f"{json_file} is not an evaluation. Make one with evaluate --json.") from None
