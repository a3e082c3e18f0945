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
from .options import Checkpoint, Jobs, Scheduler, limit_threads
from .terminal import bar, console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..manifold import ExtractorMap, Settings

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
    tasks: Annotated[bool, typer.Option("--tasks/--no-tasks", help="Mark tasks on it too: half a minute each.")] = True,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    anew: Annotated[bool, typer.Option("--anew", help="Forget what is in the file.")] = False,
    report: Annotated[bool, typer.Option("--report", help="Print progress for a program.")] = False,
) -> None:
    """Make the map of the descriptor space: a thousand extractors by what they do, laid out by UMAP and PCA.

    The file is written after each part: the map, what its extractors find alike, each task. Stopped, the same line goes
    on with the part that was not finished.
    """
    from ..manifold import SHIPPED, Settings, compute, save_map, stored_tasks, with_line_ups, with_task

    limit_threads(threads)
    settings = Settings(design, count, kind, distance, neighbours, seed)
    model = load_checkpoint(checkpoint)
    path = out or SHIPPED
    with _progress(report) as advance:
        mapped = None if anew else _begun(path, settings, str(model.metadata.get("digest")))
        if mapped is None:
            mapped = compute(model, settings, _part(advance, 0, _MAP), jobs, scheduler)
            save_map(mapped, path)
        if mapped.line_ups is None:
            mapped = with_line_ups(model, mapped, _part(advance, _MAP, _ASKED), jobs, scheduler)
            save_map(mapped, path)
        wanted = stored_tasks(model) if tasks else ()
        for number, source in enumerate(wanted):
            if source.name not in mapped.tasks:
                part = (_ASKED + (1 - _ASKED) * (number + end) / len(wanted) for end in (0, 1))
                mapped = with_task(model, mapped, source, _part(advance, *part), jobs, scheduler)
                save_map(mapped, path)
        advance("done", 1.0)
    if not report:
        _show(mapped, path)


_MAP, _ASKED = 0.25, 0.35  # shares of the time after which the map and the line-ups are done


def _begun(path: Path, settings: Settings, digest: str) -> ExtractorMap | None:
    """What there is of the same map already."""
    from ..manifold import load_map

    try:
        mapped = load_map(digest, path)
    except (FileNotFoundError, ValueError):
        return None
    return mapped if mapped.settings == settings else None


def _part(advance: Callable[[str, float], None], low: float, high: float) -> Callable[[str, float], None]:
    """Progress of a part of the work."""
    return lambda text, share: advance(text, low + (high - low) * share)


def worker(out: Path, checkpoint: Path, options: dict[str, Any], threads: int) -> list[str]:
    """The command line of a process that makes a map and reports."""
    words = [f"--{name}={value}" for name, value in options.items()]
    line = [sys.executable, "-m", PACKAGE, "manifold", "--report", "--no-tasks", f"--threads={threads}"]
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
    if mapped.tasks:
        console.print(f"Marked on it: {', '.join(mapped.tasks)}.")
    console.print(f"Wrote {out} ({out.stat().st_size / 2**10:.0f} KB). Time: {spent}.")
