"""A fit as one HTML file that opens anywhere without a network: figures, verdict, settings, and how to repeat it.

``python -m dashboard.adapt.report RUN.json REPORT.html`` makes it from a file that the Adapt page or
``python -m core record`` has saved. No Streamlit in here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Annotated

import numpy as np
import plotly.graph_objects as go
import torch
import typer
from plotly.offline import get_plotlyjs

from core import AmortisedExtractor, load_checkpoint
from core.adaptation.policy import Policy, policy_of
from core.adaptation.preferences import looked_at, sentence
from core.axes.descriptor import Descriptor
from core.baselines import Outcome, called
from core.certificates.fit_certificate import LEVELS, certify_fit
from core.certificates.labelled_images import CertifiedFit
from core.cli.sources import find_sources
from core.cli.terminal import complain, console, tolerate
from core.files import save_text
from core.sharing import SharedRun, command, read_run
from core.tasks import Task
from core.version import VERSION
from dashboard.adapt.files import source_of, task_from
from dashboard.adapt.misclassified import confusion, mistakes, picture_of
from dashboard.adapt.rows import line, unlike
from dashboard.encode import seen_uri
from dashboard.figures.fit_progress import TARGET, Chosen, confusion_figure, score_figure, slices_figure, traces_figure
from dashboard.figures.image_grid import COARSE
from dashboard.figures.theme import LIGHT
from dashboard.text import classifier as words
from dashboard.text import labels, theory

_STYLE = """
:root { color-scheme: light; }
body { font: 17px/1.5 "Source Sans", "Segoe UI", Helvetica, Arial, sans-serif; color: #2F2D2B; background: #fff;
  max-width: 940px; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; margin-bottom: .2rem; } h2 { margin-top: 2.2rem; }
.verdict { font-size: 1.25rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #d5d8dc; vertical-align: top; }
th { font-weight: 600; } td.number, th.number { text-align: right; padding-right: 1.6rem; white-space: nowrap; }
figure { margin: 1.2rem 0; } figcaption, .quiet { color: #5B636C; font-size: .95rem; }
.wide { overflow-x: auto; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(120px, 1fr)); gap: 1rem; }
.pictures figure { margin: 0; }
.pictures img { width: 100%; aspect-ratio: 1; border-radius: 4px; }
.pictures .coarse { image-rendering: pixelated; }
pre { background: #f2f3f4; padding: .8rem; border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { h2, figure, tr { break-inside: avoid; } }
"""
_POLICY = "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""The browser itself sees to it that the file asks nobody for anything."""


def html(
    run: SharedRun,
    task: Task,
    model: AmortisedExtractor,
    certificate: CertifiedFit | None = None,
    policy: Policy | None = None,
) -> str:
    """The report.

    Args:
        run: with or without an end; without one, it has fewer sections.
        task: the run's, with its images.
        model: the one in use.
        certificate: of the run's descriptor, if there is one.
        policy: the same as augmentation; measured if it is not given and the evidence is there.
    """
    sections = [_heading(run, task), _facts(run, task, model), _rows(run, task, model), _course(run, task, model)]
    if run.adapted is not None and run.outputs is not None:
        sections += [_wishes(run), _promise(certificate), _wrong(task, run.outputs), _taken(run, task, model, policy)]
    sections.append(_again(run))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{escape(task.title)} HyperInvariances</title>\n'
        f"<style>{_STYLE}</style>\n<script>{get_plotlyjs()}</script>\n</head>\n<body>\n<main>\n"
        + "\n".join(section for section in sections if section)
        + "\n</main>\n</body>\n</html>\n"
    )


def _heading(run: SharedRun, task: Task) -> str:
    said = (
        sentence(run.slices, looked_at(task)) if run.slices else "The verdict is not there yet: the fit had not ended."
    )
    score = ""
    if run.adapted is not None and run.outputs is not None:
        judged = task.judge(run.outputs).sentence(task.score_name)
        score = f"<p>{escape(judged)} No choice was made on these images.</p>"
        score += "".join(f"<p>{escape(note)}</p>" for note in task.notes)
    return f'<h1>{escape(task.title)}</h1>\n<p class="verdict">{escape(said)}</p>\n{score}'


def _facts(run: SharedRun, task: Task, model: AmortisedExtractor) -> str:
    settings = run.settings
    images = f"{len(task.train)} training, {len(task.validation)} validation, {len(task.test)} test"
    facts = {
        "task": run.task,
        "images": images + (f"; {len(task.classes)} classes" if task.classes else "; one number each"),
        "labelled images per class": str(run.shots),
        "seed": str(run.seed),
        "fitted to": settings.objective,
        "steps": f"at most {settings.steps} from each of {settings.restarts} starts; "
        f"step size {settings.rate:g}, falling to 0",
    }
    if run.adapted is not None:
        facts |= {
            "descriptor (0 keeps, 1 ignores)": _point(run.adapted.descriptor, model),
            "before it was rounded": _point(run.adapted.unsnapped, model),
            f"{task.score_name}, labelled images left out in turn": f"{run.adapted.score:.3f}",
            "seconds": f"{run.adapted.seconds:.1f}",
            "numbers fitted": f"{run.adapted.head.parameters + len(run.adapted.descriptor):,}",
        }
    facts["made with"] = f"HyperInvariances {VERSION}, checkpoint {model.metadata.get('digest', 'without a digest')}"
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in facts.items()
    )
    return f"<h2>What was fitted, and how</h2>\n<table>{rows}</table>"


