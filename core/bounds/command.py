"""The command ``certify``: choose a descriptor and a head for labelled images, and say how wrong they can be."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.table import Table

from core.bounds.chart import point_of
from core.bounds.comparators import Effort, Labelled, operating_points
from core.bounds.images import CertifiedFit, certify_images
from core.checkpoints import load_checkpoint
from core.data import load_folder
from core.descriptor import Descriptor

console = Console()


def certify(
    images: Annotated[Path, typer.Option(help="Folder with a subfolder per class, not used to train the model.")],
    labels: Annotated[int, typer.Option(min=4, help="Labelled images in all; the others only test.")] = 1000,
    prior: Annotated[str, typer.Option(help="half: half of the labels choose the prior; initial: none do.")] = "half",
    delta: Annotated[float, typer.Option(help="Probability that the certificate fails.")] = 0.05,
    seed: int = 0,
    compare: Annotated[bool, typer.Option(help="Other methods in the same currency too; takes minutes.")] = False,
    checkpoint: Annotated[Path | None, typer.Option(help="Default: the shipped one.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """Certify the error of a fitted descriptor and head on new images, with the conditions under which it holds."""
    model = load_checkpoint(checkpoint)
    data = _labelled(images, labels, seed)
    classes = data.classes
    fit = certify_images(model, data.images, data.labels, classes, prior=prior, delta=delta, seed=seed)
    tested = data.test_images is not None and data.test_labels is not None
    held_out = fit.held_out(model, data.test_images, data.test_labels) if tested else None
    console.print(fit.certificate.verdict, soft_wrap=True)
    console.print(_figures(fit, held_out, str(Descriptor.of(fit.descriptor, model.transforms))))
    for sentence in fit.certificate.conditions:
        console.print(f"- {sentence}", soft_wrap=True)
    points = [point_of("fitted descriptor", fit.certificate, held_out, axes=len(fit.descriptor))]
    if compare:
        others = ("head", "normalisation", "fine-tuning", "from scratch")
        effort = Effort(delta=delta, seed=seed)
        points += operating_points(model, data, prior=prior, methods=others, effort=effort)
        table = Table("method", "KL / n", "empirical", "certified", "other images", "numbers fitted")
        for point in points:
            values = (point.complexity, point.gibbs_upper, point.bound, point.held_out)
            table.add_row(point.method, *("" if v is None else f"{v:.3f}" for v in values), f"{point.parameters:,}")
        console.print(table)
    if json_file:
        document: dict[str, Any] = {
            "descriptor": list(fit.descriptor),
            "kl": asdict(fit.certificate.kl),
            "held_out_bound": fit.certificate.held_out_exact,
            "conditions": list(fit.certificate.conditions),
            "points": [point.document() for point in points],
        }
        json_file.write_text(json.dumps(document, indent=1) + "\n")


def _labelled(folder: Path, count: int, seed: int, most_tests: int = 2000) -> Labelled:
    """A random sample of the folder, not balanced on purpose: the certificate is about draws like these."""
    loaded = load_folder(folder)
    if len(loaded.classes) < 2:
        raise ValueError(f"{folder} has no subfolders that could be classes. Make one for each class, at least two.")
    order = torch.randperm(len(loaded.images), generator=torch.Generator().manual_seed(seed))
    pictures, labels = loaded.images[order[: count + most_tests]].float() / 255, loaded.labels[order]
    rest = (pictures[count:], labels[count : count + most_tests]) if len(pictures) > count else (None, None)
    return Labelled(pictures[:count], labels[:count], len(loaded.classes), *rest)


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
