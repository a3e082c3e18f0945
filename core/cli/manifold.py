"""The command ``manifold``; the dashboard starts it too, as a process of its own, and reads its progress.

In its own module, because :mod:`core.manifold` imports scikit-learn, for which no other command should wait.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from ..model.checkpoints import load_checkpoint
from ..version import PACKAGE
from .options import Checkpoint, limit_threads
from .terminal import bar, console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..manifold import ExtractorMap

_LINE = "progress"


def manifold(
    out: Annotated[Path | None, typer.Option(help="File to write; default: the one the dashboard shows.")] = None,
    checkpoint: Checkpoint = None,
    design: Annotated[str, typer.Option(help="Which descriptors: wireframe, lattice or scattered.")] = "wireframe",
    count: Annotated[int, typer.Option(help="How many descriptors at the least.")] = 1000,
    kind: Annotated[str, typer.Option(help="Compared by: features, sensitivity or weights.")] = "features",
    distance: Annotated[str, typer.Option(help="euclidean or cosine.")] = "euclidean",
    neighbours: Annotated[int, typer.Option(help="Of each point that UMAP looks at.")] = 15,
    seed: Annotated[int, typer.Option(help="Of the probe pictures and the first layout.")] = 0,
    threads: Annotated[int, typer.Option(min=0, help="Processor threads; 0: as many as there are.")] = 0,
    report: Annotated[bool, typer.Option("--report", help="Print progress for a program.")] = False,
) -> None:
    """Make the map of the descriptor space: a thousand extractors by what they do, laid out by UMAP and PCA."""
    from ..manifold import SHIPPED, Settings, compute, save_map

    limit_threads(threads)
    settings = Settings(design, count, kind, distance, neighbours, seed)
    model = load_checkpoint(checkpoint)
    with _progress(report) as advance:
        mapped = compute(model, settings, advance)
    save_map(mapped, out or SHIPPED)
    if not report:
        _show(mapped, out or SHIPPED)


def worker(out: Path, checkpoint: Path, options: dict[str, Any], threads: int) -> list[str]:
    """The command line of a process that makes a map and reports."""
    words = [f"--{name}={value}" for name, value in options.items()]
    line = [sys.executable, "-m", PACKAGE, "manifold", "--report", f"--threads={threads}"]
    return [*line, f"--out={out}", f"--checkpoint={checkpoint}", *words]


def heard(line: str) -> tuple[float, str] | None:
    """Share and text of a line of progress; ``None`` for any other line."""
    word, _, rest = line.rstrip("\n").partition("\t")
    share, _, text = rest.partition("\t")
    if word != _LINE:
        return None
    try:
        return float(share), text
    except ValueError:
        return None


@contextmanager
def _progress(report: bool) -> Iterator[Any]:
    if report:
        yield lambda text, share: print(f"{_LINE}\t{share:.4f}\t{text}", flush=True)
        return
    with bar("map") as advance:
        yield advance


def _show(mapped: ExtractorMap, out: Path) -> None:
    spent = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in mapped.seconds.items())
    table = Table("layout", "trustworthiness", "continuity", "Shepard", title=f"{len(mapped.points)} descriptors")
    for layout in mapped.layouts:
        marks = (f"{value:.3f}" for value in layout.trust.as_dict().values())
        table.add_row(layout.title, *marks)
    console.print(table)
    console.print(f"Wrote {out} ({out.stat().st_size / 2**10:.0f} KB). Time: {spent}.")
