"""The command ``pretrain``: the hypernetwork's training, which can be stopped and goes on."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from ..axes.transforms import AXES
from ..data import load_folder
from ..model.amortised import AmortisedExtractor
from ..model.checkpoints import load_checkpoint
from ..pretraining.loop import pretrain as run_pretraining
from ..pretraining.recipe import Recipe
from .export import export_run
from .options import BackboneName, BankGroups, MoreOfRecipe, Name, PretrainedWeights, Threads, limit_threads
from .sources import say_what_is_left_out
from .terminal import bar
from .training import GROUPS, ready_bank, recipe_of


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
    start: Annotated[
        Path | None, typer.Option(help="Checkpoint to begin with; with --backbone, one for a branch of that.")
    ] = None,
    backbone: BackboneName = "",
    weights: PretrainedWeights = None,
    bank: Annotated[
        Path | None,
        typer.Option(help="Folder of stored views to train from, made first; default: views are drawn at every step."),
    ] = None,
    bank_groups: BankGroups = GROUPS,
    settings: MoreOfRecipe = "{}",
) -> None:
    """Train the hypernetwork; stop it any time, run the same line again to go on."""
    limit_threads(threads)
    recipe = recipe_of(settings, backbone, steps=steps, groups=groups, size=size, rate=rate, seed=seed)
    first = load_checkpoint(start) if start else None
    whole = first and (not backbone or recipe.architecture == first.architecture)
    if whole and weights:
        raise ValueError("A checkpoint to begin with has all weights. Leave out --start or --weights.")
    axes = first.transforms if first else AXES
    if first:
        architecture = first.architecture if whole else recipe.architecture
        recipe = replace(recipe, start=first.metadata["digest"], architecture=architecture)
    with bar("reading images") as advance:
        side = recipe.architecture.backbone.input_size
        loaded = load_folder(images, lambda done, total: advance("reading images", done / total), side)
    say_what_is_left_out(loaded)
    options: dict[str, Any] = {"data": name or loaded.name, "every": every, "start": first, "axes": axes}
    options["weights"] = weights
    if bank:
        model = first if whole else None
        model = model or AmortisedExtractor(recipe.architecture, axes, weights=weights)
        options["bank"] = ready_bank(bank, loaded.images, recipe, bank_groups, model)
    with bar("training", recipe.steps) as advance:
        for step in run_pretraining(loaded.images, recipe, out, **options):
            terms = "  ".join(f"{name} {value:.3f}" for name, value in step.terms.items())
            advance(terms, step.number + 1)
    if os.environ.get("RANK", "0") == "0":  # the process that wrote the state
        export_run(out, out / "hypernetwork.safetensors", "")
