"""The command ``export``: a run as a checkpoint, or a fitted task as the classifier that the Adapt page gives."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..adaptation import Settings, adapt, predict, prepared
from ..adaptation.export import made_with, save_bundle
from ..adaptation.policy import policy_of
from ..adaptation.preferences import slices
from ..axes.descriptor import Descriptor
from ..data.grouping import COPIES
from ..model.checkpoints import load_checkpoint, save_checkpoint
from ..pretraining.state import read_average
from .options import Copies
from .output import read_evaluation, today
from .sources import find_source, introduce
from .terminal import console


def export(
    out: Annotated[
        Path, typer.Option(help="Checkpoint file to write; with --data alone, a folder for the classifier.")
    ],
    run: Annotated[Path | None, typer.Option(help="Folder of a pretraining run, finished or not.")] = None,
    data: Annotated[str, typer.Option(help="With --run, what it was trained on; alone, a task to fit as in fit.")] = "",
    metrics: Annotated[Path | None, typer.Option(help="JSON file written by evaluate, for its metadata.")] = None,
    shots: Annotated[int, typer.Option(min=2, help="With --data alone: labelled images per class.")] = 20,
    copies: Copies = COPIES[0],
    seed: Annotated[int, typer.Option(help="With --data alone: of images and fit.")] = 0,
) -> None:
    """Turn a run's latest state into a checkpoint (--run), or a task into a classifier that works alone (--data).

    The classifier is what the Adapt page gives to take home: a folder with the network (safetensors and ONNX), its
    labels, a model card, predict.py, and the same as an augmentation policy.
    """
    if run is None:
        if not data:
            raise ValueError("Nothing to export. Give --run for a checkpoint, or --data for a fitted task.")
        return _export_fitted(data, out, shots, seed, copies)
    figures = read_evaluation(metrics) if metrics else {}
    return export_run(
        run, out, data, {k: v["value"] for k, v in figures.items() if isinstance(v, dict) and "value" in v}
    )


def export_run(run: Path, out: Path, data: str, metrics: dict[str, Any] | None = None) -> None:
    """Write the averaged model of a run's latest state as a checkpoint.

    Args:
        run: folder of the run.
        out: the file.
        data: what it was trained on; empty: what the run says.
        metrics: figures for the metadata.

    Raises:
        ValueError: there is no readable state, or the file cannot be written.
    """
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
            "date": today(),
            "metrics": metrics or {},
            **({"bank": header["bank"]} if header.get("bank") else {}),
        },
    )
    console.print(f"Wrote {out} ({out.stat().st_size / 2**20:.1f} MB) from step {header['step']}.")


def _export_fitted(data: str, out: Path, shots: int, seed: int, copies: str) -> None:
    model = load_checkpoint()
    source = find_source(data, model, "a model is exported for one", copies)
    task = source.with_shots(shots, seed)
    settings = Settings(seed=seed)
    introduce(source)
    for note in task.notes:
        console.print(note)
    task = prepared(model, task)
    adapted = adapt(model, task, settings)
    policy = policy_of(model, task, adapted, list(slices(model, task, adapted.descriptor)))
    save_bundle(out, model, task, adapted, made_with(settings, shots, seed), policy)
    judged = task.judge(predict(model, adapted, task.test)).sentence(task.score_name)
    console.print(f"Wrote {out}, at {Descriptor(adapted.descriptor, model.transforms).brief}. {judged}")
