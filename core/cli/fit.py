"""The commands about downstream tasks: ``fit``, ``pretrain-plain``, and what ``export --data`` does."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.table import Table

from ..adaptation import Settings, adapt, predict
from ..adaptation.export import save_bundle
from ..axes.descriptor import Descriptor
from ..backbones.compact import Architecture
from ..baselines import METHODS, chosen_methods
from ..baselines.methods import OURS
from ..baselines.networks import Budget
from ..benchmark.markdown import report, said, score_cells
from ..benchmark.runner import Plan, rows, run_trials
from ..benchmark.summary import Finding, findings
from ..benchmark.trial_log import Ledger
from ..data import load_folder
from ..data.grouping import COPIES
from ..model.amortised import AmortisedExtractor
from ..model.checkpoints import PLAIN, load_checkpoint, save_plain
from ..pretraining.simclr import train_plain
from ..tasks import PUBLIC, TaskSource, folder_task, known_tasks, public_task
from ..version import PROGRAM
from .terminal import bar, console

KNOWN = "known"
Copies = Annotated[
    str,
    typer.Option(help="Of a folder's pictures: near (they count once), exact (only those with equal pixels do), none."),
]
_LINES = 30


def fit(
    data: Annotated[
        str,
        typer.Option(
            help="Folder with a subfolder per class, a zip archive of one, a dataset of torchvision "
            f"({', '.join(PUBLIC)}), a task with a known answer by name, or '{KNOWN}' for all of those."
        ),
    ],
    shots: Annotated[int, typer.Option(min=2, help="Labelled images per class; tens of images for a quantity.")] = 20,
    labels: Annotated[int, typer.Option(min=0, help="Labelled images in all, instead of shots.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="Repetitions with other images and another seed.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="The first of the seeds.")] = 0,
    network_seeds: Annotated[
        int, typer.Option(min=0, help="Repetitions of the baselines that train a network; 0: as many.")
    ] = 0,
    baselines: Annotated[
        str, typer.Option(help=f"all, quick, none, or names with commas: {', '.join(METHODS)}.")
    ] = "quick",
    copies: Copies = COPIES[0],
    objective: Annotated[str, typer.Option(help="What the descriptor is fitted to.")] = Settings.objective,
    restarts: Annotated[int, typer.Option(min=1)] = Settings.restarts,
    steps: Annotated[int, typer.Option(min=1, help="Steps of a restart at most.")] = Settings.steps,
    network_steps: Annotated[int, typer.Option(min=1, help="Steps of networks at most.")] = Budget.steps,
    jobs: Annotated[int, typer.Option(min=1, help="Processes on this machine.")] = 1,
    scheduler: Annotated[str | None, typer.Option(help="Address of a Dask scheduler to run on instead.")] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="Default: the shipped one.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the rows here.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a report here.")] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="Keep every trial here; a run that was cut goes on where it was.")
    ] = None,
) -> None:
    """Fit descriptor and head to labelled images, beside baselines with the same images and seeds."""
    model = load_checkpoint(checkpoint)
    check_places(json_file, markdown, ledger)
    sources = find_sources(data, model, copies)
    for source in sources:
        introduce(source)
    settings = Settings(objective, steps=steps, restarts=restarts)
    draws = tuple(range(seed, seed + seeds))
    budget = Budget(steps=network_steps)
    plan = Plan(chosen_methods(baselines), draws, shots, labels or None, settings, budget, network_seeds or None)
    digest = str(model.metadata.get("digest"))
    shared = {
        "checkpoint": digest,
        "shots": shots,
        "labels": labels,
        "settings": vars(settings),
        "budget": vars(budget),
        "images": {source.name: source.digest for source in sources if source.digest},
    }
    kept = Ledger(ledger, shared) if ledger else None
    with bar("fitting") as advance:
        trials, missing = run_trials(
            model,
            sources,
            plan,
            jobs=jobs,
            scheduler=scheduler,
            progress=advance,
            known=tuple(kept.trials) if kept else (),
            keep=kept.keep if kept else None,
        )
    for sentence in missing:
        console.print(sentence)
    lines, found = rows(trials), findings(trials)
    for table in _tables(lines, model, seeds):
        console.print(table)
    for row in lines:
        if row["method"] == OURS:
            console.print(f"{row['task']}: {said(row)[0].lower()}{said(row)[1:]}")
    if len(sources) > 1:
        console.print(_summary(found))
    if json_file:
        document = {
            "rows": lines,
            "findings": [vars(finding) for finding in found],
            "checkpoint": digest,
            "plan": {
                "shots": shots,
                "labels": labels or None,
                "seeds": draws,
                "network_seeds": draws[: plan.network_seeds],
                "settings": vars(settings),
            },
            "date": date.today().isoformat(),
        }
        json_file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if markdown:
        command = " ".join([PROGRAM, *(shlex.quote(portable(word)) for word in sys.argv[1:])])
        machine = f"{os.cpu_count()} processor cores, {torch.get_num_threads()} threads, {max(jobs, 1)} processes"
        page = report(lines, found, command=command, checkpoint=digest, machine=machine)
        markdown.write_text(page, encoding="utf-8")


def pretrain_plain(
    images: Annotated[Path, typer.Option(help="Folder of images, the one that the hypernetwork was trained on.")],
    out: Annotated[Path, typer.Option(help="File to write.")] = PLAIN,
    steps: Annotated[int, typer.Option(min=1)] = 2000,
    size: Annotated[int, typer.Option(min=2, help="Images per step.")] = 128,
    seed: int = 0,
    threads: Annotated[int, typer.Option(help="Processor threads; 0: as many as there are.")] = 0,
    name: Annotated[str, typer.Option(help="What to call the images; default: the folder's name.")] = "",
) -> None:
    """Train the baseline without a descriptor: plain SimCLR, same extractor."""
    if threads:
        torch.set_num_threads(threads)
    loaded = load_folder(images)
    architecture, extractor, loss = Architecture(), None, float("nan")
    with bar("training") as advance:
        for step, loss, extractor in train_plain(loaded.images, architecture, steps, size, seed):  # noqa: B007, kept
            advance(f"loss {loss:.3f}", (step + 1) / steps)
    assert extractor is not None
    record = {"steps": steps, "size": size, "seed": seed, "images": name or loaded.name, "loss": round(loss, 4)}
    save_plain(extractor, architecture, out, record | {"date": date.today().isoformat()})
    console.print(f"Wrote {out} ({out.stat().st_size / 2**20:.1f} MB).")


def export_fitted(data: str, out: Path, shots: int, seed: int, copies: str = COPIES[0]) -> None:
    """Fit one task and write it as a folder that works alone.

    Raises:
        ValueError: the data names more than one task, or see :func:`find_sources`.
    """
    model = load_checkpoint()
    sources = find_sources(data, model, copies)
    if len(sources) != 1:
        raise ValueError(f"--data {data} names {len(sources)} tasks; a model is exported for one. Give one name.")
    task = sources[0].with_shots(shots, seed)
    settings = Settings(seed=seed)
    introduce(sources[0])
    for note in task.notes:
        console.print(note)
    adapted = adapt(model, task, settings)
    save_bundle(out, model, task, adapted, {"objective": settings.objective, "shots": shots, "seed": seed})
    judged = task.judge(predict(model, adapted, task.test)).sentence(task.score_name)
    console.print(f"Wrote {out}, at {Descriptor(adapted.descriptor, model.transforms)}. {judged}")


def find_sources(data: str, model: AmortisedExtractor, copies: str = COPIES[0]) -> tuple[TaskSource, ...]:
    """Tasks by folder, archive or name.

    Args:
        data: what was asked for.
        model: for the axes of the tasks with a known answer.
        copies: of a folder's pictures, see :func:`core.tasks.folder_task`.

    Raises:
        ValueError: nothing of that name, or the folder is no task; one sentence.
    """
    known = known_tasks(model.transforms)
    if data.strip() and Path(data).exists():
        return (folder_task(data, copies=copies),)
    if data == KNOWN:
        return known
    if data in PUBLIC:
        return (public_task(data),)
    if named := tuple(source for source in known if source.name == data):
        return named
    raise ValueError(
        f"There is no folder, archive or task “{data}”. Give a path, '{KNOWN}', one of {', '.join(PUBLIC)}, "
        f"or one of: {'; '.join(source.name for source in known)}."
    )


def check_places(*files: Path | None) -> None:
    """Refuse files that could not be written in the end, before the work begins.

    Raises:
        ValueError: the folder of a file does not exist or cannot be written to.
    """
    for file in files:
        if file and not (file.absolute().parent.is_dir() and os.access(file.absolute().parent, os.W_OK)):
            raise ValueError(f"{file} cannot be written: there is no such folder, or it is closed. Give another file.")


def portable(word: str) -> str:
    """An argument without the folders of this machine, for the record."""
    return Path(word).name if Path(word).is_absolute() else word


def introduce(source: TaskSource) -> None:
    """What was found in a person's folder, and what is to be said about it."""
    told = [each for each in source.counts if len(source.counts) <= _LINES or each.left_out or each.copies]
    for each in told:
        console.print(each.sentence())
    if len(told) < len(source.counts):
        more = len(source.counts) - len(told)
        console.print(f"{more:,} {'further ' if told else ''}classes, of which every file found is used.")
    for note in source.notes:
        console.print(note)


