"""Command line: train, measure and export models, and compute headless whatever the dashboard shows."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.table import Table

from . import data as datasets
from .adaptation import Diverged
from .cli import fit
from .cli.ablate import ablate
from .cli.certify import certify
from .cli.look import look
from .cli.manifold import manifold
from .cli.record import record
from .cli.terminal import bar, complain, console, tolerate
from .cli.walk import landscape, route, walk
from .data.image_folder import left_out_in_all
from .data.pictures import photographs
from .evaluation.controls import Pixels, untrained
from .evaluation.evaluate import Settings
from .evaluation.evaluate import evaluate as run_evaluation
from .evaluation.tables import markdown, rows, verdicts
from .model.checkpoints import load_checkpoint, save_checkpoint
from .pretraining.loop import Recipe
from .pretraining.loop import pretrain as run_pretraining
from .pretraining.state import read_average
from .version import PROGRAM

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True, help=__doc__)
app.command()(manifold)
app.command()(fit.fit)
app.command()(fit.pretrain_plain)
app.command()(certify)
app.command()(look)
app.command()(landscape)
app.command()(walk)
app.command()(route)
app.command()(record)
app.command()(ablate)


@app.command()
def pretrain(
    images: Annotated[Path, typer.Option(help="Folder of images, flat or one subfolder per class.")],
    out: Annotated[Path, typer.Option(help="Folder for states, logs and the checkpoint; resumed if it has a state.")],
    steps: Annotated[int, typer.Option(min=1)] = Recipe.steps,
    groups: Annotated[int, typer.Option(min=1, help="Descriptors per step, over all processes.")] = Recipe.groups,
    size: Annotated[int, typer.Option(min=2, help="Images per descriptor.")] = Recipe.size,
    rate: Annotated[float, typer.Option(help="Peak learning rate.")] = Recipe.rate,
    seed: int = Recipe.seed,
    every: Annotated[int, typer.Option(min=1, help="Steps between saved states.")] = 500,
    threads: Annotated[int, typer.Option(help="Processor threads; 0: as many as there are.")] = 0,
    name: Annotated[str, typer.Option(help="What to call the images; default: the folder's name.")] = "",
    start: Annotated[Path | None, typer.Option(help="Checkpoint to begin with instead of random weights.")] = None,
    settings: Annotated[str, typer.Option(help="More of the recipe as JSON, e.g. '{\"erasure\": 0}'.")] = "{}",
) -> None:
    """Train the hypernetwork; stop it any time, run the same line again to go on."""
    if threads:
        torch.set_num_threads(threads)
    recipe = replace(Recipe(steps=steps, groups=groups, size=size, rate=rate, seed=seed), **_settings(settings))
    first = load_checkpoint(start) if start else None
    if first:
        recipe = replace(recipe, start=first.metadata["digest"], architecture=first.architecture)
    with bar("reading images") as advance:
        loaded = datasets.load_folder(images, lambda done, total: advance("reading images", done / total))
    _say_what_is_left_out(loaded)
    with bar("training", recipe.steps) as advance:
        label = name or loaded.name
        for step in run_pretraining(loaded.images, recipe, out, data=label, every=every, start=first):
            terms = "  ".join(f"{name} {value:.3f}" for name, value in step.terms.items())
            advance(terms, step.number + 1)
    if os.environ.get("RANK", "0") == "0":  # the process that wrote the state
        _export(out, out / "hypernetwork.safetensors", "")


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="Checkpoint file to write; with --data, a folder.")],
    run: Annotated[Path | None, typer.Option(help="Folder of a pretraining run, finished or not.")] = None,
    data: Annotated[str, typer.Option(help="With --run, what it was trained on; alone, a task to fit as in fit.")] = "",
    metrics: Annotated[Path | None, typer.Option(help="JSON file written by evaluate, for its metadata.")] = None,
    shots: Annotated[int, typer.Option(min=2, help="With --data alone: labelled images per class.")] = 20,
    copies: fit.Copies = fit.COPIES[0],
    seed: Annotated[int, typer.Option(help="With --data alone: of images and fit.")] = 0,
) -> None:
    """Turn a run's latest state into a checkpoint (--run), or a task into a model that works alone (--data)."""
    if run is None:
        if not data:
            raise ValueError("Nothing to export. Give --run for a checkpoint, or --data for a fitted task.")
        return fit.export_fitted(data, out, shots, seed, copies)
    figures = _read_json(metrics) if metrics else {}
    return _export(run, out, data, {k: v["value"] for k, v in figures.items() if isinstance(v, dict) and "value" in v})


