"""The command ``bench``: the cost of the hypernetwork on this machine."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from ..data.pictures import photographs
from ..model.checkpoints import load_checkpoint
from .terminal import console


def bench(seconds: Annotated[float, typer.Option(help="Time for each measurement.")] = 2.0) -> None:
    """What the hypernetwork costs, as ratios taken in one run."""
    from ..benchmark.speed import bench as run_bench  # its timer warns about compilers on machines without CUDA

    table = Table("what", "measured", "aim", "median times, ms")
    for cost in run_bench(load_checkpoint(), photographs()[0].pixels, seconds):
        times = ", ".join(f"{ms:.2f}" for ms in cost.milliseconds)
        table.add_row(cost.name, f"{cost.value:,.3g} {cost.unit}", cost.aim, times)
    console.print(table)
