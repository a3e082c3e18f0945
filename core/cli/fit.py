"""The command ``fit``: a descriptor and a head for labelled images, beside what else could be done with them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.table import Table

from ..adaptation import Settings
from ..baselines import METHODS, OURS, chosen_methods
from ..baselines.job import Budget
from ..benchmark.markdown import report, said, score_cells
from ..benchmark.recovery import recovered
from ..benchmark.runner import Plan, rows, run_trials
from ..benchmark.summary import Finding, findings
from ..benchmark.trial_log import TrialLog
from ..data.grouping import COPIES
from ..files import save_text
from ..model.amortised import AmortisedExtractor
from ..model.checkpoints import load_checkpoint
from ..tasks import PUBLIC
from .options import Checkpoint, Copies, Jobs, Ledger, Objective, Restarts, Scheduler, Shots, StepsOfRestart, Trust
from .output import check_places, command_line, save_json, stamped
from .sources import KNOWN, REAL, find_sources, introduce
from .terminal import bar, console


def fit(
    data: Annotated[
        str,
        typer.Option(
            help="Folder with a subfolder per class, a zip archive of one, a dataset of torchvision "
            f"({', '.join(PUBLIC)}; as NAME@FOLDER where a copy lies in a folder of yours), a task by name, "
            f"'{REAL}' for the real ones that are shipped, or '{KNOWN}' for those with a known answer."
        ),
    ],
    shots: Shots = 20,
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
    objective: Objective = Settings.objective,
    restarts: Restarts = Settings.restarts,
    steps: StepsOfRestart = Settings.steps,
    trust: Trust = Settings.trust,
    network_steps: Annotated[int, typer.Option(min=1, help="Steps of networks at most.")] = Budget.steps,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    checkpoint: Checkpoint = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the rows here.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a report here.")] = None,
    ledger: Ledger = None,
) -> None:
    """Fit descriptor and head to labelled images, beside baselines with the same images and seeds."""
    begun, model = time.monotonic(), load_checkpoint(checkpoint)
    check_places(json_file, markdown, ledger)
    sources = find_sources(data, model, copies)
    for source in sources:
        introduce(source)
    settings = Settings(objective, steps=steps, restarts=restarts, trust=trust)
    draws = tuple(range(seed, seed + seeds))
    budget = Budget(steps=network_steps)
    methods = chosen_methods(baselines, model)
    plan = Plan(methods, draws, shots, labels or None, settings, budget, network_seeds or None)
    digest = str(model.metadata.get("digest"))
    shared = {
        "checkpoint": digest,
        "shots": shots,
        "labels": labels,
        "settings": vars(settings),
        "budget": vars(budget),
        "images": {source.name: source.digest for source in sources if source.digest},
    }
    kept = TrialLog(ledger, shared) if ledger else None
    with bar("fitting") as advance:
        trials, missing = run_trials(
            model,
            sources,
            plan,
            jobs=jobs,
            scheduler=scheduler,
            progress=advance,
            known=tuple(kept.results) if kept else (),
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
    right = recovered(lines, sources, [axis.name for axis in model.transforms])
    for each in right:
        console.print(each.sentence())
    document = {
        "rows": lines,
        "recovered": [vars(each) for each in right],
        "findings": [vars(finding) for finding in found],
        "plan": {
            "shots": shots,
            "labels": labels or None,
            "seeds": draws,
            "network_seeds": draws[: plan.network_seeds],
            "settings": vars(settings),
        },
    }
    took = {"seconds": round(time.monotonic() - begun, 1), "cores": os.cpu_count()}
    save_json(json_file, stamped(model, **document, **took, command=command_line()))
    if markdown:
        machine = f"{os.cpu_count()} processor cores, {torch.get_num_threads()} threads, {max(jobs, 1)} processes"
        save_text(markdown, report(lines, found, command=command_line(), checkpoint=digest, machine=machine))


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
