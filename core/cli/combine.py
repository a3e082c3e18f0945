"""The command ``combine``: a trained network as the branch of one with a pretrained backbone, without a step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ..backbones.gated_tail import GATING
from ..data import load_folder
from ..model.checkpoints import load_checkpoint, save_checkpoint
from ..pretraining.beginning import check_start, new_model, shown_and_moved
from ..pretraining.gates import AS_SHIPPED, GateVariant, as_combined, gated, gated_backbone
from .options import BackboneName, MoreOfRecipe, Name, PretrainedWeights, Threads, limit_threads
from .output import check_places, today
from .sources import say_what_is_left_out
from .terminal import bar, console
from .training import recipe_of


def combine(
    start: Annotated[
        Path, typer.Option(help="Checkpoint with the backbone compact, or one that was combined, for its branch.")
    ],
    images: Annotated[Path, typer.Option(help="Folder of images that components and gates are measured on.")],
    out: Annotated[Path, typer.Option(help="Checkpoint file to write.")],
    backbone: BackboneName = "",
    seed: Annotated[int, typer.Option(help="Of the images and strengths.")] = 0,
    loudness: Annotated[
        float, typer.Option(help="Variance of the pretrained network over the branch's, while gates are open.")
    ] = GATING.loudness,
    weights: PretrainedWeights = None,
    name: Name = "",
    settings: MoreOfRecipe = "{}",
    threads: Threads = 0,
) -> None:
    """Put a pretrained network behind gates beside a trained one, without a step of training."""
    check_places(out)
    limit_threads(threads)
    first = load_checkpoint(start)
    recipe = recipe_of(settings, backbone, seed=seed)
    check_start(first, recipe, first.transforms)
    combined, again = first.architecture == recipe.architecture, None
    if combined or loudness != GATING.loudness:
        balanced = gated_backbone(recipe.architecture.backbone).balanced
        again = GateVariant(AS_SHIPPED, replace(GATING, loudness=loudness), balanced=balanced)
    with bar("reading images") as advance:
        side = recipe.architecture.backbone.input_size
        loaded = load_folder(images, lambda done, total: advance("reading images", done / total), side)
    say_what_is_left_out(loaded)
    console.print("Measuring which axis moves what the pretrained network tells ...")
    if combined:
        model, branch = as_combined(first, weights), dict(first.metadata.get("branch", {}))
    else:
        model = new_model(recipe, first.transforms, loaded.images, first, weights)
        branch = {key: value for key, value in first.metadata.items() if key not in ("format", "axes", "architecture")}
    if again:
        shown, moved = shown_and_moved(model, loaded.images, seed)
        model = gated(first if combined else model, again, shown, list(moved))
    record = {"data": name or loaded.name, "seed": seed, "date": today()}
    save_checkpoint(model, out, {"name": out.stem, "steps": branch.get("steps", 0), **record, "branch": branch})
    console.print(f"Wrote {out} ({out.stat().st_size / 2**20:.1f} MB).")
