"""The command ``walk``: where fits go in the cube of descriptors."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

from ..adaptation import Settings, labelled_alone
from ..adaptation.trajectories import Walk, WalkLog, fitted_walks
from ..log import completed
from ..model.amortised import AmortisedExtractor
from ..model.checkpoints import load_checkpoint
from .options import (
    Checkpoint,
    CsvRows,
    Jobs,
    JsonEverything,
    Labels,
    Ledger,
    Objective,
    OneTask,
    Scheduler,
    SeedOfImages,
)
from .output import check_places, coordinates, save_csv, save_json, stamped
from .sources import draw_of, find_source
from .terminal import bar, console


def walk(
    data: OneTask,
    seeds: Annotated[int, typer.Option(min=1, help="Fits; the first starts in the middle, others anywhere.")] = 3,
    labels: Labels = 200,
    seed: SeedOfImages = 0,
    objective: Objective = Settings.objective,
    steps: Annotated[int, typer.Option(min=1, help="Steps at most.")] = Settings.steps,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    checkpoint: Checkpoint = None,
    json_file: JsonEverything = None,
    csv_file: CsvRows = None,
    ledger: Ledger = None,
) -> None:
    """Where fits of one task from several starting points walk in the cube of descriptors."""
    model = load_checkpoint(checkpoint)
    check_places(json_file, csv_file, ledger)
    source, settings = find_source(data, model, "this is about one"), Settings(objective, steps=steps)
    task = labelled_alone(model, source.draw(labels, seed))
    log = WalkLog(ledger, draw_of(model, source, labels, seed) | {"settings": asdict(settings)}) if ledger else None
    with bar("walking") as advance:
        fits = completed(
            partial(fitted_walks, model, task, settings),
            range(seeds),
            log,
            partial(advance, "walking"),
            jobs,
            scheduler,
        )
    found = [each for fit in fits for each in fit]
    rows = [row for each in found for row in _steps(model, each)]
    names = ", ".join(axis.name for axis in model.transforms)
    table = Table("fit", "steps", "loss", task.score_name, "end", title=task.title, caption=f"end: {names}")
    for each in found:
        loss, score = (values[np.isfinite(values)][-1] for values in (each.losses, each.scores))
        end = " ".join(f"{value:.2g}" for value in each.end)
        table.add_row(each.name, str(np.isfinite(each.losses).sum()), f"{loss:.3f}", f"{score:.3f}", end)
    console.print(table)
    save_json(json_file, stamped(model, task=task.name, score=task.score_name, labels=labels, seed=seed, steps=rows))
    save_csv(csv_file, rows)


def _steps(model: AmortisedExtractor, found: Walk) -> list[dict[str, Any]]:
    """The last point has no loss: nothing was computed there."""
    return [
        {"fit": found.name, "step": number} | coordinates(model, point)
        | {"loss": None if np.isnan(loss) else float(loss), "score": None if np.isnan(score) else float(score)}
        for number, (point, loss, score) in enumerate(zip(found.points, found.losses, found.scores, strict=True))
    ]  # fmt: skip
