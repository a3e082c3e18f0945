"""The commands ``landscape``, ``walk`` and ``route``: a task over the cube of descriptors, and ways through it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

from ..adaptation import Fit, Settings
from ..adaptation.landscape import Mark, Square, task_judge
from ..adaptation.trajectories import Walk, starting_point, walks
from ..axes.presets import named
from ..axes.transforms import axis_named
from ..model.amortised import AmortisedExtractor
from ..model.checkpoints import load_checkpoint
from ..tasks import Task
from .fit import find_sources
from .output import save_csv, save_json, stamped
from .terminal import bar, console

_Data = Annotated[str, typer.Option(help="One task, as in fit: a folder, an archive, or the name of a task.")]
_Labels = Annotated[int, typer.Option(min=4, help="Labelled images in all.")]
_Seed = Annotated[int, typer.Option(min=0, help="Of the images.")]
_Checkpoint = Annotated[Path | None, typer.Option(help="Default: the shipped one.")]
_Json = Annotated[Path | None, typer.Option("--json", help="Write everything here.")]
_Csv = Annotated[Path | None, typer.Option("--csv", help="Write one row per descriptor here.")]


def landscape(
    data: _Data,
    across: Annotated[str, typer.Option(help="Axis of the square.")] = "rotation",
    up: Annotated[str, typer.Option(help="Its other axis.")] = "hue",
    base: Annotated[str, typer.Option(help="The other coordinates, or a preset's name.")] = "Half way",
    side: Annotated[int, typer.Option(min=2, max=65, help="Points per side.")] = 9,
    whole_map: Annotated[bool, typer.Option("--map", help="Every descriptor of the map instead of a square.")] = False,
    labels: _Labels = 200,
    seed: _Seed = 0,
    checkpoint: _Checkpoint = None,
    json_file: _Json = None,
    csv_file: _Csv = None,
) -> None:
    """How well a task's head does at each of many descriptors: on a square of the cube, or all over the map."""
    model = load_checkpoint(checkpoint)
    task = _task(data, model, labels, seed)
    if whole_map:
        from ..manifold import load_atlas  # imports scikit-learn

        points = load_atlas(str(model.metadata.get("digest"))).points.astype(float)
    else:
        names = [axis.name for axis in model.transforms]
        one, other = (names.index(axis_named(name, model.transforms).name) for name in (across, up))
        points = Square(named(base, model.transforms).values, one, other, side).points()
    judge, marks = task_judge(model, task), []
    with bar("landscape") as advance:
        for number, point in enumerate(points.tolist()):
            marks.append(judge(tuple(point)))
            advance("landscape", (number + 1) / len(points))
    rows = [_row(model, point) | vars(mark) for point, mark in zip(points, marks, strict=True)]
    best = min(range(len(marks)), key=lambda number: marks[number].loss)
    console.print(_best(task, marks, rows[best]))
    found = {"task": task.name, "score": task.score_name, "labels": labels, "seed": seed, "points": rows}
    save_json(json_file, stamped(model, **found))
    save_csv(csv_file, rows)


def walk(
    data: _Data,
    seeds: Annotated[int, typer.Option(min=1, help="Fits; the first starts in the middle, others anywhere.")] = 3,
    labels: _Labels = 200,
    seed: _Seed = 0,
    objective: Annotated[str, typer.Option(help="What the descriptor is fitted to.")] = Settings.objective,
    steps: Annotated[int, typer.Option(min=1, help="Steps at most.")] = Settings.steps,
    checkpoint: _Checkpoint = None,
    json_file: _Json = None,
    csv_file: _Csv = None,
) -> None:
    """Where fits of one task from several starting points walk in the cube of descriptors."""
    model = load_checkpoint(checkpoint)
    task = _task(data, model, labels, seed)
    found: list[Walk] = []
    with bar("walking") as advance:
        for number in range(seeds):
            start = starting_point(len(model.transforms), number)
            fit, taken = Fit(model, task, Settings(objective, steps=steps, seed=number), start), []
            while not fit.done:
                taken.append(fit.advance())
            found += walks(f"seed {number}", taken, fit.state.ends[-1])
            advance("walking", (number + 1) / seeds)
    rows = [row for each in found for row in _steps(model, each)]
    names = ", ".join(axis.name for axis in model.transforms)
    table = Table("fit", "steps", "loss", task.score_name, "end", title=task.title, caption=f"end: {names}")
    for each in found:
        loss, score = (values[np.isfinite(values)][-1] for values in (each.losses, each.scores))
        end = " ".join(f"{value:.2g}" for value in each.end)
        table.add_row(each.name, str(np.isfinite(each.losses).sum()), f"{loss:.3f}", f"{score:.3f}", end)
    console.print(table)
    save_json(json_file, stamped(model, task=task.name, score=task.score_name, labels=labels, seed=seed, steps=rows))
    save_csv(csv_file, rows)


