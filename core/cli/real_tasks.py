"""The command ``real-tasks``: fitted descriptors on folders of real images, beside the frozen backbone."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from ..baselines import title_of
from ..benchmark.differences import accuracies, corner_search, differences
from ..benchmark.folder_probe import probe
from ..benchmark.real_tasks import Settings, measure
from ..model.checkpoints import load_checkpoint
from .options import Checkpoint, JsonFigures
from .output import check_places, command_line, save_json, stamped
from .terminal import bar, console


def real_tasks(
    tasks: Annotated[Path, typer.Option(help="Folder of tasks, each a folder with a subfolder of images per class.")],
    probe_labelled: Annotated[
        Path | None, typer.Option(help="Folder with a subfolder per class, for the labels of a linear probe.")
    ] = None,
    probe_test: Annotated[Path | None, typer.Option(help="The same classes, for the probe's test images.")] = None,
    shots: Annotated[int, typer.Option(min=2, help="Labelled images per class.")] = Settings.shots,
    draws: Annotated[int, typer.Option(min=1, help="Of labelled images; all others are tested.")] = Settings.draws,
    corners: Annotated[
        int, typer.Option(min=0, help="Draws in which all corners are searched, too, to compare times.")
    ] = Settings.corners,
    labels: Annotated[int, typer.Option(min=20, help="Labels of the linear probe.")] = 5000,
    seed: Annotated[int, typer.Option(min=0, help="Of the first draw.")] = Settings.seed,
    checkpoint: Checkpoint = None,
    json_file: JsonFigures = None,
) -> None:
    """Compare fitted descriptors with fixed ones and the frozen backbone on real tasks, under one ridge head."""
    if (probe_labelled is None) != (probe_test is None):
        raise ValueError("A probe needs two folders. Give both --probe-labelled and --probe-test, or neither.")
    model = load_checkpoint(checkpoint)
    check_places(json_file)
    settings = Settings(shots, draws, corners, seed)
    with bar("tasks") as advance:
        marks = measure(model, tasks, settings, advance)
    rows, gains, search = accuracies(marks), differences(marks), corner_search(marks, seed)
    found = None
    if probe_labelled and probe_test:
        with bar("probe", prefix="probe: ") as advance:
            found = probe(model, probe_labelled, probe_test, labels, seed, advance)
    _show(rows, gains, search, found)
    document = {
        "tasks": rows, "differences": gains, "corners": search, "probe": found,
        "settings": asdict(settings), "seed": seed, "command": command_line(),
    }  # fmt: skip
    save_json(json_file, stamped(model, **document))


def _show(
    rows: list[dict[str, Any]], gains: list[dict[str, Any]], search: dict[str, Any] | None, found: dict[str, Any] | None
) -> None:
    methods = list(dict.fromkeys(row["method"] for row in rows))
    scores = Table("task", "moved along", *map(title_of, methods), title="accuracy, mean over draws")
    for task, axis in dict.fromkeys((row["task"], row["axis"]) for row in rows):
        own = {row["method"]: row["accuracy"] for row in rows if (row["task"], row["axis"]) == (task, axis)}
        scores.add_row(task, axis or "", *(f"{own[method]:.3f}" for method in methods))
    console.print(scores)
    table = Table("the fit minus", "images", "points [95 % interval over tasks]", "lowest task", title="differences")
    for each in gains:
        worst = min(each["tasks"], key=lambda task: task["value"])
        table.add_row(
            title_of(each["rival"]), "moved" if each["moved"] else "as they are", points(each),
            f"{worst['task']} {worst['value']:+.1f}",
        )  # fmt: skip
    console.print(table)
    if search:
        ratio = "" if search["value"] is None else f", and the search takes {search['value']:.1f} times as long there"
        console.print(
            f"All corners: the fit scores no lower in {search['as_good']} of {search['runs']} draws{ratio}; "
            f"{search['gain']['value']:+.1f} points on the mean."
        )
    if found:
        low, high = found["interval"]
        console.print(f"Probe: {found['value']:.1%} [{low:.1%}, {high:.1%}] with {found['labels']:,} labels.")


def points(figure: dict[str, Any]) -> str:
    """A difference with its interval, if it has one."""
    span = figure["interval"]
    return f"{figure['value']:+.1f}" + (f" [{span[0]:+.1f}, {span[1]:+.1f}]" if span else "")
