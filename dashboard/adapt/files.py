"""A run of the Adapt page as a file of :mod:`core.sharing`, and back again; no Streamlit in here."""

from __future__ import annotations

from core.data.names import shown
from core.model.amortised import AmortisedExtractor
from core.sharing import SharedRun, same_images, thumbprint
from core.tasks import Task, TaskSource, offered_tasks
from dashboard.adapt.setup import SEEDS, SHOTS, Run
from dashboard.jobs.snapshot import Snapshot

BRING = "Bring them first (on the page: “Bring your own images”; for a report: --data), then open the file again."


def shared_run(run: Run, seen: Snapshot, model: AmortisedExtractor) -> SharedRun:
    """What the Adapt page shows of a run; slices only if all are there."""
    task, setup = run.worker.task, run.setup
    own = setup.task not in {source.name for source in offered_tasks(model.transforms, model.input_size)}
    cuts = seen.slices if len(seen.slices) == len(model.transforms) else ()
    return SharedRun(
        task.name, own, setup.shots, setup.seed, run.worker.settings, task.classes, thumbprint(task), seen.outcomes,
        seen.steps, seen.adapted, seen.outputs, cuts,
    )  # fmt: skip


def source_of(run: SharedRun, own: TaskSource | None, model: AmortisedExtractor) -> TaskSource:
    """Where the images of a run come from.

    Args:
        own: the person's own images, if any have been brought.
        model: for its axes and the size of its images.

    Raises:
        ValueError: they are not here; a sentence that says which.
    """
    source = (
        own
        if run.own
        else {each.name: each for each in offered_tasks(model.transforms, model.input_size)}.get(run.task)
    )
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


def task_shown(run: SharedRun, own: TaskSource | None, model: AmortisedExtractor) -> Task:
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
    return task_from(run, source_of(run, own, model))
