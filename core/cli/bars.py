"""The command ``bars``: what a model has to reach and what was measured of it, from stored files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ..assets import asset
from ..benchmark.bars import placed, table
from ..files import save_text
from .output import check_places
from .terminal import console, errors

NAMES = {
    "evaluate": "evaluation.json",
    "real-tasks": "real_tasks.json",
    "bench": "costs.json",
    "bench-drag": "page.json",
}
"""The files of the measurements in ``assets/``, by the command that writes them with --json."""


def bars(
    folder: Annotated[
        Path | None, typer.Option(help=f"Folder with {', '.join(NAMES.values())}; default: the shipped ones.")
    ] = None,
    readme: Annotated[
        Path | None, typer.Option(help="Write the table between its two markers in this file; default: print it.")
    ] = None,
) -> None:
    """Hold every stored figure against what the model must reach, as a Markdown table."""
    check_places(readme)
    places = {name: folder / file if folder else asset(file) for name, file in NAMES.items()}
    documents = {name: _read(place, name) for name, place in places.items() if place.is_file()}
    for name in NAMES.keys() - documents.keys():
        errors.print(f"{places[name]} is not there: write it with '{name} --json'.")
    try:
        made = table(documents)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(
            f"A file in {places['evaluate'].parent} is not of this version ({error!r} was looked for). Measure again: "
            f"{', '.join(f'{name} --json' for name in NAMES)}."
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


def _read(path: Path, name: str) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as JSON ({error}). Make it with '{name} --json'.") from None
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds no measurements. Make it with '{name} --json'.")
    return found
