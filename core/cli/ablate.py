"""The command ``ablate``: forms of the hypernetwork side by side, after short pretraining runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from ..axes.transforms import AXES
from ..data import load_folder
from ..model.architecture import Architecture
from ..pretraining.ablation import Finding
from ..pretraining.ablation import ablate as run_ablation
from ..pretraining.recipe import Recipe
from .options import JsonFigures
from .output import check_places, save_json, today
from .terminal import bar, console


def ablate(
    images: Annotated[Path, typer.Option(help="Folder of images to train on.")],
    held_out: Annotated[Path, typer.Option(help="Folder of other images to measure on.")],
    steps: Annotated[int, typer.Option(min=1, help="Steps of each run.")] = 600,
    seeds: Annotated[int, typer.Option(min=1)] = 2,
    size: Annotated[int, typer.Option(min=2, help="Images per descriptor.")] = Recipe.size,
    count: Annotated[int, typer.Option(min=16, help="Images to measure on.")] = 640,
    name: Annotated[str, typer.Option(help="What to call the images.")] = "",
    json_file: JsonFigures = None,
) -> None:
    """Compare forms of the hypernetwork: same views, same steps, random weights."""
    check_places(json_file)
    architecture = Architecture()
    side = architecture.backbone.input_size
    trained, other = load_folder(images, side=side), load_folder(held_out, side=side)
    chosen = torch.randperm(len(other.images), generator=torch.Generator().manual_seed(0))[:count]
    recipe, found = Recipe(steps=steps, size=size, architecture=architecture), []
    with bar("training") as advance:
        for finding in run_ablation(
            trained.images,
            other.images[chosen].float() / 255,
            recipe,
            seeds=tuple(range(seeds)),
            progress=advance,
        ):
            found.append(finding)
            document = {
                "axes": [axis.name for axis in AXES],
                "steps": steps,
                "size": size,
                "images": name or trained.name,
                "held_out": len(chosen),
                "date": today(),
                "findings": [each.document() for each in found],
            }
            save_json(json_file, document)  # after every run: hours of work are not lost to a power cut
    console.print(table(found))


def table(findings: Sequence[Finding]) -> str:
    """Markdown: a row per form; means over seeds, with the range over seeds where there are several.

    Ratios are geometric means over axes, so that hue, which is easy, does not drown the others.
    """
    head = ("form", "own metric", "whitened", "decodability", "lowest rank", "loss", "numbers", "ms a set", "s a step")
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for form in dict.fromkeys(each.form for each in findings):
        runs = [each for each in findings if each.form == form]
        cells = (
            _over([_geometric(each.own) for each in runs]),
            _over([_geometric(each.whitened) for each in runs]),
            _over([float(np.mean(each.decodability)) for each in runs]),
            _over([each.rank for each in runs], 1),
            _over([each.loss for each in runs]),
            f"{runs[0].stored / 1e6:.1f} M",
            f"{float(np.mean([each.generation for each in runs])):.1f}",
            f"{float(np.mean([each.seconds for each in runs])):.2f}",
        )
        lines.append(f"| {' | '.join((form, *cells))} |")
    return "\n".join(lines)


def _geometric(values: Sequence[float]) -> float:
    return math.exp(float(np.mean(np.log(np.maximum(values, 1e-6)))))


def _over(values: Sequence[float], digits: int = 2) -> str:
    mean = f"{np.mean(values):.{digits}f}"
    return mean if len(values) < 2 else f"{mean} ({min(values):.{digits}f} to {max(values):.{digits}f})"