def _rows(run: SharedRun, task: Task, model: AmortisedExtractor) -> str:
    if not run.outcomes:
        return ""
    heads = [
        "run", f"test {task.score_name}", "test images", "one class", "balanced", "seconds", "fitted", "descriptor",
    ]  # fmt: skip
    others = [unlike(each, run.origin) for each in run.outcomes]
    heads += ["fitted with"] if any(others) else []
    rows = []
    for each, other in zip(run.outcomes, others, strict=True):
        point = "" if each.descriptor is None else _point(each.descriptor, model)
        numbers = (*_judged(each), f"{each.seconds:.2f}", f"{each.parameters:,}")
        cells = "".join(f'<td class="number">{number}</td>' for number in numbers)
        words = (point, other) if any(others) else (point,)
        said = "".join(f"<td>{escape(each)}</td>" for each in words)
        rows.append(f'<tr><th scope="row">{escape(called(each))}</th>{cells}{said}</tr>')
    head = "".join(
        f'<th scope="col"{" class=number" if 0 < n < 7 else ""}>{escape(text)}</th>' for n, text in enumerate(heads)
    )
    table = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    return f"<h2>Runs</h2>\n{table}"


def _judged(each: Outcome) -> tuple[str, ...]:
    """The score with its interval, the number of test images, what one class for all scores, balanced accuracy."""
    span = "" if each.judged.interval is None else " [{:.3f}, {:.3f}]".format(*each.judged.interval)
    trivial, balanced = ("" if value is None else f"{value:.3f}" for value in (each.majority, each.balanced))
    return f"{each.score:.3f}{span}", f"{each.tests:,}" if each.tests else "", trivial, balanced


def _course(run: SharedRun, task: Task, model: AmortisedExtractor) -> str:
    lines = [line(each, run.origin, run.outcomes) for each in run.outcomes if each.curve]
    if not lines and not run.steps:
        return ""
    parts = ["<h2>How it went</h2>"]
    if lines:
        figure = score_figure(lines, TARGET, task.score_name, LIGHT)
        alt, see = f"Held-out {task.score_name} of each run over time", labels.SEE_SCORES.format(target=TARGET)
        parts.append(_figure(figure, "scores", alt, see))
    if run.steps:
        names = [axis.name for axis in model.transforms]
        values = np.array([step.descriptor for step in run.steps])
        chosen = None
        if run.adapted is not None:
            values = np.vstack([values, run.adapted.unsnapped])
            chosen = Chosen(run.adapted.unsnapped, run.adapted.descriptor)
        figure = traces_figure(values, names, "descriptor: 0 keeps, 1 ignores", LIGHT, chosen=chosen)
        ends = ", ".join(f"{name} {value:.2f}" for name, value in zip(names, values[-1], strict=True))
        parts.append(_figure(figure, "descriptor", f"The descriptor over the steps. Last: {ends}", labels.SEE_TRACES))
    return "\n".join(parts)


def _wishes(run: SharedRun) -> str:
    if not run.slices:
        return ""
    names = [cut.axis.name for cut in run.slices]
    figure = slices_figure(run.slices[0].points, np.stack([cut.evidence for cut in run.slices]), names, LIGHT)
    alt = "; ".join(f"{cut.axis.name}: {cut.preference:+.0f} nats for ignoring it" for cut in run.slices)
    return f"<h2>What this task wants</h2>\n{_figure(figure, 'slices', alt, labels.SEE_SLICES)}"


