"""The command ``pretrain``: the hypernetwork's training, which can be stopped and goes on."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from ..axes.transforms import AXES
from ..backbones import backbone_named
from ..data import load_folder
from ..model.checkpoints import load_checkpoint
from ..pretraining.loop import pretrain as run_pretraining
from ..pretraining.recipe import Recipe
from .export import export_run
from .options import Name, Threads, limit_threads
from .sources import say_what_is_left_out
from .terminal import bar


def pretrain(
    images: Annotated[Path, typer.Option(help="Folder of images, flat or one subfolder per class.")],
    out: Annotated[Path, typer.Option(help="Folder for states, logs and the checkpoint; resumed if it has a state.")],
    steps: Annotated[int, typer.Option(min=1)] = Recipe.steps,
    groups: Annotated[int, typer.Option(min=1, help="Descriptors per step, over all processes.")] = Recipe.groups,
    size: Annotated[int, typer.Option(min=2, help="Images per descriptor.")] = Recipe.size,
    rate: Annotated[float, typer.Option(help="Peak learning rate.")] = Recipe.rate,
    seed: int = Recipe.seed,
    every: Annotated[int, typer.Option(min=1, help="Steps between saved states.")] = 500,
    threads: Threads = 0,
    name: Name = "",
    start: Annotated[Path | None, typer.Option(help="Checkpoint to begin with instead of random weights.")] = None,
    backbone: Annotated[
        str,
        typer.Option(help="compact, efficientnet_lite0, or torchvision:NETWORK[@MODULE][:SIDE], cut at the module."),
    ] = "",
    weights: Annotated[
        Path | None,
        typer.Option(help="File of the backbone's pretrained weights; default: where it finds them itself."),
    ] = None,
    settings: Annotated[str, typer.Option(help="More of the recipe as JSON, e.g. '{\"erasure\": 0}'.")] = "{}",
) -> None:
    """Train the hypernetwork; stop it any time, run the same line again to go on."""
    limit_threads(threads)
    recipe = replace(Recipe(steps=steps, groups=groups, size=size, rate=rate, seed=seed), **_settings(settings))
    if start and (backbone or weights):
        raise ValueError("A checkpoint to begin with has a backbone and weights. Leave out --start, or the other two.")
    if backbone:
        architecture = replace(recipe.architecture, backbone=backbone_named(backbone))
        recipe = replace(recipe, architecture=architecture)
    first = load_checkpoint(start) if start else None
    axes = first.transforms if first else AXES
    if first:
        recipe = replace(recipe, start=first.metadata["digest"], architecture=first.architecture)
    with bar("reading images") as advance:
        side = recipe.architecture.backbone.input_size
        loaded = load_folder(images, lambda done, total: advance("reading images", done / total), side)
    say_what_is_left_out(loaded)
    with bar("training", recipe.steps) as advance:
        label = name or loaded.name
        options: dict[str, Any] = {"data": label, "every": every, "start": first, "axes": axes, "weights": weights}
        for step in run_pretraining(loaded.images, recipe, out, **options):
            terms = "  ".join(f"{name} {value:.3f}" for name, value in step.terms.items())
            advance(terms, step.number + 1)
    if os.environ.get("RANK", "0") == "0":  # the process that wrote the state
        export_run(out, out / "hypernetwork.safetensors", "")


def _settings(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
        replace(Recipe(), **values)
    except (json.JSONDecodeError, TypeError) as error:
        raise ValueError(f"--settings must be a JSON object of recipe fields; got {text!r} ({error}).") from None
    return values
