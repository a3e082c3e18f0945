"""What a page shows, as a file of :mod:`core.sharing`, and back again; no Streamlit in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from core.axes.transforms import Axis
from core.data.names import shown
from core.inspect.gallery import read_gallery
from core.model.amortised import AmortisedExtractor
from core.sharing import SharedRun, SharedView, same_images, thumbprint, write_view
from core.tasks import Task, TaskSource, known_tasks
from dashboard.live.encode import png, read_upload
from dashboard.session.settings import Choices, Study
from dashboard.session.url import ADDRESS, decode

if TYPE_CHECKING:
    from dashboard.adapt.runs import Run
    from dashboard.jobs.fit_worker import Snapshot

SHOTS, SEEDS = (4, 100), (0, 9999)
"""What the widgets of the Adapt page can show."""

BRING = "Bring them first (on the page: “Bring your own images”; for a report: --data), then open the file again."


def view_file(study: Study, digest: str, lesson: Mapping[str, str] | None = None) -> bytes:
    """A study with the person's own pictures.

    Args:
        study: what the Explore page shows.
        digest: of the checkpoint.
        lesson: parameters of the lesson that goes on, if there is one.

    Raises:
        ValueError: the pictures are too many for one file.
    """
    picture = png(study.upload.pixels) if study.upload else None
    own = study.gallery.pictures if study.gallery else ()
    gallery = tuple((each.name, png(each.pixels)) for each in own)
    return write_view(SharedView(ADDRESS.texts(study) | dict(lesson or {}), picture, gallery, bool(lesson)), digest)


def opened_view(view: SharedView, choices: Choices) -> tuple[Study, tuple[str, ...]]:
    """The study of a file, and a sentence for each part that was replaced; its pictures are read as uploads are.

    Raises:
        ValueError: a picture in it is none.
    """
    upload = read_upload(view.picture, "The picture in the file") if view.picture is not None else None
    own = [(f"{name}.png", content) for name, content in view.gallery]
    study, problems = decode(view.address, choices, upload)
    return replace(study, gallery=read_gallery(own) if own else None), problems


def link(view: SharedView) -> str:
    """The address of a lesson's state, from the root of the dashboard; the parameter ``page`` names its page."""
    rest = {name: value for name, value in view.address.items() if name != "page"}
    page = view.address.get("page", "")
    return f"/{page if page.isalpha() else ''}?{urlencode(rest)}"


def shared_run(run: Run, seen: Snapshot, model: AmortisedExtractor) -> SharedRun:
    """What the Adapt page shows of a run; slices only if all are there."""
    task, setup = run.worker.task, run.setup
    own = setup.task not in {source.name for source in known_tasks(model.transforms)}
    cuts = seen.slices if len(seen.slices) == len(model.transforms) else ()
    return SharedRun(
        task.name, own, setup.shots, setup.seed, run.worker.settings, task.classes, thumbprint(task), seen.outcomes,
        seen.steps, seen.adapted, seen.outputs, cuts,
    )  # fmt: skip


def source_of(run: SharedRun, own: TaskSource | None, axes: tuple[Axis, ...]) -> TaskSource:
    """Where the images of a run come from.

    Args:
        own: the person's own images, if any have been brought.
        axes: of the model.

    Raises:
        ValueError: they are not here; a sentence that says which.
    """
    source = own if run.own else {each.name: each for each in known_tasks(axes)}.get(run.task)
    if source is None and run.own:
        raise ValueError(f"The run is of images that are not in the file ({shown(run.task)}). {BRING}")
    if source is None:
        name = shown(run.task)
        raise ValueError(f"There is no task called {name} in this version. Open the file where it was saved.")
    return source


def task_from(run: SharedRun, source: TaskSource) -> Task:
    """Draw the task of a run again.

    Raises:
        ValueError: the source gives other images.
    """
    task = source.with_shots(run.shots, run.seed)
    fits = run.outputs is None or len(run.outputs) == len(task.test)
    if same_images(run, task) and task.classes == run.classes and fits:
        return task
    raise ValueError(
        "The images here are not those of the run. Bring the folder that it was made from."
        if run.own
        else f"This computer draws other images for {run.task}: its packages have other versions. "
        "Open the file where it was saved."
    )


def task_shown(run: SharedRun, own: TaskSource | None, axes: tuple[Axis, ...]) -> Task:
    """The task of a run that the Adapt page can show.

    Raises:
        ValueError: see :func:`source_of` and :func:`task_from`; or the page has no such setup.
    """
    for what, value, (least, most) in (
        ("labelled images per class", run.shots, SHOTS),
        ("as its seed", run.seed, SEEDS),
    ):
        if not least <= value <= most:
            raise ValueError(f"The run has {value} {what}; the page shows runs with {least} to {most}.")
    return task_from(run, source_of(run, own, axes))
