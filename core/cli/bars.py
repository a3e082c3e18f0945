"""The command ``bars``: what a model has to reach and what was measured of it, from stored files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from ..benchmark.bars import FILES, placed, stored, table
from ..benchmark.report import report as benchmarks
from ..files import save_text
from .output import check_places
from .terminal import console, errors


def bars(
    folder: Annotated[
        Path | None, typer.Option(help=f"Folder with {', '.join(FILES.values())}; default: the shipped ones.")
    ] = None,
    readme: Annotated[
        Path | None, typer.Option(help="Write the table between its two markers in this file; default: print it.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write all comparisons with rivals here, from the same files.")
    ] = None,
) -> None:
    """Hold every stored figure against what the model must reach, as a Markdown table."""
    check_places(readme, report)
    documents = stored(folder)
    for name in FILES.keys() - documents.keys():
        errors.print(f"{FILES[name]} is not there: write it with '{name} --json'.")
    try:
        made = table(documents)
        if report:
            save_text(report, _report(documents))
            console.print(f"Wrote the comparisons into {report}.")
            return
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(
            f"A file in {folder or 'assets'} is not of this version ({error!r} was looked for). Measure again: "
            f"{', '.join(f'{name} --json' for name in FILES)}."
        ) from None
    if readme is None:
        print(made)
        return
    try:
        text = readme.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{readme} cannot be read ({error.strerror}). Give a file of Markdown.") from None
    save_text(readme, placed(text, made))
    console.print(f"Wrote the table into {readme}.")


def _report(documents: Mapping[str, Any]) -> str:
    if "real-tasks" not in documents:
        raise ValueError("Without real tasks there is nothing to report. Write them with 'real-tasks --json'.")
    return benchmarks(documents["real-tasks"], documents.get("fit"))
