"""Options that several commands have, with one wording each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer

BackboneName = Annotated[
    str,
    typer.Option(help="compact, efficientnet_lite0, or torchvision:NETWORK[@MODULE][:SIDE], cut at the module."),
]
BankGroups = Annotated[
    int, typer.Option(min=1, help="Descriptors in the bank; a longer training goes through them again.")
]
Checkpoint = Annotated[Path | None, typer.Option(help="Default: the shipped one.")]
Copies = Annotated[
    str,
    typer.Option(help="Of a folder's pictures: near (they count once), exact (only those with equal pixels do), none."),
]
CsvRows = Annotated[Path | None, typer.Option("--csv", help="Write one row per descriptor here.")]
JsonEverything = Annotated[Path | None, typer.Option("--json", help="Write everything here.")]
JsonFigures = Annotated[Path | None, typer.Option("--json", help="Write the figures here.")]
Jobs = Annotated[int, typer.Option(min=1, help="Processes on this machine.")]
Labels = Annotated[int, typer.Option(min=4, help="Labelled images in all.")]
Ledger = Annotated[Path | None, typer.Option(help="Keep every result here; a run that was cut goes on where it was.")]
Name = Annotated[str, typer.Option(help="What to call the images; default: the folder's name.")]
Objective = Annotated[str, typer.Option(help="What the descriptor is fitted to.")]
MoreOfRecipe = Annotated[str, typer.Option(help="More of the recipe as JSON, e.g. '{\"erasure\": 0}'.")]
OneTask = Annotated[str, typer.Option(help="One task, as in fit: a folder, an archive, or the name of a task.")]
Scheduler = Annotated[str | None, typer.Option(help="Address of a Dask scheduler to run on instead.")]
SeedOfImages = Annotated[int, typer.Option(min=0, help="Of the images.")]
Shots = Annotated[int, typer.Option(min=2, help="Labelled images per class; tens of images for a quantity.")]
StepsOfRestart = Annotated[
    int, typer.Option(min=1, help="Steps of a restart at most; each is shorter than the one before.")
]
PretrainedWeights = Annotated[
    Path | None, typer.Option(help="File of the backbone's pretrained weights; default: where it finds them itself.")
]
Restarts = Annotated[int, typer.Option(min=1)]
Trust = Annotated[float, typer.Option(help="Of the head in a branch, above 0 to 1; 1: as in all other features.")]
Threads = Annotated[int, typer.Option(help="Processor threads; 0: as many as there are.")]


def limit_threads(count: int) -> None:
    """Let PyTorch use so many threads of the processor; 0: as many as it likes."""
    if count:
        torch.set_num_threads(count)