def route(
    start: Annotated[str, typer.Argument(help='A descriptor, "rotation=1, hue=0", or a preset\'s name.')],
    end: Annotated[str, typer.Argument(help="Another one.")],
    steps: Annotated[int, typer.Option(min=2, max=1000, help="Descriptors on the way, ends included.")] = 11,
    seed: Annotated[int, typer.Option(min=0, help="Of the pictures.")] = 0,
    checkpoint: _Checkpoint = None,
    json_file: _Json = None,
    csv_file: _Csv = None,
) -> None:
    """What the extractors on the straight way from one descriptor to another notice."""
    from ..manifold.representations import probe, take_fingerprints  # its package imports scikit-learn

    model = load_checkpoint(checkpoint)
    ends = [np.array(named(text, model.transforms).values) for text in (start, end)]
    shares = np.linspace(0, 1, steps)
    points = (1 - shares)[:, None] * ends[0] + shares[:, None] * ends[1]
    with bar("extractors") as advance:
        pictures = probe(model.transforms, seed)
        moved = take_fingerprints(model, points.astype(np.float32), pictures, advance).sensitivity
    names = [axis.name for axis in model.transforms]
    table = Table("share of the way", *names, title="how far features move; 1 = another picture")
    rows = []
    for share, point, movement in zip(shares.tolist(), points, moved.tolist(), strict=True):
        table.add_row(f"{share:.2f}", *(f"{value:.2f}" for value in movement))
        notices = {f"moves with {name}": value for name, value in zip(names, movement, strict=True)}
        rows.append({"share": share} | _row(model, point) | notices)
    console.print(table)
    save_json(json_file, stamped(model, pictures=pictures.pictures, seed=seed, way=rows))
    save_csv(csv_file, rows)


def _task(data: str, model: AmortisedExtractor, labels: int, seed: int) -> Task:
    sources = find_sources(data, model)
    if len(sources) != 1:
        raise ValueError(f"--data {data} names {len(sources)} tasks; this is about one. Give one name.")
    return sources[0].draw(labels, seed)


def _row(model: AmortisedExtractor, point: np.ndarray) -> dict[str, Any]:
    return {axis.name: float(value) for axis, value in zip(model.transforms, point, strict=True)}


def _steps(model: AmortisedExtractor, found: Walk) -> list[dict[str, Any]]:
    """The last point has no loss: nothing was computed there."""
    return [
        {"fit": found.name, "step": number} | _row(model, point)
        | {"loss": None if np.isnan(loss) else float(loss), "score": None if np.isnan(score) else float(score)}
        for number, (point, loss, score) in enumerate(zip(found.points, found.losses, found.scores, strict=True))
    ]  # fmt: skip


def _best(task: Task, marks: list[Mark], row: dict[str, Any]) -> str:
    losses = [mark.loss for mark in marks]
    where = ", ".join(f"{name} {value:g}" for name, value in row.items() if name not in ("loss", "score"))
    return (
        f"{task.title} {len(marks)} descriptors: loss {min(losses):.3f} to {max(losses):.3f} nats per label; the best, "
        f"{task.score_name} {row['score']:.3f}, is at {where}."
    )
