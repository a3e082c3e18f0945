"""The command ``real-tasks``: the fit and all its rivals on real images, under one head."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.table import Table

from ..baselines import METHODS, OURS, Budget, chosen_methods, title_of
from ..benchmark.differences import accuracies, differences, ranks, timed_on, times
from ..benchmark.earlier import Earlier, networks_of
from ..benchmark.folder_probe import probe
from ..benchmark.real_tasks import RIVALS, Settings, measure, pools_of
from ..benchmark.runner import called
from ..benchmark.trial_log import TrialLog
from ..model.checkpoints import load_checkpoint
from ..tasks import PUBLIC
from .options import Checkpoint, Jobs, JsonFigures, Ledger, Scheduler, Trust
from .output import check_places, command_line, save_json, stamped
from .sources import REAL, find_images
from .terminal import bar, console

KINDS = {"": "as they are", "axis": "moved along an axis", "foreign": "disturbed by what is no axis"}


def real_tasks(
    tasks: Annotated[
        list[str],
        typer.Option(
            help="Folder of tasks, each a folder with a subfolder of images per class; "
            f"'{REAL}' for the two that are shipped; or a dataset of torchvision ({', '.join(PUBLIC)}; as NAME@FOLDER "
            "where a copy lies in a folder of yours). Again for more; all are taken in the order of their names."
        ),
    ],
    probe_labelled: Annotated[
        Path | None, typer.Option(help="Folder with a subfolder per class, for the labels of a linear probe.")
    ] = None,
    probe_test: Annotated[Path | None, typer.Option(help="The same classes, for the probe's test images.")] = None,
    shots: Annotated[
        str, typer.Option(help="Labelled images per class, with commas; changed images have the first number.")
    ] = "20",
    draws: Annotated[int, typer.Option(min=1, help="Of labelled images; all others are tested.")] = Settings.draws,
    rivals: Annotated[
        str, typer.Option(help=f"all, quick, none, or names with commas: {', '.join(METHODS)}.")
    ] = ",".join(Settings.rivals),
    nuisance: Annotated[bool, typer.Option(help="Also with each task's images moved along one axis.")] = True,
    foreign: Annotated[bool, typer.Option(help="Also disturbed by what is no axis: shear, noise and others.")] = False,
    labels: Annotated[int, typer.Option(min=20, help="Labels of the linear probe.")] = 5000,
    seed: Annotated[int, typer.Option(min=0, help="Of the first draw.")] = Settings.seed,
    trust: Trust = Settings.trust,
    network_steps: Annotated[int, typer.Option(min=1, help="Steps of networks at most.")] = Budget.steps,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    minutes: Annotated[
        float | None, typer.Option(help="Begin nothing more after so long; 0: write what the ledger has.")
    ] = None,
    pretraining: Annotated[
        float | None, typer.Option(min=0, help="Minutes that training the hypernetwork took; kept with the figures.")
    ] = None,
    pretraining_on: Annotated[str, typer.Option(help="The machine that training took them on, in words.")] = "",
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    checkpoint: Checkpoint = None,
    json_file: JsonFigures = None,
    ledger: Ledger = None,
    earlier: Annotated[
        Path | None,
        typer.Option(
            help="Figures of a run whose ledger is gone: what they have is not run again. The ledger comes first. "
            "Of another checkpoint with the same networks: those of methods that do not use it."
        ),
    ] = None,
    elsewhere: Annotated[
        list[Path] | None,
        typer.Option(help="Figures of the same tasks from another machine, whose times are told beside these."),
    ] = None,
) -> None:
    """Compare the fitted descriptor with its rivals on real tasks: same images, same head, nothing chosen on tests."""
    if (probe_labelled is None) != (probe_test is None):
        raise ValueError("A probe needs two folders. Give both --probe-labelled and --probe-test, or neither.")
    begun, model = time.monotonic(), load_checkpoint(checkpoint)
    check_places(json_file, ledger)
    known = RIVALS if rivals.strip() == "all" else chosen_methods(rivals, model)
    settings = Settings(_numbers(shots), draws, tuple(known), nuisance, foreign, seed, trust)
    model = model.to(model_device := _device(device))
    with bar("reading") as advance:
        pools, digests = pools_of(model, find_images(tasks), settings, advance, jobs)
    budget = Budget(steps=network_steps)
    shared = {
        "checkpoint": model.metadata.get("digest"),
        "budget": vars(budget),
        "images": digests,
        "seed": seed,
        "trust": trust,
    }
    kept = TrialLog(ledger, shared) if ledger else None
    networks = networks_of(model)
    before = Earlier.read(earlier, shared, networks) if earlier else None
    others = [Earlier.read(path, shared).timed for path in elsewhere or ()]
    known_trials = (*(before.trials if before else ()), *(kept.results if kept else ()))
    with bar("tasks") as advance:
        trials, missing = measure(
            model, pools, settings, budget=budget, jobs=jobs, scheduler=scheduler, progress=advance,
            known=known_trials, keep=kept.keep if kept else None,
            stop=lambda: minutes is not None and time.monotonic() - begun > 60 * minutes,
        )  # fmt: skip
    for sentence in missing:
        console.print(sentence)
    found = None
    if probe_labelled and probe_test:
        with bar("probe", prefix="probe: ") as advance:
            found = probe(model, probe_labelled, probe_test, labels, seed, advance)
    machine = {
        "cores": os.cpu_count(), "threads": torch.get_num_threads() if jobs == 1 else 1, "processes": jobs,
        "device": called(model_device), "trials": dict(Counter(each.device for each in trials if each.device)),
    }  # fmt: skip
    document = {
        "tasks": accuracies(trials), "differences": differences(trials), "ranks": ranks(accuracies(trials)),
        "times": times(trials, settings.shots[0], seed), "times_on": timed_on(trials), "elsewhere": others,
        "probe": found, "left_out": missing,
        "settings": asdict(settings), "images": digests,
        "budget": vars(budget), "machine": machine, "pretraining": pretraining and 60 * pretraining,
        "pretraining_on": pretraining_on,
        "seed": seed, "trust": trust, "networks": networks, "command": command_line(),
    }  # fmt: skip
    taken = sum(not each.device for each in trials)
    document = before.carried(document, taken) if before else document
    _show(document)
    save_json(json_file, stamped(model, **document))


def _numbers(text: str) -> tuple[int, ...]:
    try:
        found = tuple(int(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or min(found) < 2 or len(set(found)) < len(found):
        raise ValueError(f"--shots takes different numbers from 2 on, with commas between them; got {text!r}.")
    return found


def _device(name: str) -> torch.device:
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise ValueError("PyTorch finds no CUDA device here. Leave --device out, or install its drivers.")
    try:
        return torch.device(name)
    except RuntimeError:
        raise ValueError(f"--device takes cpu or cuda; got {name!r}.") from None


def _show(document: dict[str, Any]) -> None:
    rows = document["tasks"]
    for kind, shots in dict.fromkeys((row["kind"], row["shots"]) for row in rows):
        own = [row for row in rows if (row["kind"], row["shots"]) == (kind, shots)]
        places = list(dict.fromkeys((row["task"], row["by"]) for row in own))
        table = Table(
            "method", *(f"{task} {by}".strip() for task, by in places), title=f"{KINDS[kind]}, {shots} a class"
        )
        for method in dict.fromkeys(row["method"] for row in own):
            scores = {(row["task"], row["by"]): f"{row['accuracy']:.3f}" for row in own if row["method"] == method}
            table.add_row(title_of(method), *(scores.get(place, "") for place in places))
        console.print(table)
    table = Table(
        "the fit minus", "images", "labels", "points [95 % interval over tasks]", "lowest task", title="points"
    )
    for each in document["differences"]:
        worst = min(each["tasks"], key=lambda task: task["value"])
        table.add_row(
            title_of(each["rival"]), KINDS[each["kind"]], str(each["shots"]), points(each),
            f"{worst['task']} {worst['value']:+.1f}",
        )  # fmt: skip
    console.print(table)
    for group in document["ranks"]:
        best = sorted(group["methods"], key=lambda each: each["value"])
        said = ", ".join(f"{title_of(each['method'])} {each['value']:.1f}" for each in best)
        console.print(f"Mean rank, {KINDS[group['kind']]}, {group['shots']} a class, {group['tasks']} tasks: {said}.")
    for each in document["times"]:
        if each["method"] != OURS:
            ratio = "" if each["value"] is None else f"; where the fit is as good, {each['value']:.1f} times the fit's"
            console.print(
                f"{title_of(each['method'])}: {each['seconds']:.2f} s{ratio} ({each['as_good']} of {each['runs']})."
            )
    if found := document["probe"]:
        low, high = found["interval"]
        console.print(f"Probe: {found['value']:.1%} [{low:.1%}, {high:.1%}] with {found['labels']:,} labels.")


def points(figure: dict[str, Any]) -> str:
    """A difference with its interval, if it has one."""
    span = figure["interval"]
    return f"{figure['value']:+.1f}" + (f" [{span[0]:+.1f}, {span[1]:+.1f}]" if span else "")
