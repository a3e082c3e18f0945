"""The command ``route``: the extractors on the way from one descriptor to another."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from ..axes.presets import named
from ..model.checkpoints import load_checkpoint
from .options import Checkpoint, CsvRows, JsonEverything
from .output import check_places, coordinates, save_csv, save_json, stamped
from .terminal import bar, console


def route(
    start: Annotated[str, typer.Argument(help='A descriptor, "rotation=1, hue=0", or a preset\'s name.')],
    end: Annotated[str, typer.Argument(help="Another one.")],
    steps: Annotated[int, typer.Option(min=2, max=1000, help="Descriptors on the way, ends included.")] = 11,
    seed: Annotated[int, typer.Option(min=0, help="Of the pictures.")] = 0,
    checkpoint: Checkpoint = None,
    json_file: JsonEverything = None,
    csv_file: CsvRows = None,
) -> None:
    """What the extractors on the straight way from one descriptor to another notice."""
    from ..manifold.representations import probe, take_representations  # its package imports scikit-learn

    model = load_checkpoint(checkpoint)
    check_places(json_file, csv_file)
    ends = [np.array(named(text, model.transforms).values) for text in (start, end)]
    shares = np.linspace(0, 1, steps)
    points = (1 - shares)[:, None] * ends[0] + shares[:, None] * ends[1]
    with bar("extractors") as advance:
        pictures = probe(model, seed)
        moved = take_representations(model, points.astype(np.float32), pictures, advance).sensitivity
    names = [axis.name for axis in model.transforms]
    table = Table("share of the way", *names, title="how far features move; 1 = another picture")
    rows = []
    for share, point, movement in zip(shares.tolist(), points, moved.tolist(), strict=True):
        table.add_row(f"{share:.2f}", *(f"{value:.2f}" for value in movement))
        notices = {f"moves with {name}": value for name, value in zip(names, movement, strict=True)}
        rows.append({"share": share} | coordinates(model, point) | notices)
    console.print(table)
    save_json(json_file, stamped(model, pictures=pictures.pictures, seed=seed, way=rows))
    save_csv(csv_file, rows)