def _promise(found: CertifiedFit | None) -> str:
    if found is None:
        return ""
    paid = theory.PAID.format(step=1 / (LEVELS - 1), count=found.candidates, nats=found.certificate.kl.descriptor)
    said = "".join(f"<p>{escape(text.replace('**', ''))}</p>" for text in (theory.fit_verdict(found), paid))
    conditions = "".join(f"<li>{escape(each)}</li>" for each in (*found.certificate.conditions, *found.about))
    return f"<h2>What it can promise</h2>\n{said}\n<p>It holds under these conditions:</p>\n<ul>{conditions}</ul>"


def _wrong(task: Task, outputs: torch.Tensor) -> str:
    parts = ["<h2>Where it is wrong</h2>"]
    if not task.regression:
        counts = confusion(task, outputs)
        figure = confusion_figure(counts, task.classes, LIGHT)
        right = f"{int(counts.trace())} of {int(counts.sum())} test images are called rightly"
        parts.append(_figure(figure, "confusion", right, labels.SEE_CONFUSION))
    found = mistakes(task, outputs)
    if not found:
        return "\n".join([*parts, "<p>No test image is called wrongly.</p>"])
    coarse = ' class="coarse"' if task.test.images.shape[-1] <= COARSE else ""
    images = "".join(
        f'<figure><img{coarse} src="{seen_uri(picture_of(task, each))}" '
        f'alt="Test image: {escape(each.said, quote=True)}">'
        f"<figcaption>{escape(each.said)}</figcaption></figure>"
        for each in found
    )
    parts.append(f'<p class="quiet">{labels.SEE_MISTAKES}</p>\n<div class="pictures">{images}</div>')
    return "\n".join(parts)


def _taken(run: SharedRun, task: Task, model: AmortisedExtractor, policy: Policy | None) -> str:
    if policy is None:
        if run.adapted is None or not run.slices:
            return ""
        policy = policy_of(model, task, run.adapted, run.slices)
    said = f'<p>{escape(words.policy(policy))}</p>\n<p class="quiet">{words.POLICY_CAPTION}</p>'
    return f"<h2>{words.POLICY_TITLE}</h2>\n{said}\n<pre>{escape(policy.code)}</pre>"


def _again(run: SharedRun) -> str:
    line = command(run)
    if not line:
        return f"<h2>Run it again</h2>\n<p>{labels.NO_COMMAND}</p>"
    where = f"<p>{labels.OWN_FOLDER}</p>" if run.own else ""
    return f"<h2>Run it again</h2>\n<pre>{escape(line)}</pre>\n{where}"


def _point(values: Sequence[float], model: AmortisedExtractor) -> str:
    return Descriptor.of(tuple(values), model.transforms).brief


def _figure(figure: go.Figure, name: str, alt: str, said: str) -> str:
    drawn = figure.to_html(
        full_html=False, include_plotlyjs=False, div_id=name, default_width="100%",
        config={"displayModeBar": False, "responsive": True},
    )  # fmt: skip
    return (
        f'<figure><div role="img" aria-label="{escape(alt, quote=True)}">{drawn}</div>'
        f"<figcaption>{escape(said)}</figcaption></figure>"
    )


def main(
    run: Annotated[Path, typer.Argument(help="A run's file, saved on the Adapt page or by `core record`.")],
    out: Annotated[Path, typer.Argument(help="HTML file to write.")],
    data: Annotated[str, typer.Option(help="The folder or archive of its images, if they are one's own.")] = "",
    checkpoint: Annotated[Path | None, typer.Option(help="Default: the shipped one.")] = None,
) -> None:
    """Write the report of a run as one HTML file that works without a network."""
    model = load_checkpoint(checkpoint)
    if not run.is_file():
        raise ValueError(f"There is no file {run}. Save a run on the Adapt page, or make one with: core record.")
    shared, notes = read_run(run.read_bytes(), run.name, model)
    own: Sequence = find_sources(data, model) if data else ()
    task = task_from(shared, own[0] if own else source_of(shared, None, model))
    try:
        certificate = certify_fit(model, task, shared.adapted.descriptor) if shared.adapted else None
    except ValueError as error:  # a quantity, or too few images
        certificate, notes = None, (*notes, theory.NO_PROMISE.format(why=error))
    save_text(out, html(shared, task, model, certificate))
    _say([*notes, f"Wrote {out} ({out.stat().st_size / 2**20:.1f} MB)."])


def _say(sentences: Iterable[str]) -> None:
    for text in sentences:
        console.print(text)


if __name__ == "__main__":
    tolerate()
    try:
        typer.run(main)
    except (ValueError, OSError) as error:
        complain(error)
        sys.exit(1)
