"""Certificates of several tasks at several numbers of labels, and the file that they are kept in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import torch

from ..adaptation import Settings
from ..assets import asset
from ..bounds.certificate import conditions_of
from ..bounds.operating_points import PRIORS
from ..files import save_text
from ..model.amortised import AmortisedExtractor
from ..parallel import place
from ..tasks.task import FINAL, TaskSource
from ..version import SCRIPT
from .comparators import NETWORKS, Effort, Labelled, operating_points
from .feature_bank import FeatureBank, Row, exact_rows
from .independent_images import Sample, sample_of

SHIPPED = asset("certificates.json")
FORMAT = "hyperinvariances-certificates/1"
AGAIN = (
    f"Make them anew with '{SCRIPT} certify --data shipped --labels 500 --json assets/certificates.json "
    "--markdown assets/CERTIFICATES.md'."
)

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Certified:
    """One task.

    Attributes:
        name, title: of the task.
        drawn, different: labelled images that were drawn, and those of them that show different things.
        tests: images on which the error beside each certificate was measured.
        rows: of all methods, numbers of labels and priors.
        real: whether its images are as they were found; otherwise it was made, and its right descriptor is known.
        stage: :data:`core.tasks.task.DEVELOPMENT` or :data:`core.tasks.task.FINAL`.
    """

    name: str
    title: str
    drawn: int
    different: int
    tests: int
    rows: tuple[Row, ...]
    real: bool = False
    stage: str = FINAL

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "rows": [row.document() for row in self.rows]}

    @classmethod
    def of(cls, document: dict[str, Any]) -> Certified:
        """Back from JSON.

        Raises:
            KeyError, TypeError, ValueError: it is not the document of a task.
        """
        return cls(**{**document, "rows": tuple(Row.of(row) for row in document["rows"])})

    def sizes(self) -> tuple[int, ...]:
        """Numbers of labels, smallest first."""
        return tuple(sorted({row.labels for row in self.rows}))

    def at(self, labels: int, prior: str) -> tuple[Row, ...]:
        """Rows of one number of labels and one prior."""
        return tuple(row for row in self.rows if row.labels == labels and row.point.prior == prior)

    def methods(self, prior: str = "half") -> tuple[str, ...]:
        """Methods that were certified, in the order of their rows."""
        return tuple(dict.fromkeys(row.point.method for row in self.rows if row.point.prior == prior))

    def best(self, method: str, prior: str = "half") -> Row:
        """A method's row with the most labels."""
        return max((r for r in self.rows if (r.point.method, r.point.prior) == (method, prior)), key=lambda r: r.labels)


@dataclass(frozen=True)
class Survey:
    """All tasks.

    Attributes:
        checkpoint: digest of the model that is certified.
        seed: of images, halves and draws. delta: probability that a certificate fails.
        tasks: that were certified. others: name of each task that was not, and why, as a sentence.
        command, date, seconds: how, when and for how long it was made.
    """

    checkpoint: str
    seed: int
    delta: float
    tasks: tuple[Certified, ...]
    others: tuple[tuple[str, str], ...]
    command: str = ""
    date: str = ""
    seconds: float = 0.0

    def task(self, name: str) -> Certified | None:
        """The task of that name, or ``None``."""
        return next((task for task in self.tasks if task.name == name), None)


def survey(
    model: AmortisedExtractor,
    sources: Iterable[TaskSource],
    *,
    labels: int,
    networks: tuple[str, ...] = (),
    delta: float = 0.05,
    seed: int = 0,
    effort: Effort | None = None,
    progress: Progress | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
    known: Iterable[Certified] = (),
    keep: Callable[[list[Certified]], None] | None = None,
) -> Survey:
    """Certify every task that has classes; the result does not depend on where.

    Args:
        labels: labelled images to draw of each task, at most; what shows the same thing twice is left out.
        networks: names of tasks on which networks are certified too, with all labels; takes minutes each.
        effort: of the networks; its delta and seed are replaced.
        progress: called with a text and the share of the present task's work, or of all tasks where several go at once.
        jobs: processes on this machine; each then has one processor thread.
        scheduler: address of a Dask scheduler to use instead.
        known: tasks of an earlier run with the same arguments; they are not certified again.
        keep: called with each task, in a list, as it is certified.

    Raises:
        ValueError: a task cannot be drawn with so many images, ``networks`` names one that is not there, or no
            scheduler answers.
    """
    sources = tuple(sources)
    names = [source.name for source in sources]
    if unknown := [name for name in networks if name not in names]:
        raise ValueError(
            f"Networks were asked for on {unknown[0]!r}, which is not among the tasks ({', '.join(names)}). "
            "Name one of these, or add it to the tasks."
        )
    done = {task.name: task for task in known}
    left = [source for source in sources if source.classes and source.name not in done]
    alone = jobs == 1 and scheduler is None
    work = (
        joblib.delayed(_certified)(
            model, source, labels, networks, delta, seed, effort, progress if alone else None, None if alone else 1
        )
        for source in left
    )
    with place(scheduler):
        for number, task in enumerate(joblib.Parallel(n_jobs=-1 if scheduler else jobs, return_as="generator")(work)):
            done[task.name] = task
            if keep:
                keep([task])
            if progress and not alone:
                progress(task.name, (number + 1) / len(left))
    others = tuple(
        (source.name, "It measures a quantity; certificates here are about classes.")
        for source in sources
        if not source.classes
    )
    tasks = tuple(done[source.name] for source in sources if source.classes)
    return Survey(str(model.metadata.get("digest", "")), seed, delta, tasks, others)


