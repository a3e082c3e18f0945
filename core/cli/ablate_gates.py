"""The command ``ablate-gates``: what gates, loudness and components trade, on one frozen network and branch."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import typer

from ..adaptation.reading import TRUST, weighed
from ..model.checkpoints import load_checkpoint
from ..pretraining.ablation import Finding, Seen, measured_on
from ..pretraining.ablation_table import table
from ..pretraining.beginning import shown_and_moved
from ..pretraining.gates import VARIANTS, GateVariant, as_combined, gated, gated_backbone
from .options import JsonFigures, Name, PretrainedWeights, Threads, limit_threads
from .output import check_places, command_line, save_json, stamped
from .terminal import bar, console
from .training import findings_before, read_sets, some_of


def ablate_gates(
    start: Annotated[Path, typer.Option(help="Checkpoint that combine has made; its branch stays as it is.")],
    images: Annotated[Path, typer.Option(help="Folder of the images that its gates were measured on.")],
    held_out: Annotated[Path, typer.Option(help="Folder of other images to measure on.")],
    labelled: Annotated[
        Path | None,
        typer.Option(help="Folder of classes on which the gates may be chosen, more than 20 images in each."),
    ] = None,
    count: Annotated[int, typer.Option(min=16, help="Images to measure on.")] = 160,
    seed: Annotated[int, typer.Option(help="Of the images and strengths that gates are measured on.")] = 0,
    only: Annotated[list[str] | None, typer.Option(help="Name of a variant; may be repeated. Default: all.")] = None,
    weights: PretrainedWeights = None,
    threads: Threads = 0,
    name: Name = "",
    json_file: JsonFigures = None,
) -> None:
    """Compare ways to measure the gates of a combined model. With --json, the same line again goes on."""
    check_places(json_file)
    limit_threads(threads)
    model = load_checkpoint(start)
    gated_backbone(model.backbone)  # refused before the images are read
    variants = _chosen(only or [])
    trained, other, development = read_sets(model.input_size, images, held_out, labelled)
    chosen = some_of(other, count)
    document = {
        "checkpoint": model.metadata["digest"],
        "axes": [axis.name for axis in model.transforms],
        "images": name or trained.name,
        "held_out": [other.paths[number] for number in chosen.tolist()],
        "labelled": development.name if development else "",
        "trust": TRUST,
        "seed": seed,
    }
    found = findings_before(json_file, document)
    left = [each for each in variants if each.name not in {finding.variant for finding in found}]
    machine = {"device": "cpu", "cores": os.cpu_count(), "threads": torch.get_num_threads()}

    def keep(finding: Finding) -> None:
        found.append(finding)
        findings = [each.document() for each in found]
        save_json(json_file, stamped(model, **document, command=command_line(), machine=machine, findings=findings))

    if left:
        console.print("The frozen network looks at all images, once for all variants ...")
        shown, moved = shown_and_moved(as_combined(model, weights), trained.images, seed)
        kept, seen = list(moved), Seen.of(model, other.images[chosen].float() / 255, development)
        seen = replace(seen, views=list(seen.views))
        with bar("measuring") as advance:
            for number, variant in enumerate(left):
                made = gated(model, variant, shown, kept)
                keep(measured_on(made, seen, variant.name, seed, {}, math.nan, partial(weighed, made)))
                advance(variant.name, (number + 1) / len(left))
    console.print(table(found))


def _chosen(names: list[str]) -> list[GateVariant]:
    known = {each.name: each for each in VARIANTS}
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"There is no variant called {unknown[0]!r}. Name some of: {'; '.join(known)}.")
    return [known[name] for name in names] or list(VARIANTS)
