"""The command ``landscape``: how well a task does at many descriptors."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import typer

from ..adaptation.landscape import TOGETHER, Mark, MarkLog, Square, task_judge
from ..axes.presets import named
from ..axes.transforms import axis_named
from ..log import completed
from ..model.checkpoints import load_checkpoint
from ..tasks import Task
from .options import Checkpoint, CsvRows, Jobs, JsonEverything, Labels, Ledger, OneTask, Scheduler, SeedOfImages
from .output import check_places, coordinates, save_csv, save_json, stamped
from .sources import draw_of, find_source
from .terminal import bar, console


def landscape(
    data: OneTask,
    across: Annotated[str, typer.Option(help="Axis of the square.")] = "rotation",
    up: Annotated[str, typer.Option(help="Its other axis.")] = "hue",
    base: Annotated[str, typer.Option(help="The other coordinates, or a preset's name.")] = "Half way",
    side: Annotated[int, typer.Option(min=2, max=65, help="Points per side.")] = 9,
    whole_map: Annotated[bool, typer.Option("--map", help="Every descriptor of the map instead of a square.")] = False,
    labels: Labels = 200,
    seed: SeedOfImages = 0,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    checkpoint: Checkpoint = None,
    json_file: JsonEverything = None,
    csv_file: CsvRows = None,
    ledger: Ledger = None,
) -> None:
    """How well a task's head does at each of many descriptors: on a square of the cube, or all over the map."""
    model = load_checkpoint(checkpoint)
    check_places(json_file, csv_file, ledger)
    source = find_source(data, model, "this is about one")
    task = source.draw(labels, seed)
    if whole_map:
        from ..manifold import load_map  # imports scikit-learn

        points = load_map(str(model.metadata.get("digest"))).points.astype(float)
    else:
        names = [axis.name for axis in model.transforms]
        one, other = (names.index(axis_named(name, model.transforms).name) for name in (across, up))
        points = Square(named(base, model.transforms).values, one, other, side).points()
    log = MarkLog(ledger, draw_of(model, source, labels, seed)) if ledger else None
    judge, wanted = task_judge(model, task), [tuple(point) for point in points.tolist()]
    with bar("landscape") as advance:
        marks = completed(judge, wanted, log, partial(advance, "landscape"), jobs, scheduler, together=TOGETHER)
    rows = [coordinates(model, point) | vars(mark) for point, mark in zip(points, marks, strict=True)]
    best = min(range(len(marks)), key=lambda number: marks[number].loss)
    console.print(_best(task, marks, rows[best]))
    found = {"task": task.name, "score": task.score_name, "labels": labels, "seed": seed, "points": rows}
    save_json(json_file, stamped(model, **found))
    save_csv(csv_file, rows)


def _best(task: Task, marks: list[Mark], row: dict[str, Any]) -> str:
    losses = [mark.loss for mark in marks]
    where = ", ".join(f"{name} {value:g}" for name, value in row.items() if name not in ("loss", "score"))
    return (
        f"{task.title} {len(marks)} descriptors: loss {min(losses):.3f} to {max(losses):.3f} nats per label; the best, "
        f"{task.score_name} {row['score']:.3f}, is at {where}."
    )
