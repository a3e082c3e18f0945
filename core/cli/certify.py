"""The command ``certify``: choose a descriptor and a head for labelled images, and say how wrong they can be."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.table import Table

from ..axes.descriptor import Descriptor
from ..bounds.gaussian_weights import Training
from ..bounds.operating_points import point_of
from ..certificates.comparators import NETWORKS, Effort, Labelled, operating_points
from ..certificates.feature_bank import HEAD, OURS
from ..certificates.findings import certified, findings, share
from ..certificates.independent_images import UNKNOWN, frequencies
from ..certificates.labelled_images import CertifiedFit, certify_images
from ..certificates.markdown import left_out, report
from ..certificates.survey import Survey, save_survey, survey
from ..certificates.survey_log import SurveyLog
from ..data.grouping import COPIES
from ..data.names import shown
from ..files import save_text
from ..model.amortised import AmortisedExtractor
from ..model.checkpoints import load_checkpoint
from ..tasks import TaskSource
from ..tasks.draws import first_of_each
from ..tasks.folders import FOUND, grouped, read_labelled
from ..version import SCRIPT
from .options import Checkpoint, Copies, JsonFigures
from .output import check_places, command_line, save_json, today
from .sources import find_sources, introduce
from .terminal import bar, console


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
    prior: Annotated[str, typer.Option(help="half: half of the labels choose the prior; initial: none do.")] = "half",
    delta: Annotated[float, typer.Option(help="Probability that a certificate fails.")] = 0.05,
    seed: int = 0,
    compare: Annotated[bool, typer.Option(help="With --images: other methods too; takes minutes.")] = False,
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
        _certify_folder(
            model, _labelled(images, labels, effort.seed, copies, model.input_size), prior, effort, compare, json_file
        )


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
            "delta": effort.delta,
            "networks": sorted(networks),
            "steps": effort.training.steps if networks else None,
            "images": images,
        },
    )


def _report(found: Survey, prior: str, axes: tuple[str, ...], json_file: Path | None, markdown: Path | None) -> None:
    table = Table()
    for name in (
        "task",
        "labels",
        "method",
        "hold-out",
        "descriptor alone",
        "drawn head",
        "vote",
        "fresh",
        "one class",
    ):
        table.add_column(name, overflow="fold")
    for task in found.tasks:
        for row in (task.best(method, prior) for method in (HEAD, OURS)):
            point = row.point
            alone = row.alone.bound if row.alone else None
            cells = (share(row.held_out_bound), share(alone), certified(row), share(row.vote))
            table.add_row(
                task.name, f"{row.labels:,}", point.method, *cells, share(point.held_out), share(point.chance)
            )
    console.print(table)
    for sentence in (*findings(found.tasks), *(f"Not certified: {each}" for each in left_out(found))):
        console.print(sentence)
    if json_file:
        save_survey(found, json_file)
    if markdown:
        save_text(markdown, report(found, axes))


def _certify_folder(
    model: AmortisedExtractor,
    sample: tuple[Labelled, tuple[str, ...]],
    prior: str,
    effort: Effort,
    compare: bool,
    json_file: Path | None,
) -> None:
    data, about = sample
    fit = certify_images(
        model, data.images, data.labels, data.classes, prior=prior, delta=effort.delta, seed=effort.seed
    )
    held_out = None
    if data.test_images is not None and data.test_labels is not None:
        held_out = fit.held_out(model, data.test_images, data.test_labels)
    console.print(fit.certificate.verdict)
    console.print(_figures(fit, held_out, str(Descriptor.of(fit.descriptor, model.transforms))))
    for sentence in (*fit.certificate.conditions, *about):
        console.print(f"- {sentence}")
    points = [point_of(OURS, fit.certificate, held_out, axes=len(fit.descriptor))]
    if compare:
        points += operating_points(model, data, prior=prior, methods=(HEAD, *NETWORKS), effort=effort)
        table = Table("method", "KL / n", "empirical", "certified", "other images", "numbers fitted")
        for point in points:
            values = (point.complexity, point.gibbs_upper, point.bound, point.held_out)
            table.add_row(point.method, *("" if v is None else f"{v:.3f}" for v in values), f"{point.parameters:,}")
        console.print(table)
    document = {
        "descriptor": list(fit.descriptor),
        "kl": asdict(fit.certificate.kl),
        "held_out_bound": fit.certificate.held_out_exact,
        "conditions": [*fit.certificate.conditions, *about],
        "points": [point.document() for point in points],
    }
    save_json(json_file, document)


def _labelled(
    folder: Path, count: int, seed: int, copies: str, side: int, most_tests: int = 2000
) -> tuple[Labelled, tuple[str, ...]]:
    """A random sample of the folder's pictures, not balanced on purpose: the certificate is about draws like these.

    Also sentences on what it is about.
    """
    loaded, groups, notes = grouped(read_labelled(folder, side=side), shown(folder.name), copies)
    order = torch.randperm(len(loaded.images), generator=torch.Generator().manual_seed(seed))
    order = order[first_of_each(groups[order])]
    pictures, labels = loaded.images[order[: count + most_tests]].float() / 255, loaded.labels[order]
    rest = (pictures[count:], labels[count : count + most_tests]) if len(pictures) > count else (None, None)
    for note in notes:
        console.print(note)
    return Labelled(pictures[:count], labels[:count], len(loaded.classes), *rest), (
        frequencies(labels[:count], loaded.classes),
        f"{FOUND} {UNKNOWN} otherwise cannot be checked here; it must be so.",
    )


def _figures(fit: CertifiedFit, held_out: float | None, descriptor: str) -> Table:
    found = fit.certificate
    rows = {
        f"descriptor, the best of {fit.candidates}": descriptor,
        "certified error of the drawn head": f"{found.bound:.3f}",
        "certified error of the majority vote": f"{found.vote_bound:.3f}",
        f"empirical error on {found.n:,} certified images": f"{found.gibbs:.3f}",
        "error on images that nothing used": "" if held_out is None else f"{held_out:.3f}",
        "nats: descriptor + head": f"{found.kl.descriptor:.1f} + {found.kl.weights:.1f}",
        "hold-out bound of the ordinary head": "" if found.held_out_exact is None else f"{found.held_out_exact:.3f}",
        "error of one class for all": f"{found.chance:.3f}",
    }
    table = Table("what", "value")
    for row in rows.items():
        table.add_row(*row)
    return table