def _certified(
    model: AmortisedExtractor,
    source: TaskSource,
    labels: int,
    networks: tuple[str, ...],
    delta: float,
    seed: int,
    effort: Effort | None,
    progress: Progress | None,
    threads: int | None,
) -> Certified:
    if threads:
        torch.set_num_threads(threads)
    task = source.draw(labels, seed)
    sample = sample_of(task, seed)
    bank, sizes = FeatureBank(model, sample, Settings(seed=seed)), sample.sizes()
    rows: list[Row] = []
    for number, n in enumerate(sizes):
        bank.prepare(n, partial(_told, progress, task.name, number, len(sizes)) if progress else None)
        rows += exact_rows(bank, n, delta)
    if task.name in networks:
        rows += network_rows(model, sample, sizes[-1], delta=delta, seed=seed, effort=effort, progress=progress)
    return Certified(
        task.name, task.title, sample.drawn, len(sample.labelled), len(sample.test), tuple(rows), not task.known,
        source.stage,
    )  # fmt: skip


def _told(progress: Progress, name: str, number: int, count: int, share: float) -> None:
    progress(name, (number + share) / count)


def network_rows(
    model: AmortisedExtractor,
    sample: Sample,
    n: int,
    *,
    priors: tuple[str, ...] = PRIORS,
    delta: float = 0.05,
    seed: int = 0,
    effort: Effort | None = None,
    progress: Progress | None = None,
) -> Iterator[Row]:
    """Certify networks on the first n images: what the exact rows are compared with; a minute or so for each."""
    labelled, test = sample.labelled.at(slice(n)), sample.test
    data = Labelled(
        labelled.pixels,
        labelled.targets,
        sample.classes,
        test.pixels if len(test) else None,
        test.targets if len(test) else None,
        sample.halves(n),
    )
    effort = Effort(**{**vars(effort or Effort()), "delta": delta, "seed": seed})
    for prior in priors:
        found = operating_points(model, data, prior=prior, methods=NETWORKS, effort=effort, progress=progress)
        for point in found:
            conditions = conditions_of(point.n, n - point.n, 0.0, delta, "network", descriptor=False)
            yield Row(n, point, None, None, (*conditions, *sample.conditions(n, prior)))


def save_survey(found: Survey, path: Path) -> None:
    """Write it as JSON."""
    tasks = [task.document() for task in found.tasks]
    document: dict[str, Any] = {"format": FORMAT, **vars(found), "tasks": tasks, "others": dict(found.others)}
    save_text(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def read_survey(checkpoint: str, path: Path | None = None) -> Survey:
    """Read the certificates of a model.

    Args:
        checkpoint: digest of the model that is in use.
        path: default: the file in ``assets/``.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is damaged, foreign, or of another checkpoint.
    """
    path = path or SHIPPED
    if not path.is_file():
        raise FileNotFoundError(f"There are no certificates at {path.name}. {AGAIN}")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document.pop("format") != FORMAT:
            raise ValueError("another format")
        tasks = tuple(Certified.of(task) for task in document["tasks"])
        found = Survey(**{**document, "tasks": tasks, "others": tuple(document["others"].items())})
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{path.name} does not hold certificates ({error}). {AGAIN}") from None
    if found.checkpoint != checkpoint:
        raise ValueError(
            f"The certificates in {path.name} are of checkpoint {found.checkpoint}, and the model in use is "
            f"{checkpoint}, so they are not shown. {AGAIN}"
        )
    return found
