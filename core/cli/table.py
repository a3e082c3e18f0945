"""The command ``table``: a stored evaluation, or a stored ablation, as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..evaluation.tables import markdown, verdicts
from ..pretraining.ablation_table import read
from ..pretraining.ablation_table import table as of_ablation
from .output import read_evaluation


def table(
    json_file: Annotated[Path, typer.Argument(help="A file written by evaluate --json or ablate --json.")],
    bars: Annotated[bool, typer.Option(help="Each figure against what it must reach.")] = False,
) -> None:
    """Print the figures of an evaluation, or the findings of an ablation, as a Markdown table."""
    stored = read_evaluation(json_file)
    try:
        if "findings" in stored:
            print(of_ablation(read(stored)))
        else:
            print((verdicts if bars else markdown)(stored))
    except (KeyError, TypeError, AttributeError):
        raise ValueError(
            f"{json_file} is neither an evaluation nor an ablation. Make one with evaluate --json."
        ) from None
