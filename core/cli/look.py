"""The command ``look``: what the Explore page shows of a picture, without the page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from torch import Tensor

from ..axes.presets import named, presets
from ..axes.transforms import AXES, axis_named
from ..data.pictures import decode_image, photographs, square
from ..inspect.grid import FRAMES, NEAREST
from ..inspect.picture_report import look as measured
from ..model.checkpoints import load_checkpoint
from .options import Checkpoint, JsonEverything
from .output import check_places, save_csv, save_json, stamped
from .terminal import console


def look(
    picture: Annotated[str, typer.Option(help="Name of a shipped photograph, or an image file.")] = "cat",
    descriptor: Annotated[
        list[str] | None,
        typer.Option(help='"rotation=1, hue=0" or a preset\'s name; repeat it to compare. Default: all presets.'),
    ] = None,
    axis: Annotated[str, typer.Option(help=f"The change: {', '.join(each.name for each in AXES)}.")] = "hue",
    at: Annotated[int, typer.Option(help=f"How far, 0 to {FRAMES - 1} over the range of the axis.")] = FRAMES - 1,
    maps: Annotated[str, typer.Option(help="Layers whose maps are followed: all, or their names with commas.")] = "",
    where: Annotated[bool, typer.Option("--where", help="Also the pixels in which the change is noticed.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the other pictures that say what 1 means.")] = 0,
    checkpoint: Checkpoint = None,
    json_file: JsonEverything = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write the curves here.")] = None,
) -> None:
    """Look at one picture: curves, filmstrip, neighbours, feature maps, and where a change is noticed."""
    model = load_checkpoint(checkpoint)
    check_places(json_file, csv_file)
    pictures, name = _pictures(picture)
    moved = axis_named(axis, model.transforms)
    layers = model.backbone.layers if maps == "all" else tuple(part.strip() for part in maps.split(",") if part.strip())
    texts = descriptor or [preset.name for preset in presets(model.transforms)]
    points = [named(text, model.transforms) for text in texts]
    found = [
        measured(model, pictures, name, point, moved, at=at, seed=seed, layers=layers, where=where) for point in points
    ]
    _show(texts, found)
    save_json(json_file, stamped(model, looks=found))
    save_csv(csv_file, [row for each, text in zip(found, texts, strict=True) for row in _rows(each, text, model)])


def _pictures(asked: str) -> tuple[dict[str, Tensor], str]:
    known = {photo.name: photo.pixels for photo in photographs()}
    if asked in known:
        return known, asked
    path = Path(asked)
    if not path.is_file():
        raise ValueError(f"There is no picture “{asked}”. Give an image file, or one of: {', '.join(known)}.")
    return known | {"picture": square(decode_image(path.read_bytes(), path.name))}, "picture"


def _rows(found: dict[str, Any], text: str, model: Any) -> list[dict[str, Any]]:
    return [
        {
            "descriptor": text,
            **found["descriptor"],
            "transformation": curve["axis"],
            "strength": strength,
            "unit": curve["unit"],
            "movement": movement,
            "similarity": similarity,
            "effective_rank": found["effective_rank"],
            "picture": found["picture"],
            "seed": found["seed"],
            "checkpoint": model.metadata.get("digest"),
        }
        for curve in found["curves"]
        for strength, movement, similarity in zip(
            curve["strengths"], curve["movement"], curve["similarity"], strict=True
        )
    ]


def _show(texts: list[str], looks: list[dict[str, Any]]) -> None:
    names = [curve["axis"] for curve in looks[0]["curves"]]
    table = Table("descriptor", *names, "rank", title="mean movement of the features; 1 = another picture")
    for text, found in zip(texts, looks, strict=True):
        means = [f"{sum(curve['movement']) / len(curve['movement']):.2f}" for curve in found["curves"]]
        table.add_row(text, *means, f"{found['effective_rank']:.1f}" + (" (collapsed)" if found["collapsed"] else ""))
    console.print(table)
    first = looks[0]
    title = f"nearest to the {first['picture']} with {first['axis']} at {first['strength']:g}"
    table = Table("descriptor", *(str(n + 1) for n in range(NEAREST)), title=title)
    for text, found in zip(texts, looks, strict=True):
        near = [f"{each['picture']} {each['strength']:g}" for each in found["nearest"][:NEAREST]]
        table.add_row(text, *near)
    console.print(table)
    for text, found in zip(texts, looks, strict=True):
        for layer, each in found.get("maps", {}).items():
            back = "" if each["moved_back"] is None else f", {each['moved_back'][-1]:.2f} once moved back"
            console.print(f"{text}: maps of {layer} agree by {each['agreement'][-1]:.2f} at the end{back}.")
        if "where" in found:
            alike = found["where"]["agreement_with_random_weights"]
            console.print(f"{text}: where the change is noticed is like random weights by {alike:.2f}.")
