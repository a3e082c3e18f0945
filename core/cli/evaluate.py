"""The command ``evaluate``: the table of figures of a checkpoint, with what it is compared with."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ..data import ImageSet, load_folder
from ..data.names import shown
from ..evaluation.controls import FrozenFeatures, Pixels, PlainFeatures, untrained
from ..evaluation.evaluate import Settings, evaluate_all
from ..evaluation.tables import columns, rows
from ..measures.control import Extracts
from ..model.amortised import AmortisedExtractor
from ..model.checkpoints import load_checkpoint, load_plain
from .options import Checkpoint, JsonFigures
from .output import check_places, command_line, save_json, today
from .sources import say_what_is_left_out
from .terminal import bar, console


def evaluate(
    images: Annotated[Path, typer.Option(help="Folder of images the model was not trained on.")],
    checkpoint: Checkpoint = None,
    json_file: JsonFigures = None,
    also: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of other images, on which decodability is measured too; may be repeated."),
    ] = None,
    probe: Annotated[
        Path | None, typer.Option(help="Folder of labelled images for the linear probe; default: the images.")
    ] = None,
    plain: Annotated[
        Path | None, typer.Option(help="File of pretrain-plain, to measure plain SimCLR beside the model.")
    ] = None,
    count: Annotated[int, typer.Option(min=16, help="Images for control and decodability.")] = Settings.images,
    draws: Annotated[int, typer.Option(min=2, help="Strengths per image.")] = Settings.draws,
    labels: Annotated[int, typer.Option(min=2, help="Labels for the linear probe.")] = Settings.labels,
    seed: int = Settings.seed,
    references: Annotated[
        bool, typer.Option(help="Also measure the untrained network, the frozen backbone and raw pixels.")
    ] = True,
) -> None:
    """Measure a checkpoint: control, leakage, decodability, onset, cosine, rank, retrieval, probe; 95 % intervals."""
    model = load_checkpoint(checkpoint)
    check_places(json_file)
    subjects: dict[str, Extracts] = {"model": model}
    if plain:
        subjects["plain"] = PlainFeatures(load_plain(plain), model.transforms)
    loaded = _read(images, model)
    others = [_read(each, model) for each in also or ()]
    labelled = _read(probe, model) if probe else None
    if twice := [name for name, times in Counter(each.name for each in others).items() if times > 1]:
        raise ValueError(f"Two of the folders given with --also are called {shown(twice[0])}. Rename one of them.")
    settings = Settings(count, draws, labels, seed)
    if references:
        subjects |= _references(model, loaded, seed)
    with bar("images are read") as advance:
        results = evaluate_all(subjects, loaded, settings, advance, also=others, labelled=labelled)
    document = {
        **results.pop("model"),
        "references": results,
        "checkpoint": model.metadata["digest"],
        "images": loaded.name,
        "probe": (labelled or loaded).name,
        "settings": asdict(settings),
        "date": today(),
        "command": command_line(),
    }
    table = Table(*columns(document), title=f"{loaded.name}, mean [95 % interval]")
    for row in rows(document):
        table.add_row(*row)
    console.print(table)
    save_json(json_file, document)


def _read(folder: Path, model: AmortisedExtractor) -> ImageSet:
    loaded = load_folder(folder, side=model.input_size)
    say_what_is_left_out(loaded)
    return loaded


def _references(model: AmortisedExtractor, loaded: ImageSet, seed: int) -> dict[str, Extracts]:
    sample = loaded.images[: 10 * model.backbone.features].float() / 255
    found: dict[str, Extracts] = {"pixels": Pixels(sample, model.backbone, model.transforms)}
    try:
        found["untrained"] = untrained(model.architecture, model.transforms, seed)
    except (ValueError, OSError, ImportError) as error:  # weights that its backbone begins with are not at hand
        console.print(f"The untrained network is left out. {error}")
    if model.backbone.frozen(*model.prepare(sample[:2]).parts) is not None:
        found["frozen"] = FrozenFeatures(model, sample)
    return found