@app.command()
def evaluate(
    images: Annotated[Path, typer.Option(help="Folder of images the model was not trained on.")],
    checkpoint: Annotated[Path | None, typer.Option(help="Default: the shipped one.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    count: Annotated[int, typer.Option(min=16, help="Images for control and decodability.")] = Settings.images,
    draws: Annotated[int, typer.Option(min=2, help="Strengths per image.")] = Settings.draws,
    labels: Annotated[int, typer.Option(min=2, help="Labels for the linear probe.")] = Settings.labels,
    seed: int = Settings.seed,
    references: Annotated[bool, typer.Option(help="Also measure the untrained network and raw pixels.")] = True,
) -> None:
    """Measure a checkpoint: control, leakage, decodability, rank, retrieval, probe; with 95 % intervals."""
    model = load_checkpoint(checkpoint)
    loaded = datasets.load_folder(images)
    _say_what_is_left_out(loaded)
    settings = Settings(count, draws, labels, seed)
    subjects: dict[str, Any] = {"model": model}
    if references:
        sample = loaded.images[: 10 * model.architecture.features].float() / 255
        subjects["untrained"] = untrained(model.architecture, model.transforms, seed)
        subjects["pixels"] = Pixels(sample, model.architecture.features, model.transforms)
    results = {}
    for name, subject in subjects.items():
        with bar(name, prefix=f"{name}: ") as advance:
            results[name] = run_evaluation(subject, loaded, settings, advance)
    document = {
        **results.pop("model"),
        "references": results,
        "checkpoint": model.metadata["digest"],
        "images": loaded.name,
        "settings": asdict(settings),
        "date": date.today().isoformat(),
        "command": " ".join([PROGRAM, *map(_portable, sys.argv[1:])]),
    }
    table = Table("figure", "axis", "model", "untrained", "pixels", title=f"{loaded.name}, mean [95 % interval]")
    for row in rows(document):
        table.add_row(*row)
    console.print(table)
    if json_file:
        json_file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


@app.command()
def table(
    json_file: Annotated[Path, typer.Argument(help="A file written by evaluate --json.")],
    bars: Annotated[bool, typer.Option(help="Each figure against what it must reach.")] = False,
) -> None:
    """Print the figures of an evaluation as a Markdown table."""
    try:
        print((verdicts if bars else markdown)(_read_json(json_file)))
    except (KeyError, TypeError, AttributeError):
        raise ValueError(f"{json_file} is not an evaluation. Make one with evaluate --json.") from None


@app.command()
def bench(seconds: Annotated[float, typer.Option(help="Time for each measurement.")] = 2.0) -> None:
    """What the hypernetwork costs, as ratios taken in one run."""
    from .evaluation.speed import bench as run_bench  # its timer warns about compilers on machines without CUDA

    table = Table("what", "measured", "aim", "median times, ms")
    for cost in run_bench(load_checkpoint(), photographs()[0].pixels, seconds):
        times = ", ".join(f"{ms:.2f}" for ms in cost.milliseconds)
        table.add_row(cost.name, f"{cost.value:,.3g} {cost.unit}", cost.aim, times)
    console.print(table)


def _export(run: Path, out: Path, data: str, metrics: dict[str, Any] | None = None) -> None:
    model, header = read_average(run)
    save_checkpoint(
        model,
        out,
        {
            "name": out.stem,
            "recipe": header["recipe"],
            "steps": header["step"],
            "data": data or header["data"],
            "seed": header["recipe"]["seed"],
            "date": date.today().isoformat(),
            "metrics": metrics or {},
        },
    )
    console.print(f"Wrote {out} ({out.stat().st_size / 2**20:.1f} MB) from step {header['step']}.")


def _settings(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
        replace(Recipe(), **values)
    except (json.JSONDecodeError, TypeError) as error:
        raise ValueError(f"--settings must be a JSON object of recipe fields; got {text!r} ({error}).") from None
    return values


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} cannot be read as JSON ({error}). Make it with evaluate --json.") from None


def _portable(argument: str) -> str:
    """An argument without the folders of this machine, for the record."""
    return Path(argument).name if Path(argument).is_absolute() else argument


def _say_what_is_left_out(loaded: datasets.ImageSet) -> None:
    if reasons := left_out_in_all(loaded.counts):
        console.print(f"{len(loaded.images):,} images are used. Left out: {reasons}.")


def main() -> None:
    """Run a command; what a person did wrong becomes one sentence and exit code 1."""
    tolerate()
    try:
        app()
    except (ValueError, FileNotFoundError, Diverged) as error:
        complain(error)
        sys.exit(1)
    except OSError as error:
        where = f"{error.filename} cannot" if error.filename else "A file could not"
        complain(ValueError(f"{where} be read or written: {error.strerror}. Check that it is there and open to you."))
        sys.exit(1)


if __name__ == "__main__":
    main()
