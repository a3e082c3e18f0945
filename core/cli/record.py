"""The command ``record``: a fit as the Adapt page makes it, into a file that the page and the report open."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..adaptation import Settings
from ..adaptation.policy import policy_of
from ..adaptation.preferences import looked_at, sentence
from ..axes.descriptor import Descriptor
from ..baselines import OURS, called, chosen_methods
from ..data.grouping import COPIES
from ..files import save_bytes
from ..model.checkpoints import load_checkpoint
from ..sharing import record as recorded
from ..sharing import write_run
from .options import Checkpoint, Copies, Objective, OneTask, Restarts, Shots, StepsOfRestart
from .output import check_places
from .sources import find_source, introduce
from .terminal import bar, console


def record(
    data: OneTask,
    out: Annotated[Path, typer.Option(help="JSON file to write.")],
    shots: Shots = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of images and fit.")] = 0,
    copies: Copies = COPIES[0],
    objective: Objective = Settings.objective,
    steps: StepsOfRestart = Settings.steps,
    restarts: Restarts = Settings.restarts,
    baselines: Annotated[str, typer.Option(help="all, quick, none, or names with commas, as in fit.")] = "none",
    checkpoint: Checkpoint = None,
) -> None:
    """Fit one task and keep the run as a file: the Adapt page opens it, and `run.sh report` makes a page of it."""
    model = load_checkpoint(checkpoint)
    check_places(out)
    source = find_source(data, model, "a run is of one", copies)
    introduce(source)
    settings = Settings(objective, steps=steps, restarts=restarts, seed=seed)
    names = [name for name in chosen_methods(baselines, model) if name != OURS]
    with bar("fitting") as advance:
        run, missing = recorded(model, source, shots, settings, names, advance)
    save_bytes(out, write_run(run, model))
    assert run.adapted is not None
    task = source.with_shots(shots, seed)
    for text in (*task.notes, *missing, sentence(run.slices, looked_at(task))):
        console.print(text)
    for each in run.outcomes:
        said = each.judged.sentence(task.score_name)
        console.print(f"{called(each)}: {said[0].lower()}{said[1:]} {each.seconds:.1f} s.")
    console.print(f"Descriptor: {Descriptor(run.adapted.descriptor, model.transforms).brief}.")
    console.print("The same as an augmentation policy:\n")
    console.print(policy_of(model, task, run.adapted, run.slices).code)
    console.print(f"Wrote {out} ({out.stat().st_size / 2**10:.0f} KB).")
