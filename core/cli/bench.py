"""The command ``bench``: the cost of the hypernetwork on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.table import Table

from ..data.pictures import photographs
from ..model.checkpoints import SHIPPED, load_checkpoint
from .options import Checkpoint, JsonFigures
from .output import check_places, command_line, save_json, stamped
from .terminal import console


def bench(
    seconds: Annotated[float, typer.Option(help="Time for each measurement.")] = 2.0,
    checkpoint: Checkpoint = None,
    json_file: JsonFigures = None,
) -> None:
    """What the hypernetwork costs, as ratios taken in one run."""
    from ..benchmark.speed import Cost  # its timer warns about compilers on machines without CUDA
    from ..benchmark.speed import bench as run_bench

    model = load_checkpoint(checkpoint)
    check_places(json_file)
    size = Path(checkpoint or SHIPPED).stat().st_size / 1e6
    costs = [Cost("size", "checkpoint with its stem", size, "MB", "<= 25", ())]
    costs += run_bench(model, photographs()[0].pixels, seconds)
    table = Table("what", "measured", "aim", "median times, ms")
    for cost in costs:
        times = ", ".join(f"{ms:.2f}" for ms in cost.milliseconds)
        table.add_row(cost.name, f"{cost.value:,.3g} {cost.unit}", cost.aim, times)
    console.print(table)
    machine = {"cores": os.cpu_count(), "threads": torch.get_num_threads(), "load": os.getloadavg()[0]}
    document = {"costs": [vars(cost) for cost in costs], "machine": machine, "command": command_line()}
    save_json(json_file, stamped(model, **document))