def _tables(lines: list[dict[str, Any]], model: AmortisedExtractor, seeds: int) -> Iterator[Table]:
    """How good each method is, and what it cost; narrow enough for a terminal of 80 columns if there is one task."""
    over = f"mean over {seeds} seeds" if seeds > 1 else "one seed"
    axes = ", ".join(axis.name for axis in model.transforms)
    several = len({row["task"] for row in lines}) > 1
    scores = Table(title=f"{over} [95 % interval]" if several else f"{lines[0]['task']}, {over} [95 % interval]")
    costs = Table(title="what it took", caption=f"descriptor: {axes}")
    first = ("task", "method") if several else ("method",)
    for table, columns in (
        (scores, ("test score", "images", "one class", "balanced")),
        (costs, ("seconds", "parameters", "regret", "descriptor")),
    ):
        for column in (*first, *columns):
            table.add_column(column, no_wrap=column != "task", min_width=14 if column == "task" else None)
    for row in lines:
        task, method, *cells = score_cells(row)
        name = (task, method) if several else (method,)
        scores.add_row(*name, *cells)
        regret = "" if row["regret"] is None else f"{100 * row['regret']:+.1f}"
        point = " ".join(f"{value:.2g}" for value in row["descriptor"] or ())
        costs.add_row(*name, f"{row['seconds']:.2f}", f"{row['parameters']:,}", regret, point)
    yield from (scores, costs)


def _summary(found: list[Finding]) -> Table:
    table = Table("finding", "value [95 % interval over tasks]", "aim", title="over all tasks")
    for finding in found:
        low, high = finding.interval
        table.add_row(finding.name, f"{finding.value:.2f} [{low:.2f}, {high:.2f}]", finding.aim)
    return table
