"""The command ``certify``: fit a descriptor and a head to labelled images, and say how wrong they can be."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.table import Table

from ..adaptation import Settings
from ..adaptation.reading import TRUST
from ..axes.descriptor import Descriptor
from ..bounds.gaussian_weights import Training
from ..bounds.operating_points import PRIORS
from ..certificates.comparators import Effort
from ..certificates.feature_bank import EXACT, LEVELS, OURS, FeatureBank, Row, exact_rows
from ..certificates.findings import alone_bound, certified, findings, share
from ..certificates.independent_images import UNKNOWN, Sample
from ..certificates.markdown import left_out, report
from ..certificates.survey import Certified, Survey, network_rows, save_survey, survey
from ..certificates.survey_log import SurveyLog
from ..data.grouping import COPIES
from ..data.names import shown
from ..files import save_text
from ..model.amortised import AmortisedExtractor
from ..model.checkpoints import load_checkpoint
from ..tasks import TaskSource
from ..tasks.draws import first_of_each
from ..tasks.folders import FOUND, grouped, read_labelled
from ..tasks.task import Split
from ..version import SCRIPT
from .options import Checkpoint, Copies, JsonFigures
from .output import check_places, command_line, save_json, stamped, today
from .sources import find_sources, introduce
from .terminal import bar, console

_COLUMNS = ("task", "labels", "method", "hold-out", "descriptor alone", "drawn head", "vote", "fresh", "one class")


def certify(
    images: Annotated[
        Path | None, typer.Option(help="Folder with a subfolder per class; one random sample of it is certified.")
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            help="Instead: a folder, a zip archive, a task by name, 'shipped' or 'known', as in fit; again for more."
        ),
    ] = None,
    labels: Annotated[int, typer.Option(min=4, help="Labelled images in all, at most; the others only test.")] = 1000,
    prior: Annotated[str, typer.Option(help="half: half of the labels give the prior; initial: none do.")] = "half",
    delta: Annotated[float, typer.Option(help="Probability that a certificate fails.")] = 0.05,
    seed: int = 0,
    compare: Annotated[bool, typer.Option(help="With --images: networks too; takes minutes.")] = False,
    networks: Annotated[
        list[str] | None, typer.Option(help="With --data: a task on which networks are certified too; minutes each.")
    ] = None,
    network_steps: Annotated[int, typer.Option(min=1, help="Steps of each network's fit.")] = Training.steps,
    copies: Copies = COPIES[0],
    checkpoint: Checkpoint = None,
    json_file: JsonFigures = None,
    markdown: Annotated[Path | None, typer.Option(help="With --data: write a page here.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="With --data: processes on this machine.")] = 1,
    scheduler: Annotated[str | None, typer.Option(help="With --data: address of a Dask scheduler instead.")] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="With --data: keep every task here; a run that was cut goes on where it was.")
    ] = None,
) -> None:
    """Certify the error of a fitted descriptor and head on new images, with the conditions under which it holds."""
    model = load_checkpoint(checkpoint)
    check_places(json_file, markdown, ledger)
    if (images is None) == (not data):
        raise ValueError("Give either --images FOLDER, or --data with a folder, an archive, a task or 'known'.")
    if prior not in PRIORS:
        raise ValueError(f"The prior must be one of {', '.join(PRIORS)}; got {prior!r}.")
    effort = Effort(delta=delta, seed=seed, training=Training(steps=network_steps))
    if images is None:
        begun = time.monotonic()
        sources = tuple(source for each in data or () for source in find_sources(each, model, copies))
        for source in sources:
            introduce(source)
        log = _log(ledger, model, sources, labels, tuple(networks or ()), effort) if ledger else None
        with bar("certifying") as advance:
            found = survey(
                model, sources, labels=labels, networks=tuple(networks or ()), delta=delta, seed=seed, effort=effort,
                progress=advance, jobs=jobs, scheduler=scheduler, known=tuple(log.results) if log else (),
                keep=log.keep if log else None,
            )  # fmt: skip
        seconds = round(time.monotonic() - begun, 1)
        found = replace(found, command=command_line(SCRIPT), date=today(), seconds=seconds)
        _report(found, prior, tuple(axis.name for axis in model.transforms), json_file, markdown)
    else:
        sample = _sample(images, labels, seed, copies, model.input_size)
        _certify_folder(model, sample, shown(images.name), prior, effort, compare, json_file)


def _log(
    path: Path,
    model: AmortisedExtractor,
    sources: Sequence[TaskSource],
    labels: int,
    networks: tuple[str, ...],
    effort: Effort,
) -> SurveyLog:
    images = {source.name: source.digest for source in sources if source.digest}
    return SurveyLog(
        path,
        {
            "checkpoint": str(model.metadata.get("digest")),
            "labels": labels,
            "seed": effort.seed,
            "trust": TRUST,
            "delta": effort.delta,
            "networks": sorted(networks),
            "steps": effort.training.steps if networks else None,
            "methods": EXACT,
            "images": images,
        },
    )


def _report(found: Survey, prior: str, axes: tuple[str, ...], json_file: Path | None, markdown: Path | None) -> None:
    console.print(_table([(task.name, task.best(method, prior)) for task in found.tasks for method in EXACT]))
    for sentence in (*findings(found.tasks), *(f"Not certified: {each}" for each in left_out(found))):
        console.print(sentence)
    if json_file:
        save_survey(found, json_file)
    if markdown:
        save_text(markdown, report(found, axes))


def _table(rows: Sequence[tuple[str, Row]]) -> Table:
    """Of tasks by name with a row each."""
    table = Table()
    for name in _COLUMNS:
        table.add_column(name, overflow="fold")
    for name, row in rows:
        bounds = (row.held_out_bound, alone_bound(row), row.point.bound, row.vote)
        cells = (*(certified(row, bound) for bound in bounds), share(row.point.held_out), share(row.point.chance))
        table.add_row(name, f"{row.labels:,}", row.point.method, *cells)
    return table


def _certify_folder(
    model: AmortisedExtractor,
    sample: Sample,
    name: str,
    prior: str,
    effort: Effort,
    compare: bool,
    json_file: Path | None,
) -> None:
    n, bank = len(sample.labelled), FeatureBank(model, sample, Settings(seed=effort.seed))
    asked: dict[str, Any] = {"priors": (prior,), "delta": effort.delta}
    with bar("fitting a descriptor") as advance:
        bank.prepare(n, partial(advance, "fitting a descriptor"))
        rows = list(exact_rows(bank, n, **asked))
        if compare:
            rows += network_rows(model, sample, n, **asked, seed=effort.seed, effort=effort, progress=advance)
    ours = next(row for row in rows if row.point.method == OURS)
    console.print(ours.point.verdict)
    console.print(_table([(name, row) for row in rows]))
    console.print(
        f"Fitted descriptor, one of {LEVELS ** len(model.transforms):,}: "
        f"{Descriptor.of(ours.descriptor or (), model.transforms)}"
    )
    for sentence in ours.conditions:
        console.print(f"- {sentence}")
    found = Certified(name, "", sample.drawn, n, len(sample.test), tuple(rows), real=True)
    save_json(json_file, stamped(model, **found.document()))


def _sample(folder: Path, count: int, seed: int, copies: str, side: int, most_tests: int = 2000) -> Sample:
    """A random sample of the folder's pictures, not balanced on purpose: the certificate is about draws like these."""
    loaded, groups, notes = grouped(read_labelled(folder, side=side), shown(folder.name), copies)
    order = torch.randperm(len(loaded.images), generator=torch.Generator().manual_seed(seed))
    order = order[first_of_each(groups[order])]
    for note in notes:
        console.print(note)
    labelled, test = (
        Split(loaded.images[rows], loaded.labels[rows]) for rows in (order[:count], order[count : count + most_tests])
    )
    about = f"{FOUND} {UNKNOWN} otherwise cannot be checked here; it must be so."
    return Sample(labelled, loaded.classes, test, len(labelled), (about,))
