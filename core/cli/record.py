"""The command ``record``: a fit as the Adapt page makes it, into a file that the page and the report open."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..adaptation import Settings
from ..adaptation.preferences import looked_at, sentence
from ..axes.augmentation_code import policy_code
from ..axes.descriptor import Descriptor
from ..baselines.methods import OURS, chosen_methods
from ..data.grouping import COPIES
from ..model.checkpoints import load_checkpoint
from ..sharing import record as recorded
from ..sharing import write_run
from .fit import Copies, check_places, find_sources, introduce
from .terminal import bar, console


def record(
    data: Annotated[str, typer.Option(help="One task, as in fit: a folder, an archive, or the name of a task.")],
    out: Annotated[Path, typer.Option(help="JSON file to write.")],
    shots: Annotated[int, typer.Option(min=2, help="Labelled images per class; tens of images for a quantity.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of images and fit.")] = 0,
    copies: Copies = COPIES[0],
    objective: Annotated[str, typer.Option(help="What the descriptor is fitted to.")] = Settings.objective,
    steps: Annotated[int, typer.Option(min=1, help="Steps of a restart at most.")] = Settings.steps,
    restarts: Annotated[int, typer.Option(min=1)] = Settings.restarts,
    baselines: Annotated[str, typer.Option(help="all, quick, none, or names with commas, as in fit.")] = "none",
    checkpoint: Annotated[Path | None, typer.Option(help="Default: the shipped one.")] = None,
) -> None:
    """Fit one task and keep the run as a file: the Adapt page opens it, and `run.sh report` makes a page of it."""
    model = load_checkpoint(checkpoint)
    check_places(out)
    sources = find_sources(data, model, copies)
    if len(sources) != 1:
        raise ValueError(f"--data {data} names {len(sources)} tasks; a run is of one. Give one name.")
    introduce(sources[0])
    settings = Settings(objective, steps=steps, restarts=restarts, seed=seed)
    names = [name for name in chosen_methods(baselines) if name != OURS]
    with bar("fitting") as advance:
        run, missing = recorded(model, sources[0], shots, settings, names, advance)
    try:
        out.write_bytes(write_run(run, model))
    except OSError as error:
        raise ValueError(f"{out} cannot be written ({error.strerror}). Give a file in a folder that exists.") from None
    assert run.adapted is not None
    task = sources[0].with_shots(shots, seed)
    for text in (*task.notes, *missing, sentence(run.slices, looked_at(task))):
        console.print(text)
    for each in run.outcomes:
        said = each.judged.sentence(task.score_name)
        console.print(f"{each.method}: {said[0].lower()}{said[1:]} {each.seconds:.1f} s.")
    console.print(f"Descriptor: {Descriptor(run.adapted.descriptor, model.transforms)}")
    console.print("The same as an augmentation policy:\n")
    console.print(policy_code(run.adapted.descriptor, model.transforms))
    console.print(f"Wrote {out} ({out.stat().st_size / 2**10:.0f} KB).")
