"""A run without a page: the same fit, judged in the same way, ready to be written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..adaptation import Fit, Settings, predict, prepared
from ..adaptation.preferences import slices
from ..baselines import OutOfReach, outcome_of, run_method, title_of
from ..model.amortised import AmortisedExtractor
from ..tasks import TaskSource, offered_tasks
from .runs import SharedRun, thumbprint


def record(
    model: AmortisedExtractor,
    source: TaskSource,
    shots: int,
    settings: Settings,
    baselines: Sequence[str] = (),
    progress: Callable[[str, float], None] = lambda text, share: None,
) -> tuple[SharedRun, tuple[str, ...]]:
    """Fit a task, and run baselines on the same images.

    Args:
        model: the amortised extractor.
        source: of the task; drawn with the seed of ``settings``.
        shots: labelled images per class.
        settings: of the fit.
        baselines: names in :data:`core.baselines.METHODS`.
        progress: called with a text and the share that is done.

    Returns:
        The run, and a sentence for each baseline that could not run.

    Raises:
        Diverged, ValueError: see :class:`core.adaptation.Fit`.
    """
    task = prepared(model, source.with_shots(shots, settings.seed))
    fit, steps = Fit(model, task, settings), []
    while not fit.done:
        steps.append(fit.advance())
        progress("fitting", 0.5 * len(steps) / (settings.steps * settings.restarts))
    adapted = fit.finish()
    outputs = predict(model, adapted, task.test)
    outcomes, missing = [outcome_of(task, adapted, steps, outputs)], []
    for number, name in enumerate(baselines):
        progress(title_of(name), 0.5 + 0.4 * number / len(baselines))
        try:
            outcomes.append(run_method(name, model, task, settings))
        except OutOfReach as error:
            missing.append(f"{title_of(name)} was left out: {error}")
    progress("slices", 0.9)
    cuts = tuple(slices(model, task, adapted.descriptor))
    own = source.name not in {each.name for each in offered_tasks(model.transforms)}
    marks = thumbprint(task)
    run = SharedRun(
        source.name, own, shots, settings.seed, settings, task.classes, marks, tuple(outcomes), tuple(steps),
        adapted, outputs, cuts,
    )  # fmt: skip
    return run, tuple(missing)
