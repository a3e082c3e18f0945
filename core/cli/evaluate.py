"""The command ``evaluate``: the table of figures of a checkpoint, with what it is compared with."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from ..data import load_folder
from ..evaluation.controls import Pixels, untrained
from ..evaluation.evaluate import Settings
from ..evaluation.evaluate import evaluate as run_evaluation
from ..evaluation.tables import rows
from ..model.checkpoints import load_checkpoint
from .options import Checkpoint, JsonFigures
from .output import check_places, command_line, save_json, today
from .sources import say_what_is_left_out
from .terminal import bar, console


def evaluate(
    images: Annotated[Path, typer.Option(help="Folder of images the model was not trained on.")],
    checkpoint: Checkpoint = None,
    json_file: JsonFigures = None,
    count: Annotated[int, typer.Option(min=16, help="Images for control and decodability.")] = Settings.images,
    draws: Annotated[int, typer.Option(min=2, help="Strengths per image.")] = Settings.draws,
    labels: Annotated[int, typer.Option(min=2, help="Labels for the linear probe.")] = Settings.labels,
    seed: int = Settings.seed,
    references: Annotated[bool, typer.Option(help="Also measure the untrained network and raw pixels.")] = True,
) -> None:
    """Measure a checkpoint: control, leakage, decodability, rank, retrieval, probe; with 95 % intervals."""
    model = load_checkpoint(checkpoint)
    check_places(json_file)
    loaded = load_folder(images, side=model.input_size)
    say_what_is_left_out(loaded)
    settings = Settings(count, draws, labels, seed)
    subjects: dict[str, Any] = {"model": model}
    if references:
        sample = loaded.images[: 10 * model.backbone.features].float() / 255
        subjects["untrained"] = untrained(model.architecture, model.transforms, seed)
        subjects["pixels"] = Pixels(sample, model.backbone, model.transforms)
    results = {}
    for name, subject in subjects.items():
        with bar(name, prefix=f"{name}: ") as advance:
            results[name] = run_evaluation(subject, loaded, settings, advance)
    document = {
        **results.pop("model"),
        "references": results,
        "checkpoint": model.metadata["digest"],
        "images": loaded.name,
        "settings": asdict(settings),
        "date": today(),
        "command": command_line(),
    }
    table = Table("figure", "axis", "model", "untrained", "pixels", title=f"{loaded.name}, mean [95 % interval]")
    for row in rows(document):
        table.add_row(*row)
    console.print(table)
    save_json(json_file, document)
