"""The command ``pretrain-plain``: the baselines that have no descriptor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..data import load_folder
from ..model.checkpoints import AUGSELF, PLAIN, load_checkpoint, save_plain
from ..pretraining.simclr import train_plain
from .options import Name, PretrainedWeights, Threads, limit_threads
from .output import today
from .terminal import bar, console


def pretrain_plain(
    images: Annotated[Path, typer.Option(help="Folder of images, the one that the hypernetwork was trained on.")],
    out: Annotated[Path | None, typer.Option(help="File to write; else the one in assets.")] = None,
    steps: Annotated[int, typer.Option(min=1)] = 2000,
    size: Annotated[int, typer.Option(min=2, help="Images per step.")] = 128,
    seed: int = 0,
    threads: Threads = 0,
    name: Name = "",
    like: Annotated[Path | None, typer.Option(help="Checkpoint whose backbone it has; else the shipped one's.")] = None,
    weights: PretrainedWeights = None,
    augself: Annotated[float, typer.Option(min=0, help="Weight of telling how two views differ: AugSelf.")] = 0.0,
) -> None:
    """Train a baseline without a descriptor, plain SimCLR or AugSelf: same extractor, on the same frozen stem."""
    limit_threads(threads)
    out = out or (AUGSELF if augself else PLAIN)
    backbone = load_checkpoint(like).backbone
    with bar("reading images") as advance:
        side = backbone.input_size
        loaded = load_folder(images, lambda done, total: advance("reading images", done / total), side)
    extractor, loss = None, float("nan")
    with bar("training") as advance:
        options: dict[str, Any] = {"size": size, "seed": seed, "weights": weights, "changes": augself}
        for step, loss, extractor in train_plain(loaded.images, backbone, steps, **options):  # noqa: B007, kept
            advance(f"loss {loss:.3f}", (step + 1) / steps)
    assert extractor is not None
    record = {"steps": steps, "size": size, "seed": seed, "images": name or loaded.name, "loss": round(loss, 4)}
    record |= {"augself": augself} if augself else {}
    save_plain(extractor, out, record | {"date": today()})
    console.print(f"Wrote {out} ({out.stat().st_size / 2**20:.1f} MB).")
